"""How a program is let in, changes its proof, and is noted at the door."""

from datetime import timedelta

import pytest

from housing_ach.users import proofs
from housing_ach.users.clients import (
    BadClient,
    NotTheSecondPerson,
    has_secret,
    may_call_from,
    set_networks,
)
from housing_ach.users.models import Client
from housing_ach.users.states import ClientAuth
from tests.api.calling import certificate, own_key, print_of, public, registered
from tests.factories import AT, UserFactory

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


def changed(client: Client) -> Client:
    return Client.objects.get(pk=client.pk)


def rotated(client: Client) -> str:
    change, secret = proofs.ask_for_secret(client, by=UserFactory(), at=LATER)
    proofs.approve_change(change, by=UserFactory(), at=LATER)
    return secret


def test_a_new_secret_counts_only_once_it_is_approved():
    client, old = registered()

    change, new = proofs.ask_for_secret(client, by=UserFactory(), at=LATER)
    before = has_secret(changed(client), new, at=LATER)
    proofs.approve_change(change, by=UserFactory(), at=LATER)

    assert not before
    assert has_secret(changed(client), new, at=LATER)
    assert has_secret(changed(client), old, at=LATER + timedelta(hours=23))
    assert not has_secret(changed(client), old, at=LATER + proofs.OVERLAP)


def test_a_disabled_clients_old_secret_ends_at_once():
    client, old = registered()
    Client.objects.update(is_active=False)

    new = rotated(client)

    assert not has_secret(changed(client), old, at=LATER)
    assert has_secret(changed(client), new, at=LATER)


def test_whoever_asked_for_a_proof_does_not_approve_it():
    client, _ = registered()
    clerk = UserFactory()
    change, _ = proofs.ask_for_secret(client, by=clerk, at=LATER)

    with pytest.raises(NotTheSecondPerson):
        proofs.approve_change(change, by=clerk, at=LATER)


def test_one_change_waits_at_a_time_and_a_dropped_one_never_counts():
    client, _ = registered()
    change, dropped = proofs.ask_for_secret(client, by=UserFactory(), at=LATER)

    with pytest.raises(proofs.AlreadyWaiting):
        proofs.ask_for_secret(client, by=UserFactory(), at=LATER)
    proofs.drop_change(change, at=LATER)

    with pytest.raises(proofs.NothingWaits):
        proofs.approve_change(change, by=UserFactory(), at=LATER)
    assert not has_secret(changed(client), dropped, at=LATER)


def test_keys_count_side_by_side_until_the_old_one_is_taken_away():
    old, new = own_key(), own_key()
    client, _ = registered(method=ClientAuth.KEY, jwks=public(old))

    change = proofs.ask_for_keys(client, public(new), by=UserFactory(), at=LATER)
    proofs.approve_change(change, by=UserFactory(), at=LATER)
    both = proofs.kids_of(changed(client).jwks)
    proofs.remove_proof(client, str(old.kid))

    assert both == [old.kid, new.kid]
    assert proofs.kids_of(client.jwks) == [new.kid]
    with pytest.raises(proofs.LastProof):
        proofs.remove_proof(client, str(new.kid))


def test_a_key_needs_a_name_nobody_else_has():
    key = own_key()
    client, _ = registered(method=ClientAuth.KEY, jwks=public(key))

    with pytest.raises(BadClient, match="kid"):
        proofs.ask_for_keys(client, public(key), by=UserFactory(), at=LATER)


def test_certificates_are_known_by_their_thumbprint():
    first, second = certificate(), certificate()
    client, _ = registered(method=ClientAuth.CERTIFICATE, thumbprints=(print_of(first),))
    now = proofs.thumbprints_of(second, at=AT)

    change = proofs.ask_for_certificates(client, now, by=UserFactory(), at=LATER)
    proofs.approve_change(change, by=UserFactory(), at=LATER)

    assert changed(client).thumbprints == [print_of(first), print_of(second)]
    with pytest.raises(BadClient, match="has it already"):
        proofs.ask_for_certificates(changed(client), now, by=UserFactory(), at=LATER)


@pytest.mark.parametrize("text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAA=="])
def test_what_is_no_certificate_is_refused(text):
    with pytest.raises(BadClient, match="no certificate"):
        proofs.thumbprints_of(text, at=AT)


def test_a_certificate_that_is_over_is_refused():
    with pytest.raises(BadClient, match="any more"):
        proofs.thumbprints_of(certificate(), at=AT + timedelta(days=3650))


@pytest.mark.parametrize(
    ("address", "may"),
    [("10.1.2.3", True), ("192.0.2.7", True), ("192.0.2.8", False), ("2001:db8::1", True),
     ("::ffff:192.0.2.7", True), ("", False), ("::1", False)],
)  # fmt: skip
def test_a_client_calls_from_its_networks_alone(address, may):
    client, _ = registered()

    set_networks(client, ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"])

    assert may_call_from(client, address) == may


def test_without_networks_it_calls_from_anywhere():
    client, _ = registered()

    assert may_call_from(client, "203.0.113.9")


@pytest.mark.parametrize("network", ["10.0.0.1/8", "somewhere", "300.0.0.0/8"])
def test_what_is_no_network_is_refused(network):
    client, _ = registered()

    with pytest.raises(BadClient, match="networks"):
        set_networks(client, [network])
