"""A client's word beside the bank's: told apart, kept, and nothing moves."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from housing_ach.batches.models import Entry
from housing_ach.cases.models import Case
from housing_ach.cases.services import resolve
from housing_ach.cases.states import CaseKind
from housing_ach.ledger.models import Journal
from housing_ach.payments.models import Order
from housing_ach.payments.services import pay_now
from housing_ach.reconciliation.models import Line
from housing_ach.reconciliation.states import Fate, Form
from housing_ach.tenants.services import add_charge
from housing_ach.tenants.states import ChargeKind
from tests.batches.town import NOON, THURSDAY, TUESDAY, WEDNESDAY, statuses
from tests.factories import UserFactory
from tests.reconciliation.files import AT, fates, json_of, returned, settled, told
from tests.returns.letters import about, render
from tests.returns.post import deliver, only_entry, send, settle

NUMBER = "9900123456"


def state():
    entries = list(Entry.objects.order_by("pk").values_list("status", "settled_on", "returned_on"))
    return statuses(), entries, Journal.objects.count()


class TestWhatTheBankHasNotSaid:
    @pytest.mark.parametrize("say", [settled, returned])
    def test_is_tentative_and_moves_nothing(self, sent, say):
        entry, before = only_entry(), state()

        row = told(json_of(say(entry)))

        line = Line.objects.get()
        assert (row.status, row.tentative, line.fate) == ("APPLIED", 1, Fate.TENTATIVE)
        assert (line.entry, line.payment, line.cents) == (entry, entry.payment, entry.cents)
        assert state() == before
        assert not Case.objects.exists()

    def test_is_tentative_of_a_settled_debit_that_is_said_to_be_back(self, settled_town):
        before = state()

        assert fates(told(json_of(returned(only_entry())))) == [Fate.TENTATIVE]
        assert state() == before


class TestWhatTheBankSaidToo:
    def test_is_matched(self, settled_town):
        row = told(json_of(settled(only_entry())))

        assert (row.matched, row.line_count, row.cents) == (1, 1, only_entry().cents)
        assert Line.objects.get().message == ""

    def test_is_matched_on_another_day_and_says_so(self, settled_town):
        told(json_of(settled(only_entry(), on=str(WEDNESDAY))))

        line = Line.objects.get()
        assert (line.fate, line.message) == (Fate.MATCHED, "The bank settled it on 2026-03-03.")

    def test_is_matched_with_the_code_of_a_return(self, settled_town):
        deliver(settled_town, about(only_entry(), "R01"))

        row = told(json_of(returned(only_entry(), on=str(THURSDAY)), settled(only_entry())))

        assert fates(row) == [Fate.MATCHED, Fate.MATCHED]

    @pytest.mark.parametrize("name", ["payment", "external_id"])
    def test_is_only_proposed_without_a_trace(self, settled_town, name):
        entry = only_entry()
        Order.objects.update(external_id="march-7")
        called = {"payment": str(entry.payment_id), "external_id": "march-7"}[name]
        line = settled(entry) | {name: called}
        del line["trace"]

        told(json_of(line))

        kept = Line.objects.get()
        assert (kept.fate, kept.entry) == (Fate.TENTATIVE, entry)
        assert entry.trace in kept.message


class TestWhatTheBankSaidOtherwise:
    @pytest.mark.parametrize(
        "line",
        [
            lambda entry: settled(entry, on=str(THURSDAY)),
            lambda entry: returned(entry, "R02"),
            lambda entry: settled(entry, amount=entry.cents + 1),
            lambda entry: {
                **{
                    name: value for name, value in returned(entry, "R02").items() if name != "trace"
                },
                "payment": str(entry.payment_id),
            },
        ],
        ids=["settled-after-its-return", "other-code", "other-amount", "by-payment"],
    )
    def test_is_a_case_and_moves_nothing(self, settled_town, line):
        deliver(settled_town, about(only_entry(), "R01"))
        before = state()

        row = told(json_of(line(only_entry())))

        case = Case.objects.get(kind=CaseKind.RECONCILIATION)
        assert fates(row) == [Fate.CONTRADICTED]
        assert Line.objects.get().case == case
        assert (case.subject, case.subject_id) == (
            "payments.payment",
            str(only_entry().payment_id),
        )
        assert state() == before

    def test_opens_one_case_however_often_it_is_said(self, settled_town, client):
        line = settled(only_entry(), amount=1)
        for other in ("", "\n"):
            told(json_of(line) + other.encode(), client=client)

        assert Case.objects.get().kind == CaseKind.RECONCILIATION

    def test_opens_no_second_case_after_the_first_was_resolved(self, settled_town):
        line = settled(only_entry(), amount=1)
        told(json_of(line))
        case = Case.objects.get()
        resolve(case, by=UserFactory(is_staff=True), resolution="their mistake", at=AT)

        row = told(json_of(line))

        assert Case.objects.get() == case
        assert row.lines.get().case == case


def test_what_nothing_is_called_is_one_case_for_the_file(settled_town):
    entry = only_entry()
    lines = [settled(entry, trace=f"{number:015}") for number in range(1, 4)]

    row = told(json_of(*lines, settled(entry)))

    case = Case.objects.get()
    assert (row.unknown, row.matched) == (3, 1)
    assert (case.subject, case.subject_id) == ("reconciliation.reconciliation", str(row.pk))
    assert set(row.lines.filter(fate=Fate.UNKNOWN).values_list("case", flat=True)) == {case.pk}


def test_a_debit_that_was_not_sent_is_unknown(town):
    town.debit()
    town.frozen()

    assert fates(told(json_of(settled(only_entry())))) == [Fate.UNKNOWN]


def test_the_sum_of_an_order_is_no_contradiction(town):
    first = town.debit().order
    for kind, cents in ((ChargeKind.DEPOSIT, 500_00), (ChargeKind.UTILITY, 200_00)):
        add_charge(lease=first.lease, kind=kind, cents=cents, due_on=TUESDAY, at=NOON)
    order = pay_now(
        tenant=first.tenant,
        lease=first.lease,
        mandate=first.payments.get().mandate,
        cents=700_00,
        requested_on=TUESDAY,
        by=town.clerk,
        at=NOON,
    )
    Order.objects.filter(pk=order.pk).update(external_id="march-7")
    send(town)
    assert order.payments.count() == 2
    line = settled(only_entry(), external_id="march-7", amount=700_00)
    del line["trace"]

    told(json_of(line))

    assert Line.objects.get().fate == Fate.TENTATIVE
    assert not Case.objects.filter(kind=CaseKind.RECONCILIATION).exists()


def test_cents_of_micro_deposits_are_found_out_by_nobody(town):
    town.micro_deposits()
    settle(town, send(town))
    rows = Entry.objects.filter(payment__isnull=False).order_by("pk")
    lines = [settled(entry, amount=99_99) for entry in rows]

    row = told(json_of(*lines))

    assert fates(row) == [Fate.MATCHED] * len(lines)
    assert not Case.objects.exists()


class TestAReturnFileOfAClient:
    def test_is_compared_and_never_applied_as_the_banks(self, settled_town):
        before = state()

        row = told(render([about(only_entry(), "R01")], on=THURSDAY), Form.NACHA)

        assert (row.status, fates(row)) == ("APPLIED", [Fate.TENTATIVE])
        assert (Line.objects.get().code, Line.objects.get().on) == ("R01", THURSDAY)
        assert state() == before

    def test_is_matched_by_what_the_bank_brought(self, settled_town):
        content = render([about(only_entry(), "R01")], on=THURSDAY)
        deliver(settled_town, about(only_entry(), "R01"))

        assert fates(told(content, Form.NACHA)) == [Fate.MATCHED]

    def test_is_a_contradiction_with_another_code_bank_or_amount(self, settled_town):
        deliver(settled_town, about(only_entry(), "R01"))
        others = [{"rdfi": "22222222"}, {"cents": 5}]

        rows = [
            told(render([about(only_entry(), "R01", **other)], on=THURSDAY), Form.NACHA)
            for other in others
        ]
        rows.append(told(render([about(only_entry(), "R02")], on=THURSDAY), Form.NACHA))

        assert [fates(row) for row in rows] == [[Fate.CONTRADICTED]] * 3
        assert Case.objects.filter(kind=CaseKind.RECONCILIATION).count() == 1

    def test_names_no_account_number_anywhere(self, settled_town):
        told(render([about(only_entry(), "R01", cents=5)], on=THURSDAY), Form.NACHA)

        with connection.cursor() as cursor:
            for table in (
                "reconciliation_reconciliation",
                "reconciliation_line",
                "cases_case",
                "audit_event",
            ):
                cursor.execute(
                    f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{NUMBER}%"]
                )
                assert cursor.fetchone() == (0,), table


def test_many_lines_cost_as_many_queries_as_one(town):
    for _ in range(4):
        town.debit()
    send(town)
    rows = list(Entry.objects.filter(payment__isnull=False).order_by("pk"))
    counts = []
    for some in (rows[:1], rows):
        lines = [line for entry in some for line in (settled(entry, amount=1), returned(entry))]
        unknown = [settled(entry, trace=f"{n:015}") for n, entry in enumerate(some, start=1)]
        client_content = json_of(*lines, *unknown)
        with CaptureQueriesContext(connection) as asked:
            told(client_content)
        counts.append(len(asked))

    assert counts[0] == counts[1]
