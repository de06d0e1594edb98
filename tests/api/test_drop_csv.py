"""CSV files that are dropped: the same rules as the API, and an ack that names each row's fate."""

import hashlib
import json
import logging

import pytest
from django.db import connection

from housing_ach.api.drop import csv_file, store
from housing_ach.api.drop.apply import apply_waiting
from housing_ach.api.drop.names import BadName
from housing_ach.api.drop.store import MOST_BYTES, NotLetIn, NotTaken, take
from housing_ach.api.models import Drop, DroppedFile
from housing_ach.api.serializers import money
from housing_ach.api.states import DropStatus
from housing_ach.audit.models import Event
from housing_ach.clock import services as clock
from housing_ach.payments.models import Order, Payment, Submission
from housing_ach.payments.states import PaymentStatus
from housing_ach.users.clients import disable_client
from housing_ach.users.states import Scope
from tests.api.calling import registered, token_of
from tests.api.dropping import COLUMNS, ack, csv_of, dropped, payer_of_known_number, read, row_of
from tests.api.test_transactions import post
from tests.factories import AT, MandateFactory
from tests.payments.story import owe

pytestmark = pytest.mark.django_db
NUMBER = "880012349876"
BY_NUMBER = (*(name for name in COLUMNS if name != "mandate"), "routing", "account_number")


@pytest.fixture
def mandates():
    clock.start(AT)
    made = [MandateFactory() for _ in range(3)]
    for mandate in made:
        owe(mandate.lease)
    return made


@pytest.fixture
def rows(mandates):
    return [row_of(mandate) for mandate in mandates]


@pytest.fixture
def client(db):
    return registered(scopes=(Scope.WRITE,))[0]


def test_each_row_becomes_an_order(client, mandates, rows):
    content = csv_of(rows)

    answer = dropped(client, "march.csv", content)

    made = Submission.objects.get()
    orders = {order.external_id: order for order in Order.objects.all()}
    assert answer.head == {
        "#ack": ["1"],
        "#file": ["march.csv"],
        "#sha256": [hashlib.sha256(content).hexdigest()],
        "#status": ["APPLIED"],
        "#batch": [str(made.pk)],
        "#rows": ["3", "300000"],
        "#accepted": ["3", "300000"],
        "#known": ["0", "0"],
        "#refused": ["0", "0"],
    }
    assert [(row["line"], row["fate"], row["order"]) for row in answer.rows] == [
        (str(line), "ACCEPTED", str(orders[row["external_id"]].pk))
        for line, row in enumerate(rows, start=2)
    ]
    assert (made.client, made.source, made.asked_count) == (client, "FILE", 3)
    assert set(Payment.objects.values_list("status", flat=True)) == {PaymentStatus.SCHEDULED}


def test_it_is_the_clients_doing(client, rows):
    dropped(client, "march.csv", csv_of(rows))

    told = Event.objects.filter(kind__in=("file.applied", "payment.made"))
    assert set(told.values_list("actor", flat=True)) == {f"client:{client.client_id}"}


def test_optional_columns_may_be_there(client, mandates):
    row = row_of(mandates[0]) | {"purpose": "rent", "metadata.run": "2026-03"}

    answer = dropped(client, "a.csv", csv_of([row], columns=(*COLUMNS, "purpose", "metadata.run")))

    assert answer.fates == ["ACCEPTED"]
    assert Order.objects.get().metadata == {"run": "2026-03"}


def test_windows_line_ends_a_mark_and_a_last_blank_line_do_no_harm(client, rows):
    content = b"\xef\xbb\xbf" + csv_of(rows).replace(b"\n", b"\r\n") + b"\r\n"

    assert dropped(client, "a.csv", content).fates == ["ACCEPTED"] * 3


def test_one_bad_row_stops_all_and_is_named(client, rows):
    rows[1]["tenant"] = "nobody"

    answer = dropped(client, "march.csv", csv_of(rows))

    assert answer.head["#status"] == ["REFUSED"]
    assert [(row["pointer"], row["code"]) for row in answer.rows] == [
        ("", "not_done"),
        ("/tenant", "not_found"),
        ("", "not_done"),
    ]
    assert answer.head["#refused"] == ["3", "300000"]
    assert not Order.objects.exists()
    assert not Submission.objects.exists()


def test_the_name_may_ask_for_the_rest(client, mandates, rows):
    rows[0]["amount"], rows[1]["tenant"] = 9000_00, "nobody"
    rows.append(row_of(mandates[2], external_id="a b"))

    answer = dropped(client, "march.partial.csv", csv_of(rows))

    assert answer.head["#status"] == ["APPLIED"]
    assert answer.head["#accepted"] == ["1", "100000"]
    assert [(row["fate"], row["pointer"]) for row in answer.rows] == [
        ("REFUSED", "/amount"),
        ("REFUSED", "/tenant"),
        ("ACCEPTED", ""),
        ("REFUSED", "/external_id"),
    ]
    assert [said["index"] for said in Submission.objects.get().refused] == [0, 1, 3]


def test_no_rest_is_taken_where_the_sum_cannot_be_checked(client, rows):
    rows[0]["amount"] = "1000.00"

    answer = dropped(client, "march.partial.csv", csv_of(rows, cents=3000_00))

    assert answer.head["#status"] == ["REFUSED"]
    assert [row["pointer"] for row in answer.rows] == ["/amount", "", ""]


def test_every_wrong_field_of_a_row_is_told(client, rows):
    rows[0] |= {"currency": "EUR", "effective_date": "3/3/2026"}

    (first, *_) = dropped(client, "march.csv", csv_of(rows)).rows

    assert first["pointer"] == "/currency"
    assert "Also /effective_date" in first["message"]
    assert "EUR" not in first["message"]


def cut(content):
    return content[: content.rindex(b"#control")]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (cut, "truncated"),
        (lambda content: content[:-40], "truncated"),
        (lambda content: content.replace(b"#control,3", b"#control,4"), "control_count"),
        (lambda content: content.replace(b",300000", b",300001"), "control_total"),
        (lambda content: content.replace(b",300000", b",x"), "control"),
        (lambda content: content.replace(b"currency", b"colour", 1), "unknown_column"),
        (lambda content: content.replace(b"mandate", b"tenant", 1), "repeated_column"),
        (lambda content: b"\n".join(content.split(b"\n")[1:]), "unknown_column"),
        (lambda content: content.replace(b"USD", b"US\xd6"), "encoding"),
        (lambda content: content.replace(b"USD", b"US\0"), "encoding"),
        (lambda content: content.replace(b"USD", b'"USD'), "quotes"),
        (lambda _: csv_of([]), "empty"),
        (lambda _: b"hello", "truncated"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_not_used(client, rows, spoil, code):
    answer = dropped(client, "march.csv", spoil(csv_of(rows)))

    assert answer.head["#status"] == ["REFUSED"]
    assert answer.codes[0] == code
    assert answer.head["#rows"] == ["0", "0"]
    assert not Order.objects.exists()


def test_a_row_with_a_cell_too_many_is_named_and_its_cells_are_not(client, rows):
    rows[1]["effective_date"] = f"2026-03-03,{NUMBER}"

    answer = dropped(client, "march.csv", csv_of(rows, cents=3000_00))

    assert answer.codes == ["not_done", "cells", "not_done"]
    assert NUMBER not in str(answer)


def test_more_rows_than_the_api_takes_are_refused(client, rows, monkeypatch):
    monkeypatch.setattr(csv_file, "MOST_ITEMS", 2)

    assert csv_file.MOST_ITEMS < money.MOST_ITEMS
    assert dropped(client, "march.csv", csv_of(rows)).codes == ["too_many_rows"]


@pytest.mark.parametrize("name", ["march.csv", "again.csv"])
def test_the_same_bytes_again_change_nothing_and_have_the_same_ack(client, rows, name):
    first = dropped(client, "march.csv", csv_of(rows))

    again = dropped(client, name, csv_of(rows))

    assert again == first
    assert DroppedFile.objects.count() == Submission.objects.count() == 1
    assert Order.objects.count() == 3
    assert Drop.objects.count() == 2


def test_what_is_known_already_is_said_to_be(client, mandates, rows):
    token = token_of(*registered(scopes=(Scope.WRITE,)))
    made = post(token, rows[0] | {"mandate": str(mandates[0].pk)})
    assert made.status_code == 201

    answer = dropped(client, "march.csv", csv_of(rows))

    assert answer.fates == ["KNOWN", "ACCEPTED", "ACCEPTED"]
    assert answer.head["#known"] == ["1", "100000"]
    assert Order.objects.count() == 3


def test_a_file_of_nothing_new_has_no_batch(client, rows):
    dropped(client, "march.csv", csv_of(rows))

    answer = dropped(client, "other.csv", csv_of(rows[:2]))

    assert answer.fates == ["KNOWN", "KNOWN"]
    assert answer.head["#batch"] == [""]


def test_a_name_that_is_used_anew_has_the_ack_of_the_newer_bytes(client, rows):
    dropped(client, "rent.csv", csv_of(rows[:1]))
    take(client.client_id, "rent.csv", csv_of(rows[1:]), at=AT)

    assert store.ack_of(client.client_id, "rent.csv") == b""
    apply_waiting(at=AT)
    assert [row["external_id"] for row in ack(client, "rent.csv").rows] == [
        row["external_id"] for row in rows[1:]
    ]


def test_what_was_refused_is_tried_again_when_it_comes_again(client, mandates, rows):
    rows[1]["tenant"] = "late"
    assert dropped(client, "march.csv", csv_of(rows)).head["#status"] == ["REFUSED"]
    tenant = mandates[1].tenant
    tenant.external_id = "late"
    tenant.save()

    answer = dropped(client, "march.csv", csv_of(rows))

    assert answer.fates == ["ACCEPTED"] * 3
    kinds = Event.objects.filter(subject="api.droppedfile").exclude(kind__startswith="row.")
    assert list(kinds.order_by("pk").values_list("kind", flat=True)) == [
        *("file.dropped", "file.refused", "file.dropped", "file.applied")
    ]


def test_a_client_without_the_scope_brings_nothing(rows):
    reader = registered(scopes=(Scope.READ,))[0]

    with pytest.raises(NotLetIn):
        take(reader.client_id, "march.csv", csv_of(rows), at=AT)


def test_a_disabled_client_brings_nothing(client, rows):
    disable_client(client)

    with pytest.raises(NotLetIn):
        take(client.client_id, "march.csv", csv_of(rows), at=AT)


def test_what_a_client_brought_before_it_was_disabled_is_not_used(client, rows):
    take(client.client_id, "march.csv", csv_of(rows), at=AT)
    disable_client(client)

    apply_waiting(at=AT)

    assert read(DroppedFile.objects.get().ack.encode()).codes == ["client_disabled"]
    assert store.ack_of(client.client_id, "march.csv") == b""
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "a.txt",
        ".csv",
        "-a.csv",
        "../a.csv",
        "a/b.csv",
        "a b.csv",
        "a.csv.part",
        "ä.csv",
        "a" * 99 + ".csv",
    ],
)
def test_a_name_that_is_none_is_refused(client, rows, name):
    with pytest.raises(BadName):
        take(client.client_id, name, csv_of(rows), at=AT)


@pytest.mark.parametrize("content", [b"", b"x" * (MOST_BYTES + 1)], ids=["empty", "oversized"])
def test_bytes_that_are_none_or_too_many_are_refused(client, content):
    with pytest.raises(NotTaken):
        take(client.client_id, "a.csv", content, at=AT)


def test_not_more_than_so_many_files_wait(client, monkeypatch):
    monkeypatch.setattr(store, "MOST_WAITING", 1)
    take(client.client_id, "a.csv", b"a", at=AT)

    with pytest.raises(NotTaken):
        take(client.client_id, "b.csv", b"b", at=AT)


def test_a_file_we_cannot_apply_holds_up_no_other(client, rows, monkeypatch, caplog):
    bad = take(client.client_id, "bad.csv", csv_of(rows[:1]), at=AT)
    take(client.client_id, "good.csv", csv_of(rows[1:]), at=AT)
    parse = csv_file.read

    def stumble(content):
        if content == csv_of(rows[:1]):
            raise LookupError(NUMBER)
        return parse(content)

    monkeypatch.setattr(csv_file, "read", stumble)
    apply_waiting(at=AT)

    bad.refresh_from_db()
    assert bad.status == DropStatus.RECEIVED
    assert ack(client, "good.csv").fates == ["ACCEPTED"] * 2
    assert "LookupError" in caplog.text
    assert NUMBER not in caplog.text


class TestAnAccountNumber:
    @pytest.fixture
    def row(self):
        clock.start(AT)
        return row_of(payer_of_known_number(NUMBER)) | {
            "routing": "111000025",
            "account_number": NUMBER,
        }

    def test_names_the_account_where_the_client_may_give_it(self, row):
        able = registered(scopes=(Scope.WRITE, Scope.TOKENIZE))[0]

        assert dropped(able, "a.csv", csv_of([row], columns=BY_NUMBER)).fates == ["ACCEPTED"]

    def test_needs_a_scope_of_its_own(self, client, row):
        answer = dropped(client, "a.csv", csv_of([row], columns=BY_NUMBER))

        assert answer.codes == ["insufficient_scope"]
        assert not Order.objects.exists()

    @pytest.mark.parametrize(
        "field", ["account_number", "tenant", "currency", "external_id", "amount"]
    )
    def test_is_nowhere_whatever_field_is_wrong(self, row, field, caplog):
        caplog.set_level(logging.DEBUG)
        able = registered(scopes=(Scope.WRITE, Scope.TOKENIZE))[0]
        slipped = row | {field: f"{NUMBER}!"}

        answer = dropped(able, "a.csv", csv_of([slipped], columns=BY_NUMBER, cents=1000_00))

        assert answer.fates == ["REFUSED"]
        assert NUMBER not in str(answer) + caplog.text
        assert NUMBER not in everything_kept()


def everything_kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(f) FROM api_droppedfile f")
        files = cursor.fetchall()
        cursor.execute("SELECT data FROM audit_event")
        events = cursor.fetchall()
    return json.dumps([files, events], default=str)
