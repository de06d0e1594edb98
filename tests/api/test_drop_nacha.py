"""NACHA files that are dropped: checked whole, and each debit asked for anew, under our own trace."""

import logging

import pytest

from housing_ach.clock import services as clock
from housing_ach.payments.models import Order, Payment
from housing_ach.users.states import Scope
from tests.api.calling import registered
from tests.api.dropping import csv_of, dropped, entry, nacha_of, payer_of_known_number, row_of
from tests.api.test_drop_csv import everything_kept
from tests.factories import AT

pytestmark = pytest.mark.django_db
NUMBERS = ("880012349876", "880012349884")


@pytest.fixture
def mandates():
    clock.start(AT)
    return [payer_of_known_number(number) for number in NUMBERS]


@pytest.fixture
def entries(mandates):
    return [entry(mandate, number) for mandate, number in zip(mandates, NUMBERS, strict=True)]


@pytest.fixture
def client(db):
    return registered(scopes=(Scope.WRITE, Scope.TOKENIZE))[0]


def changed(entries, place, /, **other):
    return [
        type(each)(**(vars(each) | other)) if number == place else each
        for number, each in enumerate(entries)
    ]


def test_each_debit_becomes_an_order(client, mandates, entries):
    answer = dropped(client, "rent.ach", nacha_of(*entries))

    assert answer.head["#accepted"] == ["2", "200000"]
    assert [row["line"] for row in answer.rows] == ["3", "4"]
    payments = Payment.objects.order_by("pk")
    assert [payment.mandate for payment in payments] == mandates
    assert {str(payment.requested_on) for payment in payments} == {"2026-03-03"}


def test_a_debit_is_named_by_client_file_and_trace(client, entries):
    answer = dropped(client, "rent.ach", nacha_of(*entries))

    assert [row["external_id"] for row in answer.rows] == [
        f"ach-{client.pk}-20260301-0900A-{each.trace}" for each in entries
    ]
    assert answer.rows[0]["order"] == str(
        Order.objects.get(external_id=answer.rows[0]["external_id"]).pk
    )


def test_the_same_file_in_other_bytes_is_known(client, entries):
    content = nacha_of(*entries)
    dropped(client, "rent.ach", content)

    answer = dropped(client, "again.ach", content.replace(b"\n", b"\r\n"))

    assert answer.fates == ["KNOWN", "KNOWN"]
    assert Order.objects.count() == 2


@pytest.mark.parametrize("payer", ["L9999999T999999", "4711", ""])
def test_an_individual_id_that_names_nobody_is_refused(client, entries, payer):
    content = nacha_of(*changed(entries, 0, individual_id=payer))

    whole = dropped(client, "rent.ach", content)
    rest = dropped(client, "rent.partial.ach", content)

    assert (whole.rows[0]["pointer"], whole.codes) == (
        "/individual_id",
        ["not_found", "not_done"],
    )
    assert rest.fates == ["REFUSED", "ACCEPTED"]


def test_an_account_that_is_not_the_tenants_is_refused(client, entries):
    answer = dropped(client, "rent.ach", nacha_of(*changed(entries, 0, account=NUMBERS[1])))

    assert answer.rows[0]["pointer"] == "/account_number"
    assert not Order.objects.exists()


def test_limits_hold_as_of_any_debit(client, entries):
    answer = dropped(client, "rent.ach", nacha_of(*changed(entries, 0, cents=9000_00)))

    assert answer.fates == ["REFUSED", "REFUSED"]
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda entries: nacha_of(*entries)[:300], "F14"),
        (lambda entries: nacha_of(*entries).replace(b"0000200000", b"0000200001"), "C05"),
        (lambda _: b"not a file of this kind", "F01"),
        (lambda _: csv_of([]), "F01"),
        (lambda entries: nacha_of(*entries).replace(b"PPD", b"ARC"), "sec_code"),
        (
            lambda entries: nacha_of(*changed(entries, 0, transaction_code="22"), service="200"),
            "transaction_code",
        ),
        (
            lambda entries: nacha_of(*changed(entries, 0, transaction_code="28", cents=0)),
            "transaction_code",
        ),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_not_used(client, entries, content, code):
    answer = dropped(client, "rent.ach", content(entries))

    assert answer.head["#status"] == ["REFUSED"]
    assert code in answer.codes
    assert not Order.objects.exists()


def test_more_entries_than_the_api_takes_are_refused(client, entries, monkeypatch):
    monkeypatch.setattr("housing_ach.api.drop.nacha_file.MOST_ITEMS", 1)

    assert dropped(client, "rent.ach", nacha_of(*entries)).codes == ["too_many_rows"]


def test_it_needs_the_scope_to_give_account_numbers(entries):
    writer = registered(scopes=(Scope.WRITE,))[0]

    assert dropped(writer, "rent.ach", nacha_of(*entries)).codes == ["insufficient_scope"]


@pytest.mark.parametrize(
    "other", [{}, {"individual_id": "4711"}, {"account": "990012349876"}, {"cents": 9000_00}]
)
def test_account_numbers_are_nowhere(client, entries, caplog, other):
    caplog.set_level(logging.DEBUG)
    content = nacha_of(*changed(entries, 0, **other))

    answer = dropped(client, "rent.ach", content)
    broken = dropped(client, "broken.ach", content.replace(b"6271", b"62X1", 1))

    told = f"{answer}{broken}{caplog.text}{everything_kept()}"
    assert broken.head["#status"] == ["REFUSED"]
    assert not [number for number in (*NUMBERS, "990012349876") if number in told]


def test_a_csv_file_by_the_name_of_the_other_kind_is_tried_again_by_its_own(client, mandates):
    content = csv_of([row_of(mandates[0])])

    assert dropped(client, "a.ach", content).codes == ["F01"]
    assert dropped(client, "a.csv", content).fates == ["ACCEPTED"]
