import json

import pytest
from django.core.management import CommandError, call_command

from bin.stack.machine_api import make_certificates
from housing_ach.api.certificates import thumbprint
from housing_ach.users.models import Client
from housing_ach.users.states import Scope

pytestmark = pytest.mark.django_db


def let_in(folder):
    call_command("demo_client", folder=folder)
    return json.loads((folder / "client.json").read_text())


def test_the_demo_program_is_let_in_by_two_people_and_its_certificate(tmp_path, settings):
    settings.API_URL = "https://127.0.0.1:18443"
    make_certificates(tmp_path)

    note = let_in(tmp_path)

    client = Client.objects.get(client_id=note["client_id"])
    assert client.thumbprints == [thumbprint((tmp_path / "client.crt").read_text())]
    assert set(client.scopes) == set(Scope.values)
    assert client.is_active
    assert client.made_by != client.approved_by
    assert note["token_endpoint"] == "https://127.0.0.1:18443/oauth/token"
    assert (tmp_path / "client.json").stat().st_mode & 0o777 == 0o600


def test_it_is_the_same_program_the_next_time(tmp_path):
    make_certificates(tmp_path)

    assert let_in(tmp_path)["client_id"] == let_in(tmp_path)["client_id"]


def test_live_mode_lets_no_demo_program_in(tmp_path, settings):
    settings.LIVE_MODE = True
    make_certificates(tmp_path)

    with pytest.raises(CommandError, match="live mode"):
        call_command("demo_client", folder=tmp_path)
