"""Time that a program moves: asked for at once, lived through by the worker, once."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection

from housing_ach.batches.models import Entry
from housing_ach.batches.services import build
from housing_ach.clock import services as clock
from housing_ach.clock.models import Run
from housing_ach.payments.models import Payment
from housing_ach.sandbox import ahead, tasks
from housing_ach.users.services import system_user
from housing_ach.users.states import Scope
from housing_ach.webhooks.models import Delivery
from housing_ach.webhooks.tasks import plan_from_events
from tests.api.calling import registered, token_of
from tests.final import wait_until_final
from tests.journeys.test_rent_month import assert_proven
from tests.sandbox.program import (
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Program,
    at,
    problem,
)
from tests.sandbox.test_bank_server import wait_for
from tests.webhooks.receiver import told_at

GO_ON = """
import sys, django; django.setup()
from pathlib import Path
from housing_ach.sandbox.ahead import go_on
from housing_ach.sandbox.bank.bank import AnsweringBank
from housing_ach.sandbox.drivers import InProcess
go_on(InProcess(AnsweringBank(Path(sys.argv[1]), 7)), seconds=600)
"""


@pytest.fixture
def bank_process(program, committed_db, folder):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox_bank", "--folder", folder, "--every", "0.02"],
        cwd=django_settings.BASE_DIR,
        env=os.environ | committed_db.environment(),
        stdout=subprocess.DEVNULL,
    )
    wait_for(lambda: process.poll() is not None or (folder / "reached").exists())
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(20)


class Idle:
    """Notes what it is asked; nothing is done."""

    def __init__(self):
        self.reached = []

    def work(self, names):
        pass

    def bank_reaches(self, at):
        self.reached.append(at)


def statuses():
    return set(Payment.objects.values_list("status", flat=True))


def test_three_rents_are_followed_from_the_request_to_cleared(program, bank_process, receiver):
    told_at(receiver)
    items = [program.wish(program.payer(f"99000000{n}")) for n in (11, 22, 33)]
    body = {"count": 3, "total_amount": 3000_00, "items": items}
    followed = program.post("/api/v1/ach/transactions", body)["Location"]

    asked = program.of(Payment.objects.earliest("pk"), "settle")
    while ahead.going_to():
        tasks.advance()

    assert (asked.status_code, asked["Location"]) == (202, "/api/v1/test/clock")
    assert asked.json()["going_to"] == "2026-03-17T13:15:00Z"
    assert program.clock()["now"] == "2026-03-17T13:15:00Z"
    totals = program.get(followed).json()["totals"]
    assert totals == [{"status": "Settled", "count": 3, "amount": 3000_00}]

    program.advance(to="2026-03-20T10:00:00-04:00")
    while ahead.going_to():
        tasks.advance()

    assert statuses() == {"CLEARED"}
    wait_until_final()
    plan_from_events()
    kinds = list(Delivery.objects.values_list("kind", flat=True))
    assert (kinds.count("payment.settled"), kinds.count("payment.cleared")) == (3, 3)
    assert_proven()


def test_the_clock_tells_where_it_stands_and_where_it_goes(program):
    assert program.clock() == {
        "object": "clock",
        "livemode": False,
        "now": "2026-03-16T14:00:00Z",
        "frozen": True,
        "going_to": None,
    }

    answer = program.advance(days=2)

    assert answer.status_code == 202
    assert program.clock()["going_to"] == answer.json()["going_to"] == "2026-03-18T14:00:00Z"


@pytest.mark.parametrize(
    ("to", "instant"),
    [
        ("2026-03-18", "2026-03-18T04:00:00Z"),
        ("2026-03-18T09:30:00.5-04:00", "2026-03-18T13:30:00Z"),
        ("2026-05-17T13:59:59Z", "2026-05-17T13:59:59Z"),
    ],
)
def test_a_date_is_its_midnight_in_new_york(program, to, instant):
    assert program.advance(to=to).json()["going_to"] == instant


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"to": "2026-03-16"}, (409, "NotLater", "/to")),
        ({"to": "2026-03-16T14:00:00Z"}, (409, "NotLater", "/to")),
        ({"to": "0001-01-01T00:00:00+14:00"}, (422, "invalid", "/to")),
        ({"to": "2026-05-18"}, (409, "TooFar", "/to")),
        ({"days": 62, "to": "2026-03-17"}, (422, "invalid", "/to")),
        ({"days": 63}, (422, "max_value", "/days")),
        ({"days": 0}, (422, "min_value", "/days")),
        ({"days": "2"}, (422, "invalid", "/days")),
        ({"to": "tomorrow"}, (422, "invalid", "/to")),
        ({"to": "2026-03-18T09:30:00"}, (422, "invalid", "/to")),
        ({"to": 20260318}, (422, "invalid", "/to")),
        ({}, (422, "invalid", "/to")),
        ({"days": 1, "hours": 2}, (422, "unknown", "/hours")),
    ],
)
def test_what_cannot_be_asked_is_named(program, asked, said):
    assert problem(program.advance(**asked)) == said
    assert ahead.going_to() is None


def test_a_clock_on_its_way_is_not_sent_elsewhere(program):
    program.advance(days=1)
    payment = program.debit()

    for answer in (program.advance(days=2), program.of(payment, "settle")):
        assert problem(answer) == (409, "ClockIsMoving", "/clock")


def test_the_clock_may_run_again(program, committed_db):
    before = program.clock()["now"]
    with committed_db.acting_as("app"):
        answer = program.post("/api/v1/test/clock/run", {})

    assert (answer.status_code, answer.json()["frozen"]) == (200, False)
    assert before <= program.clock()["now"] < "2026-03-16T14:05:00Z"
    assert clock.now() < clock.now()


def test_a_clock_on_its_way_does_not_run(program):
    program.advance(days=1)

    answer = program.post("/api/v1/test/clock/run", {})

    assert problem(answer) == (409, "ClockIsMoving", "/clock")


def test_reading_alone_moves_nothing(program):
    reader = token_of(*registered(scopes=(Scope.READ,)))
    program.token, answers = reader, []

    answers.append(program.advance(days=1))
    answers.append(program.post("/api/v1/test/payments/1/settle", {}))

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not Run.objects.exists()


def test_the_web_process_may_ask(program, committed_db):
    with committed_db.acting_as("app"):
        assert program.advance(days=1).status_code == 202


def test_one_look_lives_through_its_share_and_the_next_goes_on(program):
    program.advance(to=THURSDAY.isoformat())
    driver = Idle()

    ahead.go_on(driver, seconds=0)
    first = list(driver.reached)
    while ahead.going_to():
        ahead.go_on(driver, seconds=0)

    assert first == [at(MONDAY, 12, 30)]
    assert sorted(set(driver.reached)) == [
        *(at(MONDAY, *hour) for hour in ((12, 30), (15, 10), (18, 30))),
        *(at(on, *hour) for on in (TUESDAY, WEDNESDAY) for hour in HOURS),
        at(THURSDAY, 0),
    ]
    assert clock.now() == at(THURSDAY, 0)


HOURS = ((9, 15), (12, 30), (15, 10), (18, 30))


def test_of_two_workers_one_moves_the_clock(program):
    program.advance(days=1)
    second = Idle()

    class First(Idle):
        def bank_reaches(self, at):
            super().bank_reaches(at)
            beside = threading.Thread(target=self.look)
            beside.start()
            beside.join()

        def look(self):
            ahead.go_on(second, seconds=600)
            connection.close()

    first = First()
    ahead.go_on(first, seconds=600)

    assert len(first.reached) == len(set(first.reached)) == 5
    assert second.reached == []
    assert Run.objects.get(job=ahead.JOB).finished_at is not None


@pytest.mark.parametrize("failpoint", ["sandbox.lived", "publish.renamed", "post.before_commit"])
def test_killed_half_way_it_goes_on(program, driver, committed_db, folder, failpoint):
    program.debit()
    program.advance(to="2026-03-17T10:00:00-04:00")

    killed = subprocess.run(
        [sys.executable, "-c", GO_ON, folder],
        cwd=django_settings.BASE_DIR,
        env=os.environ | committed_db.environment() | {"FAILPOINT": failpoint},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert program.clock()["going_to"] == "2026-03-17T14:00:00Z"
    ahead.go_on(driver, seconds=600)

    assert program.clock()["going_to"] is None
    assert statuses() == {"SETTLED"}
    assert Entry.objects.count() == 1
    assert_proven()


def test_a_silent_bank_is_waited_for(program, folder, monkeypatch, caplog):
    monkeypatch.setattr(tasks, "BANK_SECONDS", 0)
    program.advance(days=1)

    tasks.advance()

    assert "the clock waits" in caplog.text
    assert program.clock()["going_to"] == "2026-03-17T14:00:00Z"


def test_what_is_asked_for_after_the_hour_of_drafts_is_still_in_todays_file(program, driver):
    program.arrives(driver, to="2026-03-16T14:00:00-04:00")
    payment = program.debit()

    program.of(payment, "settle")
    ahead.go_on(driver, seconds=600)

    assert clock.now() == at(TUESDAY, 9, 15)
    assert statuses() == {"SETTLED"}


def test_what_can_no_longer_reach_its_day_settles_on_the_next(program, driver):
    program.arrives(driver, to="2026-03-16T12:45:00-04:00")
    payment = program.debit()
    clock.advance(at(MONDAY, 17))

    program.of(payment, "settle")
    ahead.go_on(driver, seconds=600)

    assert clock.now() == at(WEDNESDAY, 9, 15)
    assert statuses() == {"SETTLED"}


def test_a_draft_nobody_may_approve_any_more_does_not_stop_the_clock(program, driver, caplog):
    program.debit()
    clock.advance(at(MONDAY, 13))
    window = program.profile.windows.get()
    build(window=window, on=MONDAY, at=clock.now(), by=system_user())
    clock.advance(at(MONDAY, 17))

    program.arrives(driver, days=1)

    assert "not approved: " in caplog.text
    assert clock.now() == at(TUESDAY, 17)


def test_wall_time_is_left_at_the_moment_that_was_asked_for(committed_db, folder):
    program_at = clock.wall_time()
    token = token_of(*registered(scopes=(Scope.READ, Scope.WRITE)))
    program = Program.__new__(Program)
    program.token = token
    assert program.clock()["frozen"] is False

    program.advance(days=1)
    ahead.go_on(Idle(), seconds=600)

    assert program.clock()["frozen"] is True
    assert timedelta(hours=22) < clock.now() - program_at < timedelta(hours=26)


def test_settling_is_refused_where_there_is_nothing_to_come(program, driver):
    payment = program.debit()
    program.of(payment, "settle")
    ahead.go_on(driver, seconds=600)

    answer = program.of(payment, "settle")

    assert problem(answer) == (409, "NothingToSettle", "/payment")
    assert "it is Settled already" in answer.json()["detail"]
    assert program.post("/api/v1/test/payments/999999/settle", {}).status_code == 404
