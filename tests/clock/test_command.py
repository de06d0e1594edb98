from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from housing_ach.audit.models import Event


def told(*arguments):
    out = StringIO()
    call_command("clock", *arguments, stdout=out)
    return out.getvalue()


def test_it_advances_to_a_new_york_time_and_shows_it(db):
    line = "Mon 2031-03-10 14:30 EDT (2031-03-10 18:30 UTC)\n"

    assert told("advance", "--to", "2031-03-10T14:30") == line
    assert told("show") == line


def test_it_advances_by_days(db):
    told("advance", "--to", "2031-03-07")

    assert told("advance", "--days", "3").startswith("Mon 2031-03-10 00:00 EDT")


def test_it_acts_under_its_name(db):
    told("advance", "--to", "2031-03-07")

    assert Event.objects.latest("id").actor == "command:clock"


@pytest.mark.parametrize(
    "arguments",
    [("advance", "--to", "2020-01-01"), ("advance", "--to", "tomorrow"), ("advance",), ()],
)
def test_what_cannot_be_is_an_error(db, arguments):
    with pytest.raises(CommandError):
        told(*arguments)


def test_live_mode_refuses(db, settings):
    settings.LIVE_MODE = True

    with pytest.raises(CommandError, match="live mode"):
        told("advance", "--days", "1")
