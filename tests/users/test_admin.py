import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from housing_ach.audit.models import Chain, Digest, Event
from housing_ach.clock.models import Clock, Run
from housing_ach.users.middleware import ActingMiddleware
from housing_ach.users.models import User
from housing_ach.users.services import create_staff
from tests.portal.signing_in import give_code, give_password

PASSWORD = "a made-up pass phrase"


@pytest.fixture
def root(db):
    user = create_staff(email="root@example.org", name="Root", password=PASSWORD)
    user.is_superuser = True
    user.save()
    return user


@pytest.fixture
def signed_in(client, root):
    """Password and second factor shown."""
    client.force_login(root)
    session = client.session
    session["otp_device_id"] = TOTPDevice.objects.get(user=root).persistent_id
    session.save()
    return client


def test_a_password_alone_opens_no_record(client, root):
    client.force_login(root)

    answer = client.get(reverse("admin:index"))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("two_factor:login"))


def test_with_the_second_factor_the_records_are_there(signed_in):
    answer = signed_in.get(reverse("admin:index"))

    assert answer.status_code == 200
    assert "HMS-ACH" in answer.text


@pytest.mark.parametrize("model", [Event, Digest, Chain, Clock, Run])
def test_history_and_clock_are_looked_at_and_never_touched(signed_in, rf, root, model):
    model_admin = admin.site._registry[model]
    request = rf.get("/")
    request.user = root

    assert not model_admin.has_add_permission(request)
    assert not model_admin.has_change_permission(request)
    assert not model_admin.has_delete_permission(request)
    name = model._meta.model_name
    answer = signed_in.get(reverse(f"admin:{model._meta.app_label}_{name}_changelist"))
    assert answer.status_code == 200


def test_one_event_is_shown(signed_in):
    event = Event.objects.first()

    answer = signed_in.get(reverse("admin:audit_event_change", args=[event.pk]))

    assert answer.status_code == 200


def test_the_vault_is_in_no_admin():
    assert {model._meta.app_label for model in admin.site._registry}.isdisjoint({"vault"})


def test_a_user_is_added_and_the_trail_names_who_did_it(signed_in, root):
    form = {"email": "new@example.org", "name": "New", "usable_password": "true",
            "password1": PASSWORD, "password2": PASSWORD}  # fmt: skip

    answer = signed_in.post(reverse("admin:users_user_add"), form)

    assert answer.status_code == 302
    made = User.objects.get(email="new@example.org")
    event = Event.objects.get(subject="users.user", subject_id=str(made.pk), kind="row.insert")
    assert event.actor == f"user:{root.pk}"


def test_a_user_is_changed(signed_in, root):
    permission = Permission.objects.get(codename="view_user")
    form = {"email": root.email, "name": "Rooted", "is_active": "on", "is_staff": "on",
            "is_superuser": "on", "user_permissions": [permission.pk]}  # fmt: skip

    answer = signed_in.post(reverse("admin:users_user_change", args=[root.pk]), form)

    assert answer.status_code == 302
    assert User.objects.get(pk=root.pk).name == "Rooted"
    granted = Event.objects.get(subject="users.user_user_permissions")
    assert granted.actor == f"user:{root.pk}"


def test_a_visitor_who_reads_asks_the_database_nothing(db, rf, django_assert_num_queries):
    request = rf.get("/healthz")
    request.user = type("Visitor", (), {"is_authenticated": False})()

    with django_assert_num_queries(0):
        assert ActingMiddleware(lambda _request: "ok")(request) == "ok"


def test_what_a_visitor_writes_is_a_visitors(client, root):
    give_password(client, root.email, PASSWORD)
    give_code(client, "000000")

    assert Event.objects.latest("id").actor == "visitor"
