import re
from uuid import uuid4

import pytest
from django.db import transaction

from housing_ach.vault import services
from housing_ach.vault.keys import MONEY, RINGS, SERVICE, CannotOpen, add_pair, make_missing
from housing_ach.vault.models import DataKey, Secret
from housing_ach.vault.services import (
    broken_secrets,
    fingerprint,
    fingerprints,
    reveal,
    reveal_many,
    rewrap,
    seal,
    seal_many,
)

NUMBER = b"900000042"
CONTEXT = "021000021|CHECKING|0042"


pytestmark = pytest.mark.usefixtures("keys")


@pytest.mark.parametrize("ring", RINGS)
def test_what_is_sealed_opens_again(db, ring):
    token = seal(ring, NUMBER, context=CONTEXT)

    assert reveal(token, context=CONTEXT) == NUMBER


def test_the_row_does_not_hold_the_plaintext(db):
    row = Secret.objects.get(pk=seal(MONEY, NUMBER, context=CONTEXT))

    assert NUMBER not in bytes(row.sealed)
    assert len(row.sealed) == 12 + len(NUMBER) + 16


def test_the_same_number_is_never_sealed_alike(db):
    first, second = seal_many(MONEY, [(NUMBER, CONTEXT)] * 2)

    assert first != second
    assert Secret.objects.values("sealed").distinct().count() == 2


def test_many_are_sealed_in_the_order_given_with_few_questions(db, django_assert_max_num_queries):
    given = [(f"{n:09}".encode(), f"context {n}") for n in range(1500)]

    with django_assert_max_num_queries(12):
        tokens = seal_many(MONEY, given)
        opened = reveal_many(
            {token: context for token, (_, context) in zip(tokens, given, strict=True)}
        )

    assert [opened[token] for token in tokens] == [plaintext for plaintext, _ in given]


def test_another_context_does_not_open_it(db):
    token = seal(MONEY, NUMBER, context=CONTEXT)

    with pytest.raises(CannotOpen, match=str(token)) as told:
        reveal(token, context="021000021|SAVINGS|0042")

    assert told.value.ids == (token,)
    assert NUMBER.decode() not in str(told.value)


def test_a_ciphertext_moved_to_another_row_does_not_open(db):
    first, second = seal_many(MONEY, [(NUMBER, CONTEXT), (b"900000043", CONTEXT)])
    rows = Secret.objects.in_bulk([first, second])
    rows[second].sealed = rows[first].sealed

    with pytest.raises(CannotOpen, match="was changed, or sealed for another use"):
        services.Ciphers().open(rows[second], CONTEXT)


def test_a_changed_ring_does_not_open(db):
    row = Secret.objects.get(pk=seal(MONEY, NUMBER, context=CONTEXT))
    row.ring = SERVICE

    with pytest.raises(CannotOpen):
        services.Ciphers().open(row, CONTEXT)


def test_an_unknown_token_is_named(db):
    unknown = uuid4()

    with pytest.raises(CannotOpen, match=f"{unknown}: not in the vault"):
        reveal(unknown, context=CONTEXT)


def test_without_the_private_half_money_is_sealed_but_not_opened(db, settings):
    settings.VAULT_MONEY_PRIVATE = False

    token = seal(MONEY, NUMBER, context=CONTEXT)

    with pytest.raises(CannotOpen, match="seals but does not open"):
        reveal(token, context=CONTEXT)
    settings.VAULT_MONEY_PRIVATE = True
    assert reveal(token, context=CONTEXT) == NUMBER


def test_without_the_private_half_of_money_services_still_open(db, settings):
    settings.VAULT_MONEY_PRIVATE = False

    token = seal(SERVICE, b"whsec_made_up", context="endpoint 1")

    assert reveal(token, context="endpoint 1") == b"whsec_made_up"


def test_a_lost_key_file_is_named(db, keys):
    token = seal(MONEY, NUMBER, context=CONTEXT)
    (keys / "money-0001.pem").unlink()

    with pytest.raises(CannotOpen, match=f"{token}: key money-0001: No such file"):
        reveal(token, context=CONTEXT)


def test_another_installations_key_is_told(db, settings, tmp_path):
    token = seal(MONEY, NUMBER, context=CONTEXT)
    make_missing(tmp_path)
    settings.VAULT_KEY_DIR = tmp_path

    with pytest.raises(CannotOpen, match="did not wrap this data key"):
        reveal(token, context=CONTEXT)


def test_a_data_key_serves_many_secrets(db):
    seal(MONEY, NUMBER, context=CONTEXT)
    seal(MONEY, NUMBER, context=CONTEXT)

    assert DataKey.objects.filter(ring=MONEY).count() == 1


def test_a_data_key_is_left_when_it_is_used_up(db, monkeypatch):
    monkeypatch.setattr(services, "USES", 2)
    monkeypatch.setattr(services, "_sealers", {})

    seal_many(MONEY, [(NUMBER, CONTEXT)] * 2)
    seal(MONEY, NUMBER, context=CONTEXT)

    assert DataKey.objects.filter(ring=MONEY).count() == 2


def test_a_data_key_is_left_after_a_day(db, monkeypatch):
    monkeypatch.setattr(services, "_sealers", {})
    seal(MONEY, NUMBER, context=CONTEXT)
    later = services.time.monotonic() + services.SECONDS + 1
    monkeypatch.setattr(services.time, "monotonic", lambda: later)

    seal(MONEY, NUMBER, context=CONTEXT)

    assert DataKey.objects.filter(ring=MONEY).count() == 2


@pytest.mark.parametrize("outer", [False, True])
def test_a_data_key_that_was_rolled_back_seals_nothing_more(db, outer):
    """In a savepoint as in a whole transaction."""
    with transaction.atomic():
        if outer:
            DataKey.objects.count()
        with transaction.atomic():
            seal(MONEY, NUMBER, context=CONTEXT)
            transaction.set_rollback(True)
        token = seal(MONEY, NUMBER, context=CONTEXT)

    assert reveal(token, context=CONTEXT) == NUMBER


def test_a_data_key_whose_row_a_restore_replaced_seals_nothing_more(db):
    seal(MONEY, NUMBER, context=CONTEXT)
    row = DataKey.objects.get()
    DataKey.objects.filter(pk=row.pk).update(wrapped=b"another key's")

    token = seal(MONEY, NUMBER, context=CONTEXT)

    assert Secret.objects.get(token=token).data_key_id != row.pk


def test_equal_accounts_have_equal_fingerprints_and_others_others(db):
    assert fingerprint("021000021", "900000042") == fingerprint("021000021", "900000042")
    assert fingerprint("021000021", "900000042") != fingerprint("011000015", "900000042")
    assert fingerprint("021000021", "900000042") != fingerprint("021000021", "900000043")


def test_a_fingerprint_names_its_key_and_has_256_bits():
    key_id, mark = fingerprint("021000021", "900000042")

    assert (key_id, len(mark)) == ("fingerprint-0001", 32)


def test_a_search_knows_the_fingerprint_of_every_key(keys):
    (keys / "fingerprint-0002.key").write_bytes(b"k" * 32)

    found = fingerprints("021000021", "900000042")

    assert [key_id for key_id, _ in found] == ["fingerprint-0002", "fingerprint-0001"]
    assert found[0] == fingerprint("021000021", "900000042")
    assert found[0][1] != found[1][1]


def test_rewrapping_changes_the_key_and_no_secret(db, keys):
    token = seal(MONEY, NUMBER, context=CONTEXT)
    other = seal(SERVICE, b"x", context="y")
    sealed = bytes(Secret.objects.get(pk=token).sealed)
    newest = add_pair(keys, MONEY)

    assert rewrap(MONEY) == 1
    assert rewrap(MONEY) == 0

    (keys / "money-0001.pem").unlink()
    assert newest == "money-0002"
    assert reveal(token, context=CONTEXT) == NUMBER
    assert reveal(other, context="y") == b"x"
    assert bytes(Secret.objects.get(pk=token).sealed) == sealed


def test_a_secret_that_does_not_open_is_found_and_named(committed_db):
    good, bad = seal_many(MONEY, [(NUMBER, CONTEXT)] * 2)
    with committed_db.connect("superuser") as superuser:
        superuser.execute("UPDATE vault_secret SET context = 'x' WHERE token = %s", [bad])

    ((token, reason),) = broken_secrets()

    assert token == bad
    assert str(good) not in reason


def test_nothing_shows_a_secret_or_a_key(db):
    token = seal(MONEY, NUMBER, context=CONTEXT)
    row = Secret.objects.get(pk=token)

    shown = " ".join(
        map(repr, [row, row.data_key, services.provider(), *services._sealers.values()])
    )

    assert NUMBER.decode() not in shown
    assert not re.search(r"PRIVATE|b'|\\x", shown)
