"""verify proves a month, and names the row a superuser changed behind every trigger's back."""

import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import InternalError, connection

from housing_ach.proof import books, verify
from housing_ach.proof.findings import Finding
from tests.proof.conftest import verified

ALL = ["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "I11", "I12"]
ACCOUNT = "SELECT a.id FROM ledger_account a WHERE a.number = '{}' ORDER BY id LIMIT 1"


def test_an_honest_month_passes_and_every_invariant_looked_at_something(lived):
    verdict = verified()

    assert (verdict.code, verdict.failed) == (0, [])
    told = verdict.told["invariants"]
    assert [row["name"] for row in told] == ALL
    assert not [row["name"] for row in told if not row["checked"]]
    assert verdict.told["passed"] is True


def test_people_see_a_line_for_each_invariant(lived):
    out = StringIO()

    call_command("verify", stdout=out)

    lines = out.getvalue().splitlines()
    assert len(lines) == len(ALL)
    assert all(line.startswith("PASS I") and " checked " in line for line in lines)


def test_the_command_exits_1_and_names_the_row(lived, tamper):
    pk = tamper(
        "ledger_balance", "UPDATE ledger_balance SET cents = cents + 1 RETURNING account_id"
    )

    ended = subprocess.run(
        [sys.executable, "manage.py", "verify"],
        cwd=settings.BASE_DIR,
        env=lived.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "FAIL I1" in ended.stdout
    assert f"account {pk}: stored" in ended.stdout


def test_a_stored_balance_that_its_transfers_do_not_make_is_named(tamper):
    pk = tamper(
        "ledger_balance",
        f"UPDATE ledger_balance SET cents = cents + 1 WHERE account_id = ({ACCOUNT.format(1000)})"
        " RETURNING account_id",
    )

    verdict = verified()

    assert verdict.code == 1
    assert ("account", str(pk)) in verdict.offenders("I1")
    assert "fund" in dict(verdict.offenders("I1"))


def test_a_charge_that_grew_after_it_was_posted_is_named(tamper):
    pk = tamper(
        "tenants_chargeshare",
        """UPDATE tenants_chargeshare s SET cents = s.cents + 1 FROM tenants_charge c
           WHERE c.id = s.charge_id AND c.kind = 'RENT' RETURNING c.lease_id""",
    )

    assert ("lease", str(pk)) in verified().offenders("I2")


def transfer(debit: str, credit: str, cents: int) -> str:
    """A transfer in the fund of the deposit, or of the rent, that no event of ours posts."""
    return f"""
        INSERT INTO ledger_transfer (journal_id, fund_id, debit_id, credit_id, cents, reference)
        SELECT j.id, j.fund_id, d.id, c.id, {cents}, 'tampered'
        FROM ledger_account d JOIN ledger_account c USING (fund_id)
        JOIN LATERAL (SELECT * FROM ledger_journal j WHERE j.fund_id = d.fund_id LIMIT 1) j ON true
        WHERE d.number = '{debit}' AND c.number = '{credit}' LIMIT 1
        RETURNING fund_id, debit_id
    """


def test_trust_money_that_is_owed_to_nobody_is_named(lived):
    with lived.connect("superuser") as connection_:
        fund, _ = connection_.execute(transfer("1000", "1210", 500)).fetchone()

    assert verified().offenders("I3") == [("fund", str(fund))]


def test_a_cent_missing_from_a_trust_fund_without_a_case_is_named(lived):
    with lived.connect("superuser") as connection_:
        (lease,) = connection_.execute(
            """INSERT INTO ledger_account (fund_id, number, party, lease)
               SELECT fund_id, '1300', party, lease FROM ledger_account WHERE number = '2100'
               RETURNING lease"""
        ).fetchone()
        connection_.execute(transfer("1300", "1000", 500))

    assert ("lease", str(lease)) in verified().offenders("I3")


def test_a_settled_cent_without_a_place_is_named(tamper):
    pk = tamper(
        "payments_payment",
        "UPDATE payments_payment SET status = 'SETTLED' WHERE status = 'SCHEDULED' RETURNING id",
    )

    assert ("payment", str(pk)) in verified().offenders("I4")


def test_money_paid_ahead_that_the_books_do_not_keep_is_named(tamper):
    pk = tamper(
        "payments_allocation",
        """UPDATE payments_allocation a SET cents = a.cents + 1 FROM payments_payment p
           WHERE a.share_id IS NULL AND p.id = a.payment_id RETURNING p.lease_id""",
    )

    assert ("lease", str(pk)) in verified().offenders("I4")


@pytest.mark.parametrize(
    "change", ["cents = e.cents + 1", "line = e.line + 40", "trace = '123456780099999'"]
)
def test_an_entry_that_is_not_the_line_of_its_file_is_named(tamper, change):
    pk = tamper(
        "batches_entry",
        f"""UPDATE batches_entry e SET {change} FROM batches_batch b
            WHERE b.id = e.batch_id AND e.status = 'SETTLED' RETURNING b.file_id""",
    )

    assert ("file", str(pk)) in verified().offenders("I5")


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE batches_entry e SET account_version_id = v.id
           FROM batches_batch b, mandates_bankaccountversion v, mandates_bankaccountversion own
           WHERE b.id = e.batch_id AND own.id = e.account_version_id AND e.status = 'SETTLED'
             AND v.account_id <> own.account_id AND v.routing = own.routing
           RETURNING b.file_id""",
        """UPDATE batches_batch SET effective_on = effective_on + 1
           WHERE status = 'SETTLED' RETURNING file_id""",
    ],
)
def test_a_line_that_goes_elsewhere_than_its_entry_is_named(tamper, change):
    pk = tamper(change.split()[1], change)

    assert ("file", str(pk)) in verified().offenders("I5")


def test_money_awaited_though_nothing_is_with_the_bank_is_named(lived):
    with lived.connect("superuser") as connection_:
        connection_.execute(transfer("1000", "2050", 500))

    offenders = verified().offenders("I4")

    assert offenders
    assert {subject for subject, _ in offenders} == {"lease"}


def test_money_at_the_bank_that_no_report_tells_of_is_named(lived):
    with lived.connect("superuser") as connection_:
        fund, _ = connection_.execute(transfer("1000", "4000", 500)).fetchone()

    assert verified().offenders("I9") == [("fund", str(fund))]


def test_a_void_entry_in_a_published_file_is_named(tamper):
    pk = tamper(
        "batches_entry",
        "UPDATE batches_entry SET status = 'VOID' WHERE status = 'SETTLED' RETURNING id",
    )

    assert ("entry", str(pk)) in verified().offenders("I5")


def test_a_file_whose_sealed_bytes_were_changed_is_named(tamper):
    pk = tamper(
        "vault_secret",
        """UPDATE vault_secret s
           SET sealed = set_byte(s.sealed, 40, (get_byte(s.sealed, 40) + 1) % 256)
           FROM batches_bankfile f WHERE f.sealed = s.token AND f.status = 'PUBLISHED'
           RETURNING f.id""",
    )

    assert verified().offenders("I5") == [("file", str(pk))]


def test_a_file_that_is_not_the_one_that_was_frozen_is_named(tamper):
    pk = tamper(
        "batches_bankfile",
        """UPDATE batches_bankfile SET sha256 = repeat('0', 64)
           WHERE status = 'PUBLISHED' RETURNING id""",
    )

    assert verified().offenders("I5") == [("file", str(pk))]


def test_a_return_that_left_money_allocated_is_named(tamper):
    pk = tamper(
        "payments_release",
        """DELETE FROM payments_release r USING payments_allocation a
           WHERE a.id = r.allocation_id AND r.reason = 'RETURNED' RETURNING a.payment_id""",
    )

    assert ("payment", str(pk)) in verified().offenders("I6")


def test_prepaid_money_below_zero_is_named(lived):
    with lived.connect("superuser") as connection_:
        _, account = connection_.execute(transfer("2060", "1000", 99_999_99)).fetchone()

    assert verified().offenders("I7") == [("account", str(account))]


@pytest.mark.parametrize("table", ["ledger_transfer", "returns_return", "batches_evidence"])
def test_a_row_of_history_that_was_changed_is_named(tamper, table):
    tamper(table, f"UPDATE {table} SET cents = cents + 1 RETURNING id")

    assert "digest" in {subject for subject, _ in verified().offenders("I8")}


def test_a_trigger_left_switched_off_is_named(lived):
    with lived.connect("superuser") as connection_:
        connection_.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER audit_digest")

    assert ("table", "ledger_transfer") in verified().offenders("I8")


def test_a_batch_that_settled_without_a_report_is_named(tamper):
    pk = tamper(
        "batches_evidence", "DELETE FROM batches_evidence WHERE kind = 'SETTLED' RETURNING batch_id"
    )

    assert ("batch", str(pk)) in verified().offenders("I9")


def test_a_payment_cleared_though_a_days_returns_were_not_read_is_named(tamper):
    tamper(
        "batches_evidence",
        """DELETE FROM batches_evidence WHERE kind = 'RETURNS_READ' AND banking_on = '2026-03-05'
           RETURNING id""",
    )

    offenders = verified().offenders("I9")

    assert offenders
    assert {subject for subject, _ in offenders} == {"payment"}


def test_a_payment_settled_by_nothing_is_named(tamper):
    pk = tamper(
        "payments_payment",
        "UPDATE payments_payment SET status = 'SETTLED' WHERE status = 'SCHEDULED' RETURNING id",
    )

    assert ("payment", str(pk)) in verified().offenders("I9")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        (
            "batches_entry",
            """UPDATE batches_entry SET settled_on = NULL
               WHERE settled_on IS NOT NULL RETURNING batch_id""",
        ),
        (
            "batches_evidence",
            "DELETE FROM batches_evidence WHERE kind = 'RETURN_CHARGED' RETURNING batch_id",
        ),
    ],
)
def test_a_batch_whose_transit_is_not_its_entries_is_named(tamper, table, change):
    pk = tamper(table, change)

    assert ("batch", str(pk)) in verified().offenders("I11")


def test_an_order_debited_twice_is_named(tamper):
    pk = tamper(
        "batches_entry",
        """INSERT INTO batches_entry (batch_id, payment_id, account_version_id, attempt, is_retry,
               cents, transaction_code, individual_id, name, status, reason, trace, trace_serial,
               line, settled_on)
           SELECT batch_id, payment_id, account_version_id, 2, false, cents, transaction_code,
               individual_id, name, status, '', '123456780099999', 99999, 99, settled_on
           FROM batches_entry WHERE status = 'SETTLED' ORDER BY id LIMIT 1
           RETURNING (SELECT order_id FROM payments_payment p WHERE p.id = payment_id)""",
    )

    assert verified().offenders("I12") == [("order", str(pk))]


def test_nothing_can_be_written_while_it_looks(lived, monkeypatch):
    def write() -> Finding:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_balance SET cents = 0")
        return Finding(0)

    bad = verify.Invariant("I1", "writes", write)
    monkeypatch.setattr(verify, "INVARIANTS", (bad,))

    with pytest.raises(InternalError, match="read-only"):
        list(verify.verify())


def test_it_asks_no_more_questions_of_more_rows(lived, django_assert_num_queries):
    """One statement for each proof of the books, however many rows there are."""
    checks = (books.zero_sum, books.receivables, books.never_overdrawn, books.in_transit)

    with django_assert_num_queries(len(checks)):
        for check in checks:
            check()
