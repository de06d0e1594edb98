"""What payers are told of every return code: all of them, in words that everybody reads."""

import re

import pytest

from housing_ach.returns.plain_words import BANK, PLAIN_WORDS, plain_words
from housing_ach.returns.policy import POLICY

JARGON = re.compile(r"\bR\d\d\b|ODFI|RDFI|NSF|originat|debit entr|reinitiat|addenda", re.IGNORECASE)
GRADE = 8


def syllables(word):
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith(("le", "ee"))
    return max(1, groups - silent)


def grade(text):
    """Flesch and Kincaid's, in years of school."""
    sentences = len(re.findall(r"[.!?]+", text))
    words = re.findall(r"[A-Za-z']+", text)
    parts = sum(map(syllables, words))
    return 0.39 * len(words) / sentences + 11.8 * parts / len(words) - 15.59


def test_every_code_of_the_policy_has_its_words():
    assert set(PLAIN_WORDS) == set(POLICY)


@pytest.mark.parametrize("code", sorted(POLICY))
def test_everybody_can_read_them(code):
    words = plain_words(code)
    told = f"{words.title}. {words.happened} {words.next_step}"

    assert grade(told) <= GRADE
    assert not JARGON.search(told)


def test_a_grade_tells_hard_words_from_easy_ones():
    hard = "The originating depository institution reinitiated an unauthorised transaction."

    assert grade(hard) > 12


def test_what_nobody_published_is_the_banks_to_explain():
    assert plain_words("R99") == BANK
