"""What whoever installs it types, and what happens by itself."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from housing_ach.cases.models import Case
from housing_ach.clock.services import start
from housing_ach.erp import tasks
from housing_ach.erp.management.commands import erp_ddl
from housing_ach.erp.models import AccountMap, Posting, Target
from housing_ach.erp.services import post_waiting
from housing_ach.erp.states import Dialect, PostingStatus
from tests.erp.conftest import DAY, LATER, plan, rent
from tests.factories import AT, FundFactory
from tests.final import wait_until_final

URLS = {
    Dialect.POSTGRESQL: "postgresql://somebody:hidden@erp.example/books?sslmode=verify-full",
    Dialect.MSSQL: "mssql://somebody:hid;d}en@erp.example:1433/books?Encrypt=yes",
    Dialect.ORACLE: "oracle://somebody:hidden@erp.example:1521/?service_name=books&retry_count=3",
}


def run(*words, **more):
    out = io.StringIO()
    call_command(*words, stdout=out, **more)
    return out.getvalue().splitlines()


@pytest.fixture
def add(monkeypatch):
    """The command, with the address typed into it."""

    def command(dialect, url, **more):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{url}\n"))
        return run("erp_target", "books", dialect, "2026-03-01", **more)

    return command


@pytest.mark.django_db
class TestTarget:
    @pytest.mark.parametrize("dialect", Dialect)
    def test_is_posted_to_from_its_day_on(self, add, dialect):
        assert add(dialect, URLS[dialect], schema="gl") == ["books is posted to from 2026-03-01 on"]

        target = Target.objects.get()
        assert (target.dialect, target.schema, target.starts_on) == (
            dialect,
            "gl",
            date(2026, 3, 1),
        )

    @pytest.mark.parametrize(
        ("dialect", "more", "told"),
        [
            (Dialect.MSSQL, "LoginTimeout=9", "LoginTimeout"),
            (Dialect.MSSQL, "Driver=x&Encrypt=yes&Server=y", "Driver, Server"),
            (Dialect.POSTGRESQL, "timeout=9", "timeout"),
            (Dialect.ORACLE, "timeout=9&retry_count=often", "timeout, retry_count"),
        ],
    )
    def test_the_words_its_driver_refuses_are_named(self, add, dialect, more, told):
        url = URLS[dialect].partition("?")[0] + f"?{more}"

        with pytest.raises(CommandError, match=rf"^url: says {told}, which its driver") as refused:
            add(dialect, url)

        assert "9" not in str(refused.value)
        assert not Target.objects.exists()

    def test_what_may_be_a_password_is_not_repeated(self, add):
        with pytest.raises(CommandError, match="url: says something, which") as refused:
            add(Dialect.MSSQL, "mssql://somebody@erp.example/books?hid@den=1")

        assert "den" not in str(refused.value)

    def test_without_a_database_is_refused(self, add):
        with pytest.raises(CommandError, match="url: names no database"):
            add(Dialect.MSSQL, "mssql://somebody:hidden@erp.example")

    def test_of_another_kind_is_refused(self, add):
        with pytest.raises(CommandError, match="url: is not Oracle's"):
            add(Dialect.ORACLE, URLS[Dialect.MSSQL])

    def test_has_a_name_of_its_own(self, add):
        add(Dialect.MSSQL, URLS[Dialect.MSSQL])

        with pytest.raises(CommandError, match="name: books is there already"):
            add(Dialect.ORACLE, URLS[Dialect.ORACLE])


class TestMap:
    @pytest.fixture
    def told(self, erp, monkeypatch):
        """The command, with the rows typed into it."""
        FundFactory(code="OPERATING")

        def command(*rows):
            text = "\n".join(["fund,number,code", *rows])
            monkeypatch.setattr("sys.stdin", io.StringIO(text))
            return run("erp_map", "books")

        return command

    def test_gives_accounts_their_codes(self, told):
        told("OPERATING,1200,110-00")

        assert told("OPERATING,4000,400-10", "OPERATING,1200,120-00") == [
            "2 accounts have a code from the next posting on"
        ]
        assert dict(AccountMap.objects.values_list("number", "code")) == {
            "1200": "120-00", "4000": "400-10",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("row", "problem"),
        [
            ("NONE,1200,1", "fund: there is no fund NONE"),
            ("OPERATING,9,1", "number: 9 is not in the chart"),
            ("OPERATING,4000", "code: of 4000 has not 1 to 40"),
            (f"OPERATING,4000,{'1' * 41}", "code: of 4000 has not 1 to 40"),
        ],
    )
    def test_takes_all_rows_or_none(self, told, row, problem):
        with pytest.raises(CommandError, match=problem):
            told("OPERATING,1200,110-00", row)

        assert not AccountMap.objects.exists()


def test_a_target_that_rests_gets_what_it_missed(erp):
    run("erp_pause", "books")
    rent(FundFactory(), 1)
    assert (plan(), post_waiting(at=AT)) == (0, 0)

    assert run("erp_pause", "books", end=True) == ["books is posted to again"]

    assert (plan(), post_waiting(at=AT)) == (1, 1)


@pytest.mark.parametrize("command", ["erp_map", "erp_pause", "erp_selftest"])
def test_a_name_that_is_unknown_is_told(db, command):
    with pytest.raises(CommandError, match="no ERP called books"):
        run(command, "books")


class TestSelfTest:
    def test_says_each_step(self, erp):
        assert run("erp_selftest", "books") == [
            "cut off before the commit: nothing is there",
            "cut off after the commit, posted again: there once",
            "posted once more: there once",
            "other content under the reference: a conflict",
            "taken away",
        ]

    def test_finds_a_database_that_takes_a_reference_twice(self, erp):
        """As one whose tables were made without our script's keys."""
        erp.do("ALTER TABLE pay_gl_journal DROP CONSTRAINT pay_gl_journal_pkey CASCADE")
        erp.do("ALTER TABLE pay_gl_line DROP CONSTRAINT pay_gl_line_pkey")

        with pytest.raises(CommandError, match="lines differ"):
            run("erp_selftest", "books")

        assert erp.ask("SELECT * FROM pay_gl_journal") == []

    def test_finds_a_table_that_is_missing(self, erp):
        erp.do("DROP TABLE pay_gl_line")

        with pytest.raises(CommandError, match="answers with ProgrammingError"):
            run("erp_selftest", "books")


def test_the_scripts_are_written_as_they_are_kept(db, monkeypatch, tmp_path):
    monkeypatch.setattr(erp_ddl, "PLACE", tmp_path)

    run("erp_ddl")

    kept = Path(settings.BASE_DIR, "deploy/erp")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        path.name: path.read_text() for path in kept.glob("*.sql")
    }


def test_days_are_planned_posted_and_compared_by_themselves(erp):
    start(LATER)
    rent(FundFactory(), 1)
    wait_until_final()

    tasks.plan_postings()
    tasks.post_waiting()

    assert Posting.objects.get(day=DAY).status == PostingStatus.POSTED
    erp.do("DELETE FROM pay_gl_line WHERE line_no = 1")
    tasks.check_totals()
    assert "totals" in Case.objects.get().summary
