import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from housing_ach.cases.models import Case
from housing_ach.cases.services import open_case, resolve
from housing_ach.cases.states import CaseKind, CaseStatus
from tests.desk.signing_in import verified
from tests.factories import AT, LeaseFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:cases_case_changelist")


@pytest.fixture
def clerk():
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_case", "change_case"]))
    return user


@pytest.fixture
def case():
    return open_case(CaseKind.NO_PAYER, "tenants.lease", LeaseFactory().pk, "nobody pays", at=AT)


def act(user, action, case, **typed):
    form = {"action": action, "_selected_action": [case.pk], **typed}
    return verified(user).post(LIST, form, follow=True)


def test_a_case_links_to_what_it_is_about(clerk, case):
    answer = verified(clerk).get(LIST)

    assert reverse("admin:tenants_lease_change", args=[case.subject_id]) in answer.text


def test_a_clerk_resolves_a_case_saying_how(clerk, case):
    answer = act(clerk, "resolve", case, resolution="gave Ada a share")

    case.refresh_from_db()
    assert "is resolved" in answer.text
    assert (case.status, case.resolution) == (CaseStatus.RESOLVED, "gave Ada a share")
    assert case.resolved_by == clerk


def test_without_words_the_case_stays_open(clerk, case):
    answer = act(clerk, "resolve", case)

    assert "say in 1 to 300 characters" in answer.text
    assert Case.objects.open().exists()


def test_a_clerk_takes_a_case(clerk, case):
    act(clerk, "assign_to_me", case)

    case.refresh_from_db()
    assert case.owner == clerk


def test_a_case_that_is_closed_cannot_be_taken(clerk, case):
    resolve(case, by=UserFactory(), resolution="done", at=AT)

    answer = act(clerk, "assign_to_me", case)

    assert f"#{case.pk} is resolved" in answer.text


@pytest.mark.parametrize("action", ["resolve", "assign_to_me"])
def test_who_may_only_look_is_offered_no_action(case, action):
    auditor = UserFactory(is_staff=True)
    auditor.user_permissions.set(Permission.objects.filter(codename="view_case"))

    answer = act(auditor, action, case, resolution="done")

    assert f'value="{action}"' not in answer.text
    assert Case.objects.open().filter(owner=None).exists()


def test_nobody_edits_a_case_by_hand(clerk, case):
    answer = verified(clerk).get(reverse("admin:cases_case_change", args=[case.pk]))

    assert answer.status_code == 200
    assert 'name="_save"' not in answer.text
