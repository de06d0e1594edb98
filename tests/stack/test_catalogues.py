"""Tenants read everything in English or Spanish."""

import re

import pytest
from django.test import Client
from django.utils import translation

from bin.stack.catalogues import catalogue, texts

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
MAKE = "run  python -m bin.stack.catalogues update  and translate what is new in django.po"


def test_everything_tenants_read_has_a_spanish_text():
    spanish = catalogue()
    without = set()
    for place, text, context in texts():
        found = spanish.get(text, context)
        said = found.string if found else ""
        if not (all(said) if isinstance(said, tuple) else said):
            without.add((place, text))

    assert not without, MAKE


def test_spanish_names_the_same_values():
    def named(text):
        return set(PLACEHOLDER.findall(text))

    other = {
        message.id
        for message in catalogue()
        for said in (message.string if isinstance(message.string, tuple) else (message.string,))
        if said
        and named(message.id[-1] if isinstance(message.id, tuple) else message.id) != named(said)
    }

    assert not other


@pytest.mark.django_db
def test_a_page_speaks_spanish_to_who_chose_it():
    client = Client()
    client.post("/language/setlang/", {"language": "es"})

    answer = client.get("/account/password/")

    assert '<html lang="es"' in answer.text
    assert "Contraseña olvidada" in answer.text


def test_django_finds_what_setup_compiled():
    with translation.override("es"):
        assert translation.gettext("Pay now") == "Pagar ahora"
