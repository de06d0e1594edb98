"""A look for what is new costs as much as what is new, whatever the books hold."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from housing_ach.audit.final import final_txid
from housing_ach.erp.models import Posting
from housing_ach.erp.services.posting import _claim
from housing_ach.erp.states import PostingStatus
from tests.erp.conftest import DAY, plan, rent
from tests.factories import AT, FundFactory
from tests.final import wait_until_final

OLD = 5_000
JOURNALS = """
    INSERT INTO ledger_journal (fund_id, kind, effective_on, posted_at, subject, subject_id)
    SELECT %s, 'CHARGE', %s, now(), 'tenants.charge', 'old:' || n FROM generate_series(1, %s) AS n
"""
POSTINGS = """
    INSERT INTO erp_posting (target_id, fund_id, day, until_txid, source_ref, codes, content_sha256,
        line_count, debit_cents, credit_cents, status, tries, next_at, posted_at, problem)
    SELECT %s, %s, %s - n, %s, 'HMS-' || n, '{}', 'x', 2, 1, 1, 'POSTED', 1, now(), now(), ''
    FROM generate_series(0, %s) AS n
"""


@pytest.fixture
def fund(erp, committed_db):
    """Thousands of journals and days that were posted."""
    fund = FundFactory()
    with connection.cursor() as cursor:
        cursor.execute(JOURNALS, [fund.pk, DAY, OLD])
        wait_until_final()
        cursor.execute(POSTINGS, [erp.target.pk, fund.pk, DAY, final_txid(), OLD])
    with committed_db.connect("superuser") as superuser:
        superuser.execute("ANALYZE ledger_journal, erp_posting")
    return fund


def nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def looked_at(queries, table):
    """Rows of the table that the statements read, whether they took them or not."""
    count = 0
    for query in queries:
        if f"FROM {table}" not in query["sql"].replace('"', ""):
            continue
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"].replace("%", "%%"))
            ((plan,),) = cursor.fetchone()
        for node in nodes(plan["Plan"]):
            if node.get("Relation Name") == table:
                rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
                count += rows * node["Actual Loops"]
    return count


def test_planning_looks_at_new_journals_alone(fund):
    rent(fund, 1)

    with CaptureQueriesContext(connection) as asked:
        assert plan() == 1

    assert 1 <= looked_at(asked, "ledger_journal") <= 4
    assert looked_at(asked, "erp_posting") <= 4


def test_a_look_in_vain_looks_at_nothing(fund):
    with CaptureQueriesContext(connection) as asked:
        assert plan() == 0

    assert looked_at(asked, "ledger_journal") == 0


def test_posting_looks_at_what_is_due_alone(fund, erp):
    rent(fund, 1)
    plan()

    with CaptureQueriesContext(connection) as asked:
        assert _claim(erp.target, AT) == Posting.objects.get(status=PostingStatus.PENDING)

    assert 1 <= looked_at(asked, "erp_posting") <= 4
