"""Keys of the file drop: registered by one person, approved by another."""

from io import StringIO

import asyncssh
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from housing_ach.audit.models import Event
from housing_ach.clock import services as clock
from housing_ach.users.clients import (
    BadClient,
    NotTheSecondPerson,
    disable_client,
    set_networks,
)
from housing_ach.users.models import SshKey
from housing_ach.users.ssh_keys import add_ssh_key, approve_ssh_key, may_open, remove_ssh_key
from tests.api.calling import registered
from tests.factories import AT, UserFactory

pytestmark = pytest.mark.django_db
HERE = "203.0.113.7"


@pytest.fixture
def client(db):
    return registered()[0]


@pytest.fixture(scope="module")
def pair():
    return asyncssh.generate_private_key("ssh-ed25519", comment="ops@example.org")


def public(pair):
    return pair.export_public_key().decode()


def approved(client, pair):
    key = add_ssh_key(client, line=public(pair), by=UserFactory(), at=AT)
    approve_ssh_key(key, by=UserFactory(), at=AT)
    return key


def opens(client, pair):
    return may_open(client.client_id, pair.convert_to_public(), address=HERE)


def test_an_approved_key_lets_its_client_in(client, pair):
    key = approved(client, pair)

    assert opens(client, pair)
    assert "ops@example.org" not in key.line


def test_a_key_nobody_approved_does_not(client, pair):
    add_ssh_key(client, line=public(pair), by=UserFactory(), at=AT)

    assert not opens(client, pair)


def test_whoever_added_it_does_not_approve_it(client, pair):
    by = UserFactory()
    key = add_ssh_key(client, line=public(pair), by=by, at=AT)

    with pytest.raises(NotTheSecondPerson):
        approve_ssh_key(key, by=by, at=AT)
    with pytest.raises(IntegrityError):
        SshKey.objects.update(approved_by=by, approved_at=AT)


def test_the_key_of_another_client_does_not(client, pair):
    approved(client, pair)

    assert not opens(registered()[0], pair)


def test_a_disabled_client_is_not_let_in(client, pair):
    approved(client, pair)
    disable_client(client)

    assert not opens(client, pair)


def test_it_opens_only_from_where_the_client_may_call(client, pair):
    approved(client, pair)
    set_networks(client, ["198.51.100.0/24"])

    assert not opens(client, pair)


def test_a_removed_key_does_not(client, pair):
    remove_ssh_key(approved(client, pair))

    assert not opens(client, pair)


def test_each_change_is_history(client, pair):
    remove_ssh_key(approved(client, pair))

    told = Event.objects.filter(subject="users.sshkey").order_by("pk")
    assert list(told.values_list("kind", flat=True)) == ["row.insert", "row.update", "row.delete"]


@pytest.mark.parametrize(
    "line",
    ["", "ssh-ed25519 nonsense", 'command="sh" ssh-ed25519 AAAA', "-----BEGIN"],
)
def test_what_is_no_public_key_is_refused(client, line):
    with pytest.raises(BadClient):
        add_ssh_key(client, line=line, by=UserFactory(), at=AT)


def test_a_private_key_is_refused_and_not_told(client, pair):
    secret = pair.export_private_key().decode()

    with pytest.raises(BadClient) as refused:
        add_ssh_key(client, line=secret, by=UserFactory(), at=AT)
    assert "OPENSSH" not in str(refused.value)


def test_a_short_rsa_key_is_refused(client):
    short = asyncssh.generate_private_key("ssh-rsa", key_size=2048)

    with pytest.raises(BadClient):
        add_ssh_key(client, line=public(short), by=UserFactory(), at=AT)


def test_the_command_takes_two_people(client, pair, tmp_path):
    clock.start(AT)
    file = tmp_path / "id.pub"
    file.write_text(public(pair))
    one, other = UserFactory(is_staff=True), UserFactory(is_staff=True)
    call_command(
        "ssh_key", "add", client.client_id, str(file), "--by", one.email, stdout=StringIO()
    )
    key = SshKey.objects.get()

    with pytest.raises(CommandError):
        call_command("ssh_key", "approve", str(key.pk), "--by", one.email)
    call_command("ssh_key", "approve", str(key.pk), "--by", other.email, stdout=StringIO())
    said = StringIO()
    call_command("ssh_key", "list", stdout=said)

    assert said.getvalue() == f"{key.pk} {client} {key} approved\n"
    assert opens(client, pair)
