"""What fits no entry, comes twice or makes no sense becomes a case, and posts nothing."""

from datetime import date

import pytest

from housing_ach.batches.models import Arrival, BankFile, Entry, Evidence
from housing_ach.batches.states import EntryStatus, EvidenceKind, FileStatus
from housing_ach.cases.models import Case
from housing_ach.cases.states import CaseKind
from housing_ach.payments.states import PaymentStatus
from housing_ach.returns.models import Return
from housing_ach.returns.services import apply_received
from housing_ach.returns.states import ReturnKind
from tests.batches.town import Town, morning
from tests.returns.letters import about, render
from tests.returns.post import RETURNED_ON, bring, cases, deliver, fetched

FRIDAY = date(2026, 3, 6)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"trace": "123456789999999"}, "never sent"),
        ({"cents": 1000_01}, "the entry was over 1,000.00"),
        ({"rdfi": "22222222"}, "receiving bank 22222222"),
    ],
)
def test_a_return_that_fits_no_entry_posts_nothing(town: Town, settled: Entry, said, why):
    before = town.books()

    file = deliver(town, about(settled, "R01", **said))

    assert file.status == FileStatus.APPLIED
    assert Return.objects.get().entry is None
    assert cases() == [(CaseKind.UNMATCHED_RETURN, "returns.return")]
    assert why in Case.objects.get().summary
    assert town.books() == before


def test_a_return_of_more_than_400_days_ago_fits_no_entry(town: Town, settled: Entry):
    deliver(town, about(settled, "R10"), on=date(2027, 4, 12))

    assert cases() == [(CaseKind.UNMATCHED_RETURN, "returns.return")]


def test_a_second_return_of_an_entry_is_a_case_and_changes_nothing(town: Town, settled: Entry):
    deliver(town, about(settled, "R08"))
    before = town.books()

    deliver(town, about(settled, "R01", number=2), on=FRIDAY)

    assert (CaseKind.DUPLICATE_RETURN, "returns.return") in cases()
    settled.payment.refresh_from_db()
    assert settled.payment.status == PaymentStatus.RETURNED
    assert town.books() == before


def test_the_same_return_in_another_file_is_applied_once_and_told(town: Town, settled: Entry):
    letter = about(settled, "R01")
    deliver(town, letter)

    deliver(town, letter, modifier="B")

    assert Return.objects.count() == 1
    assert cases() == [(CaseKind.DUPLICATE_RETURN, "returns.return")]
    settled.payment.refresh_from_db()
    assert settled.payment.retries == 1


def test_the_same_file_again_changes_nothing(town: Town, settled: Entry):
    content = render([about(settled, "R01")], on=RETURNED_ON)
    bring(town, content, at=morning(RETURNED_ON))

    bring(town, content, at=morning(FRIDAY))

    assert BankFile.objects.filter(direction="IN", kind="RETURNS").count() == 1
    assert Return.objects.count() == 1
    assert Arrival.objects.exists()


def test_returns_under_one_roof_are_each_judged_alone(town: Town, settled: Entry):
    deliver(
        town,
        about(settled, "R01"),
        about(settled, "R01", number=2, trace="123456789999999"),
        about(settled, "R03", number=3),
    )

    settled.refresh_from_db()
    assert settled.status == EntryStatus.RETURNED
    assert [kind for kind, _ in cases()] == [
        CaseKind.DUPLICATE_RETURN,
        CaseKind.UNMATCHED_RETURN,
    ]


@pytest.mark.parametrize("cut", [94 * 3, -95, -200])
def test_a_file_cut_short_changes_nothing_and_says_why(town: Town, settled: Entry, cut):
    content = render([about(settled, "R01")], on=RETURNED_ON)

    file = bring(town, content[:cut], at=morning(RETURNED_ON))

    if cut == -95:  # only filler is missing: all of it is there
        assert file.status == FileStatus.APPLIED
        return
    assert file.status == FileStatus.QUARANTINED
    assert "line" in file.reason
    assert cases() == [(CaseKind.FILE_QUARANTINED, "batches.bankfile")]
    assert not Return.objects.exists()
    assert not Evidence.objects.filter(kind=EvidenceKind.RETURNS_READ, file=file).exists()


def test_a_file_whose_totals_disagree_changes_nothing(town: Town, settled: Entry):
    content = render([about(settled, "R01")], on=RETURNED_ON)
    wrong = content.replace(b"0000100000L", b"0000100001L")

    file = bring(town, wrong, at=morning(RETURNED_ON))

    assert file.status == FileStatus.QUARANTINED
    settled.refresh_from_db()
    assert settled.status == EntryStatus.SETTLED


def test_the_whole_file_after_the_cut_one_is_applied(town: Town, settled: Entry):
    content = render([about(settled, "R01")], on=RETURNED_ON)
    bring(town, content[:300], at=morning(RETURNED_ON))

    file = bring(town, content, at=morning(RETURNED_ON))

    assert file.status == FileStatus.APPLIED
    settled.refresh_from_db()
    assert settled.status == EntryStatus.RETURNED


def test_a_file_without_a_batch_says_that_nothing_came_back(town: Town):
    file = bring(town, render([], on=RETURNED_ON), at=morning(RETURNED_ON))

    assert file.status == FileStatus.APPLIED
    assert Evidence.objects.filter(kind=EvidenceKind.RETURNS_READ, file=file).exists()


def test_a_dishonored_return_is_written_down_and_moves_nothing(town: Town, settled: Entry):
    deliver(town, about(settled, "R08"))
    before = town.books()

    deliver(town, about(settled, "R68", number=2), on=FRIDAY)

    assert Return.objects.filter(kind=ReturnKind.DISHONORED, entry=settled).exists()
    assert (CaseKind.DISHONORED, "returns.return") in cases()
    assert town.books() == before


def test_a_process_that_died_after_writing_down_goes_on_where_it_was(
    town: Town, settled: Entry, monkeypatch
):
    file = fetched(town, render([about(settled, "R01")], on=RETURNED_ON), at=morning(RETURNED_ON))
    with monkeypatch.context() as patch:
        patch.setattr("housing_ach.returns.services.take_in.failpoint", die)
        with pytest.raises(Died):
            apply_received(at=morning(RETURNED_ON))
    assert Return.objects.count() == 1

    apply_received(at=morning(RETURNED_ON))

    file.refresh_from_db()
    settled.refresh_from_db()
    assert (file.status, settled.status) == (FileStatus.APPLIED, EntryStatus.RETURNED)
    assert cases() == []


class Died(Exception):
    pass


def die(name: str) -> None:
    raise Died(name)
