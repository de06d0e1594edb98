"""Letting programs in, changing how they prove themselves, and shutting them out, on the desk."""

import json
import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django_otp.plugins.otp_static.models import StaticDevice

from housing_ach.audit.models import Event
from housing_ach.clock.services import advance, start
from housing_ach.desk.roles import give_role
from housing_ach.desk.templatetags.money import newyork
from housing_ach.tenants.states import Role
from housing_ach.users.clients import has_secret
from housing_ach.users.models import Client, ProofChange, User
from housing_ach.users.states import ClientAuth
from housing_ach.users.uses import note_failure, note_use
from tests import integrations
from tests.api.calling import certificate, own_key, print_of, public
from tests.batches.town import NOON
from tests.desk.signing_in import verified
from tests.factories import PropertyFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "/desk/integrations/clients/"
SECRET = re.compile(r"data-secret>\s*(\S+)\s*<")


@pytest.fixture(autouse=True)
def noon():
    start(NOON)


def browser(role: Role = Role.ADMIN, user: User | None = None) -> Browser:
    user = user or UserFactory(is_staff=True)
    give_role(user, role)
    device = StaticDevice.objects.create(user=user, name="codes")
    for code in ("first", "second", "third"):
        device.token_set.create(token=code)
    return verified(user)


def page(client: Client, more: str = "") -> str:
    return f"{LIST}{client.pk}/{more}"


def register(admin: Browser, **typed: object):
    form = {"name": "Ledger sync", "scopes": ["ach:read"], "method": ClientAuth.SECRET.value}
    return admin.post(f"{LIST}new/", form | typed)


def secret_on(answer) -> str:
    found = SECRET.search(answer.text)
    assert found
    return found.group(1)


def approve(who: Browser, client: Client, *, code: str = "first"):
    asked = who.get(page(client, "approve/")).context["form"]
    return who.post(page(client, "approve/"), {"code": code, "seen": asked["seen"].value()})


def changed(client: Client) -> Client:
    return Client.objects.get(pk=client.pk)


def test_a_client_waits_for_a_second_person_and_then_may_call():
    made = register(browser())
    client = Client.objects.get()
    waiting = client.is_active

    answer = approve(browser(Role.FINANCE), client)

    assert made.status_code == 200
    assert not waiting
    assert answer.url == page(client)
    assert changed(client).is_active


def test_the_secret_is_shown_once_and_kept_nowhere():
    admin = browser()

    answer = register(admin)
    secret = secret_on(answer)
    client = Client.objects.get()

    assert has_secret(client, secret, at=NOON)
    assert "no-store" in answer["Cache-Control"]
    assert secret not in admin.get(page(client)).text
    assert secret not in json.dumps(list(Event.objects.values("data")))
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert secret not in json.dumps(sessions)


def test_a_page_sent_again_makes_no_second_client():
    admin = browser()

    register(admin)
    again = register(admin)

    assert again.status_code == 422
    assert Client.objects.count() == 1


def test_whoever_registered_a_client_does_not_approve_it():
    keeper = UserFactory(is_staff=True)
    admin = browser(user=keeper)
    register(admin)
    client = Client.objects.get()

    shown = admin.get(page(client, "approve/"))
    seen = shown.context["form"]["seen"].value()
    answer = admin.post(page(client, "approve/"), {"code": "first", "seen": seen})

    assert "somebody else has to approve it" in shown.text
    assert answer.status_code == 422
    assert not changed(client).is_active


def test_a_wrong_code_approves_nothing():
    register(browser())
    client = Client.objects.get()

    answer = approve(browser(), client, code="wrong")

    assert answer.status_code == 422
    assert not changed(client).is_active


def test_only_what_was_seen_is_approved():
    register(browser())
    client, other = Client.objects.get(), browser()
    seen = other.get(page(client, "approve/")).context["form"]["seen"].value()
    Client.objects.update(scopes=["ach:read", "ach:write"])

    answer = other.post(page(client, "approve/"), {"code": "first", "seen": seen})

    assert answer.status_code == 422
    assert "changed while you looked" in answer.text
    assert not changed(client).is_active


def test_a_client_shows_its_certificate_from_a_file():
    pem = certificate()
    file = SimpleUploadedFile("client.pem", pem.encode())

    answer = register(browser(), method=ClientAuth.CERTIFICATE.value, file=file)

    assert answer.status_code == 200
    assert "data-secret" not in answer.text
    assert Client.objects.get().thumbprints == [print_of(pem)]


def test_a_client_signs_with_its_own_key():
    key = own_key()
    jwks = json.dumps(public(key))

    register(browser(), method=ClientAuth.KEY.value, jwks=jwks)

    assert Client.objects.get().jwks == public(key)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"method": ClientAuth.KEY.value, "jwks": "no json"}, "id_jwks"),
        ({"method": ClientAuth.KEY.value, "jwks": '{"keys": []}'}, "id_jwks"),
        ({"method": ClientAuth.CERTIFICATE.value, "certificate": "nothing"}, "id_certificate"),
        ({"networks": "everywhere"}, "id_networks"),
        ({"scopes": []}, "id_scopes"),
    ],
)
def test_what_makes_no_client_is_told_at_its_field(typed, field):
    answer = register(browser(), **typed)

    assert answer.status_code == 422
    assert f'href="#{field}' in answer.text
    assert not Client.objects.exists()


def test_a_private_key_is_refused_and_not_repeated_in_the_records():
    private = json.dumps({"keys": [own_key().as_dict(private=True)]})

    answer = register(browser(), method=ClientAuth.KEY.value, jwks=private)

    assert answer.status_code == 422
    assert not Client.objects.exists()


def test_a_rotated_secret_counts_after_a_second_person():
    admin, client = browser(), integrations.register()

    new = secret_on(admin.post(page(client, "proof/")))
    before = has_secret(changed(client), new, at=NOON)
    approve(browser(Role.FINANCE), client)

    assert not before
    assert has_secret(changed(client), new, at=NOON)


def test_a_second_rotation_waits_for_the_first():
    admin, client = browser(), integrations.register()
    admin.post(page(client, "proof/"))

    again = admin.post(page(client, "proof/"))

    assert again.status_code == 422
    assert ProofChange.objects.count() == 1


def test_what_waits_is_dropped():
    admin, client = browser(), integrations.register()
    new = secret_on(admin.post(page(client, "proof/")))

    admin.post(page(client, "act/"), {"do": "drop"})
    answer = browser().get(page(client, "approve/"))

    assert answer.url == page(client)
    assert not has_secret(changed(client), new, at=NOON)


def test_another_certificate_is_added_and_the_old_one_taken_away():
    old, new = certificate(), certificate()
    client = integrations.register(method=ClientAuth.CERTIFICATE, thumbprints=[print_of(old)])
    admin = browser()

    admin.post(page(client, "proof/"), {"certificate": new})
    approve(browser(), client)
    both = changed(client).thumbprints
    admin.post(page(client, "act/"), {"do": "remove", "proof": print_of(old)})
    last = admin.post(page(client, "act/"), {"do": "remove", "proof": print_of(new)})

    assert both == [print_of(old), print_of(new)]
    assert changed(client).thumbprints == [print_of(new)]
    assert last.status_code == 422


def test_another_key_is_added():
    old, new = own_key(), own_key()
    client = integrations.register(method=ClientAuth.KEY, jwks=public(old))

    browser().post(page(client, "proof/"), {"jwks": json.dumps(public(new))})
    approve(browser(), client)

    assert [key["kid"] for key in changed(client).jwks["keys"]] == [old.kid, new.kid]


def test_a_disabled_client_is_enabled_with_a_fresh_code_alone():
    admin, client = browser(), integrations.register()

    admin.post(page(client, "act/"), {"do": "disable"})
    off = changed(client).is_active
    wrong = browser().post(page(client, "enable/"), {"code": "wrong"})
    still = changed(client).is_active
    admin.post(page(client, "enable/"), {"code": "first"})

    assert (off, still, wrong.status_code) == (False, False, 422)
    assert changed(client).is_active


def test_the_networks_of_a_client_are_changed():
    admin, client = browser(), integrations.register()

    admin.post(page(client, "networks/"), {"networks": "10.0.0.0/8\n192.0.2.7"})
    wrong = admin.post(page(client, "networks/"), {"networks": "10.0.0.1/8"})

    assert changed(client).networks == ["10.0.0.0/8", "192.0.2.7/32"]
    assert wrong.status_code == 422


def test_an_old_key_is_pointed_out():
    client, admin = integrations.register(), browser()
    Client.objects.update(approved_at=NOON - timedelta(days=89))

    before = admin.get(LIST).text, admin.get(page(client)).text
    advance(NOON + timedelta(days=1, minutes=1))
    after = browser().get(LIST).text

    assert "89 days" in before[0]
    assert "time for another one" not in before[1]
    assert "90 days" in after
    assert 'class="badge is-warn"' in after
    assert "time for another one" in browser().get(page(client)).text


def test_the_list_shows_how_each_fares():
    client = integrations.register()
    note_use(client, address="192.0.2.7", at=NOON)
    note_failure(client, "Client authentication failed", address="203.0.113.9", at=NOON)

    listed = browser(Role.AUDITOR).get(LIST).text
    told = browser(Role.AUDITOR).get(page(client)).text

    assert newyork(NOON) in listed
    assert "203.0.113.9: Client authentication failed" in " ".join(told.split())


def test_the_list_is_filtered():
    integrations.register(name="One")
    integrations.register(name="Two")
    Client.objects.filter(name="Two").update(is_active=False)
    admin = browser()

    def listed(**filters: str) -> list[str]:
        table = admin.get(LIST, filters).context["table"]
        return [row.record.name for row in table.paginated_rows]

    assert listed(state="DISABLED") == ["Two"]
    assert listed(q="one") == ["One"]
    assert listed(scope="ach:recon") == []


def test_history_tells_who_did_what():
    admin, client = browser(), integrations.register()

    admin.post(page(client, "act/"), {"do": "disable"})

    told = admin.get(page(client)).text
    assert "Registered" in told
    assert "Approved" in told
    assert "<strong>Disabled</strong>" in told


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_others_look_and_set_nothing_up(role):
    client, other = integrations.register(), browser(role)

    shown = other.get(page(client)).text
    answers = [
        other.get(f"{LIST}new/"),
        other.post(page(client, "act/"), {"do": "disable"}),
        other.post(page(client, "proof/")),
        other.post(page(client, "networks/"), {"networks": ""}),
    ]

    assert "Disable the client" not in shown
    assert {answer.status_code for answer in answers} == {403}
    assert changed(client).is_active


def test_an_auditor_approves_nothing():
    register(browser())
    client = Client.objects.get()

    assert browser(Role.AUDITOR).get(page(client, "approve/")).status_code == 403


def test_whoever_works_for_one_property_sees_no_programs():
    clerk = UserFactory(is_staff=True)
    give_role(clerk, Role.FINANCE, to=PropertyFactory())
    here = verified(clerk)

    assert here.get(LIST).status_code == 403
    assert "/desk/integrations/" not in here.get("/desk/").text
    assert "/desk/integrations/" in browser(Role.FINANCE).get("/desk/").text
