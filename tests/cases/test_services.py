import pytest

from housing_ach.audit.models import Event
from housing_ach.audit.move import StaleState
from housing_ach.cases.models import Case
from housing_ach.cases.services import (
    CaseIsClosed,
    NewCase,
    NoResolution,
    assign,
    open_case,
    open_cases,
    resolve,
)
from housing_ach.cases.states import CaseKind, CaseStatus
from tests.factories import AT, UserFactory

pytestmark = pytest.mark.django_db


def limit(subject_id=1, summary="over the limit", **details):
    return open_case(CaseKind.LIMIT, "payments.payment", subject_id, summary, at=AT, **details)


def story(case):
    events = Event.objects.about(case).exclude(kind__startswith="row.").order_by("pk")
    return list(events.values_list("kind", "was", "became"))


def test_a_case_says_what_is_wrong():
    case = limit(cents=5, suggested_fix="raise the limit", facts={"limit_cents": 4})

    assert case.status == CaseStatus.OPEN
    assert (case.summary, case.suggested_fix) == ("over the limit", "raise the limit")
    assert (case.cents, case.facts, case.opened_at) == (5, {"limit_cents": 4}, AT)
    assert story(case) == [("case.open", "", "OPEN")]


def test_the_same_trouble_is_one_case():
    first, again = limit(), limit(summary="still over the limit")

    assert again == first
    assert again.summary == "over the limit"
    assert story(first) == [("case.open", "", "OPEN")]


def test_after_its_resolution_the_same_trouble_is_a_new_case():
    first = limit()
    resolve(first, by=UserFactory(), resolution="raised", at=AT)

    assert limit() != first


def test_many_cases_are_opened_in_one_statement(django_assert_max_num_queries):
    trouble = [NewCase(CaseKind.LIMIT, "payments.payment", n % 50, "x") for n in range(100)]

    with django_assert_max_num_queries(2):
        ids = open_cases(trouble, at=AT)

    assert len(ids) == Case.objects.count() == 50


def test_no_trouble_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert open_cases([], at=AT) == []


def test_a_resolution_is_kept_with_its_author():
    case, ada = limit(), UserFactory()

    resolve(case, by=ada, resolution=" raised by the board ", at=AT)

    case.refresh_from_db()
    assert (case.status, case.resolution) == (CaseStatus.RESOLVED, "raised by the board")
    assert (case.resolved_by, case.resolved_at) == (ada, AT)
    assert story(case)[-1] == ("case.resolved", "OPEN", "RESOLVED")


@pytest.mark.parametrize("words", ["", "  ", "x" * 301])
def test_a_case_does_not_end_without_words(words):
    case = limit()

    with pytest.raises(NoResolution):
        resolve(case, by=UserFactory(), resolution=words, at=AT)


def test_the_second_of_two_clerks_is_told():
    case = limit()
    same = Case.objects.get(pk=case.pk)
    resolve(case, by=UserFactory(), resolution="raised", at=AT)

    with pytest.raises(StaleState):
        resolve(same, by=UserFactory(), resolution="cancelled", at=AT)


def test_an_open_case_has_an_owner():
    case, ada = limit(), UserFactory()

    assign(case, ada)

    assert Case.objects.get().owner == ada


def test_a_resolved_case_is_nobodys_any_more():
    case = limit()
    resolve(case, by=UserFactory(), resolution="raised", at=AT)

    with pytest.raises(CaseIsClosed):
        assign(case, UserFactory())
