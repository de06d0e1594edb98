"""Preconditions of RFC 9110 13, by themselves."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from housing_ach.api.etags import NoMatchGiven, Stale, etag_of, is_known, require_match

TAG = etag_of({"name": "3B"})


def asking(**headers):
    return Request(APIRequestFactory().get("/", headers=headers))


def test_a_tag_is_of_the_content_alone():
    assert etag_of({"a": 1, "b": 2}) == etag_of({"b": 2, "a": 1}) != etag_of({"a": 1, "b": 3})
    assert TAG.startswith('"')


def test_a_tag_needs_our_key(settings):
    settings.SECRET_KEY = "another"

    assert etag_of({"name": "3B"}) != TAG


@pytest.mark.parametrize("given", [TAG, f'"old", {TAG}', "*"])
def test_a_change_of_what_was_seen_goes_on(given):
    require_match(asking(**{"If-Match": given}), TAG)


@pytest.mark.parametrize("given", ['"old"', f"W/{TAG}", "", "no tag"])
def test_a_change_of_anything_else_is_stale(given):
    with pytest.raises(Stale):
        require_match(asking(**{"If-Match": given}), TAG)


def test_nothing_matches_what_is_not_there():
    with pytest.raises(Stale):
        require_match(asking(**{"If-Match": "*"}), None)


def test_a_change_says_what_it_saw():
    require_match(asking(), TAG, needed=False)
    with pytest.raises(NoMatchGiven):
        require_match(asking(), TAG)


@pytest.mark.parametrize(
    ("given", "known"),
    [(TAG, True), (f"W/{TAG}", True), ("*", True), ('"old"', False), ("", False)],
)
def test_what_is_known_is_compared_weakly(given, known):
    assert is_known(asking(**{"If-None-Match": given}), TAG) is known
