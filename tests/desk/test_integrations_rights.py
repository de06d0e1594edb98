"""Which keys bring files, what a client may do, and when certificates end, on the desk."""

import re
from datetime import datetime, timedelta

import pytest

from housing_ach.clock.services import start, wall_time
from housing_ach.tenants.states import Role
from housing_ach.users.models import Client, ProofChange, SshKey
from housing_ach.users.ssh_keys import add_ssh_key
from housing_ach.users.states import ClientAuth, Scope
from housing_ach.webhooks.services import add_endpoint
from tests import integrations
from tests.api.calling import certificate, print_of
from tests.batches.town import NOON
from tests.desk.test_integrations_clients import approve, browser, changed, page
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
READ = [Scope.READ.value]


@pytest.fixture(autouse=True)
def noon():
    start(NOON)


def agree(who, key: SshKey):
    return who.post(f"/desk/integrations/ssh/{key.pk}/approve/", {"code": "first"})


def ends(days: float) -> datetime:
    """By the clock on the wall, wherever the business clock stands."""
    return wall_time() + timedelta(days=days)


def shown(client: Client) -> str:
    return " ".join(browser(Role.AUDITOR).get(page(client)).text.split())


def test_an_ssh_key_waits_for_a_second_person_and_then_opens_the_door():
    client, admin = integrations.register(), browser()

    admin.post(page(client, "ssh/"), {"line": integrations.public_key()})
    key = SshKey.objects.get()
    before = SshKey.objects.usable().exists()
    answer = agree(browser(Role.FINANCE), key)

    assert not before
    assert answer.url == page(client)
    assert SshKey.objects.usable().get() == key
    assert key.fingerprint in shown(client)


def test_whoever_added_an_ssh_key_does_not_approve_it():
    client, admin = integrations.register(), browser()
    admin.post(page(client, "ssh/"), {"line": integrations.public_key()})

    answer = agree(admin, SshKey.objects.get())

    assert answer.status_code == 422
    assert not SshKey.objects.usable().exists()


def test_a_wrong_code_approves_no_ssh_key():
    client = integrations.register()
    key = add_ssh_key(client, line=integrations.public_key(), by=UserFactory(), at=NOON)

    answer = browser().post(f"/desk/integrations/ssh/{key.pk}/approve/", {"code": "wrong"})

    assert answer.status_code == 422
    assert not SshKey.objects.usable().exists()


def test_what_is_no_public_key_is_told_at_its_field_and_not_repeated():
    client = integrations.register()
    private = "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1r"

    answer = browser().post(page(client, "ssh/"), {"line": private})

    assert answer.status_code == 422
    assert 'href="#id_line' in answer.text
    assert not SshKey.objects.exists()


def test_an_ssh_key_is_taken_away_at_once_and_history_tells_it():
    client, admin = integrations.register(), browser()
    key = add_ssh_key(client, line=integrations.public_key(), by=UserFactory(), at=NOON)

    admin.post(page(client, "act/"), {"do": "remove-ssh", "key": key.pk})

    assert not SshKey.objects.exists()
    assert "SSH key taken away" in shown(client)


def test_no_ssh_key_of_another_client_is_taken_away():
    client, other = integrations.register(), integrations.register(name="Other")
    key = add_ssh_key(other, line=integrations.public_key(), by=UserFactory(), at=NOON)

    answer = browser().post(page(client, "act/"), {"do": "remove-ssh", "key": key.pk})

    assert answer.status_code == 404
    assert SshKey.objects.exists()


def test_other_rights_wait_for_a_second_person():
    client, admin = integrations.register(), browser()
    since = client.proved_at

    admin.post(page(client, "scopes/"), {"scopes": [Scope.READ.value, Scope.RECON.value]})
    before = changed(client).scopes
    approve(browser(Role.FINANCE), client)

    assert before == client.scopes
    assert changed(client).scopes == [Scope.READ, Scope.RECON]
    assert changed(client).proved_at == since
    assert "Rights changed" in shown(client)


def test_whoever_asked_for_rights_does_not_approve_them():
    client, admin = integrations.register(), browser()
    admin.post(page(client, "scopes/"), {"scopes": READ})

    told = admin.get(page(client, "approve/"))
    seen = {"seen": told.context["form"]["seen"].value(), "code": "first"}
    answer = admin.post(page(client, "approve/"), seen)

    assert "It may then" in told.text
    assert answer.status_code == 422
    assert changed(client).scopes == client.scopes


@pytest.mark.parametrize("scopes", [[], [Scope.READ.value, Scope.WRITE.value], ["ach:all"]])
def test_rights_that_change_nothing_or_are_none_are_not_asked_for(scopes):
    client = integrations.register()

    answer = browser().post(page(client, "scopes/"), {"scopes": scopes})

    assert answer.status_code == 422
    assert not ProofChange.objects.exists()


def test_other_rights_wait_while_a_new_proof_waits():
    client, admin = integrations.register(), browser()
    admin.post(page(client, "proof/"))

    answer = admin.post(page(client, "scopes/"), {"scopes": READ})

    assert answer.status_code == 422
    assert "A change waits for its approval already" in answer.text


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_others_change_neither_rights_nor_keys(role):
    client, other = integrations.register(), browser(role)

    answers = [
        other.post(page(client, "scopes/"), {"scopes": READ}),
        other.post(page(client, "ssh/"), {"line": integrations.public_key()}),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert not ProofChange.objects.exists()
    assert not SshKey.objects.exists()


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (31, "good until"),
        (29.5, "Ends in 30 days"),
        (0.5, "Ends in 1 day"),
        (-1, "A certificate of it is over"),
    ],
)
def test_the_end_of_a_certificate_is_told(days, told):
    name = print_of(certificate())
    client = integrations.register(method=ClientAuth.CERTIFICATE, thumbprints=[name])
    Client.objects.filter(pk=client.pk).update(certificate_ends={name: ends(days).isoformat()})

    text = shown(client)

    assert told in text
    assert ("A certificate of it" in text) == (days < 30)


@pytest.mark.parametrize(
    ("days", "told"), [(31, ""), (20, "ends soon"), (-1, "we show there is over")]
)
def test_the_end_of_what_we_show_elsewhere_is_told(days, told):
    endpoint, _ = add_endpoint(
        client=integrations.register(), url="https://hooks.example/ach", at=NOON
    )
    posting = integrations.post_to("POSTED")
    row = {"identity": "0" * 32, "identity_ends_at": ends(days)}
    pages = {
        f"/desk/integrations/webhooks/{endpoint.pk}/": endpoint,
        f"/desk/integrations/erp/{posting.target_id}/": posting.target,
    }

    for path, at in pages.items():
        type(at).objects.filter(pk=at.pk).update(**row)
        text = browser(Role.AUDITOR).get(path).text

        assert "A certificate of ours," in text
        assert "Public authorities" in text
        assert told in text
        assert ("The certificate we show there" in text) == bool(told)


def test_the_files_of_a_client_are_seen_with_their_acks():
    client, other = integrations.register(), integrations.register(name="Other")
    own, foreign = integrations.drop(client, "rent.csv"), integrations.drop(other, "fees.csv")
    path = re.search(r'href="(/admin/api/droppedfile/[^"]+)"', shown(client))
    assert path
    finance = browser(Role.FINANCE)

    listed = finance.get(path.group(1)).text
    told = finance.get(f"/admin/api/droppedfile/{own.pk}/change/").text

    assert own.name in listed
    assert f"/admin/api/droppedfile/{foreign.pk}/" not in listed
    assert "#status,REFUSED" in told
    assert str(own.sealed) not in told
