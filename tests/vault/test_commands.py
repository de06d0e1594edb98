from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from housing_ach.audit.models import Event
from housing_ach.vault.models import DataKey
from housing_ach.vault.services import reveal, seal

pytestmark = pytest.mark.usefixtures("keys")


def told(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_vault_init_makes_what_is_missing(db, keys):
    (keys / "fingerprint-0001.key").unlink()

    assert told("vault_init") == "made fingerprint-0001\n"
    assert told("vault_init") == "made nothing: all keys are there\n"


def test_vault_rotate_wraps_every_data_key_anew(db):
    token = seal("money", b"900000042", context="account")

    assert "money-0002 wraps 1 data keys" in told("vault_rotate", "--kek", "--ring", "money")

    assert DataKey.objects.get().kek == "money-0002"
    assert reveal(token, context="account") == b"900000042"
    trail = Event.objects.filter(kind="row.update", subject="vault.datakey").get()
    assert trail.actor == "command:vault_rotate"
    assert trail.data == {
        "old": {"kek": "money-0001"},
        "new": {"kek": "money-0002"},
        "secret": ["wrapped"],
    }


def test_vault_verify_opens_everything(db):
    seal("money", b"900000042", context="account")

    assert told("vault_verify") == "every secret opens\n"


def test_vault_verify_names_what_does_not_open_and_fails(db, keys):
    token = seal("money", b"900000042", context="account")
    (keys / "money-0001.pem").unlink()
    out = StringIO()

    with pytest.raises(CommandError, match="1 secrets do not open"):
        call_command("vault_verify", stdout=out)

    assert str(token) in out.getvalue()
    assert "900000042" not in out.getvalue()
