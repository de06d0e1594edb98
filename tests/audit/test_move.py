from datetime import date
from decimal import Decimal

import pytest
from django.db.models import F

from housing_ach.audit.acting import acting
from housing_ach.audit.models import Event
from housing_ach.audit.move import IllegalMove, StaleState, move, move_all, record
from tests.audit.door import BRICKED, LOCKED, OPEN, SHUT, Door


def events():
    return Event.objects.filter(subject="audit_tests.door").order_by("id")


def test_a_move_changes_the_row_and_tells_its_history(doors):
    door = doors.create()

    with acting("user:7"):
        move(door, SHUT, data={"why": "draught"}, note="quick", moved_on=date(2026, 3, 2))

    door.refresh_from_db()
    assert (door.status, door.note, door.moved_on) == (SHUT, "quick", date(2026, 3, 2))
    (event,) = events()
    assert (event.kind, event.subject_id) == ("door.shut", str(door.pk))
    assert (event.was, event.became, event.actor) == (OPEN, SHUT, "user:7")
    assert event.data == {"why": "draught"}


def test_the_row_in_hand_shows_what_it_became(doors):
    door = doors.create(knocks=2)

    move(door, SHUT, knocks=F("knocks") + 1, note="now")

    assert (door.status, door.knocks, door.note) == (SHUT, 3, "now")


def test_a_move_can_name_its_event(doors):
    move(doors.create(), SHUT, kind="door.slammed")

    assert events().get().kind == "door.slammed"


def test_a_move_outside_the_table_is_refused_with_nothing_done(doors):
    door = doors.create()

    with pytest.raises(IllegalMove, match="OPEN cannot become BRICKED"):
        move(door, BRICKED)

    assert doors.get().status == OPEN
    assert not events().exists()


def test_nothing_leaves_a_final_state(doors):
    door = doors.create(status=BRICKED)

    with pytest.raises(IllegalMove):
        move(door, OPEN)


def test_the_second_of_two_movers_is_told(doors):
    first = doors.create()
    second = Door.objects.get()
    move(first, SHUT)

    with pytest.raises(StaleState, match=f"#{first.pk}") as told:
        move(second, SHUT)

    assert told.value.ids == (first.pk,)
    assert second.status == OPEN
    assert events().count() == 1


def test_many_move_at_once_and_each_tells_what_it_was(doors):
    shut, opened, locked = (doors.create(status=status) for status in (SHUT, OPEN, LOCKED))

    moved = move_all(Door.objects.all(), SHUT, data={"by": "janitor"}, knocks=F("knocks") + 1)

    assert moved == [opened.pk, locked.pk]
    assert [(e.subject_id, e.was, e.became) for e in events()] == [
        (str(opened.pk), OPEN, SHUT),
        (str(locked.pk), LOCKED, SHUT),
    ]
    assert dict(doors.values_list("pk", "knocks")) == {shut.pk: 0, opened.pk: 1, locked.pk: 1}
    assert {e.data["by"] for e in events()} == {"janitor"}


def test_many_move_by_their_keys(doors):
    first, second, _third = (doors.create() for _ in range(3))

    moved = move_all(Door, SHUT, ids=[second.pk, first.pk])

    assert moved == [first.pk, second.pk]


def test_keys_narrow_a_query(doors):
    first, second = doors.create(note="a"), doors.create(note="b")

    assert move_all(doors.filter(note="a"), SHUT, ids=[first.pk, second.pk]) == [first.pk]


def test_only_the_statuses_asked_for_move(doors):
    opened, _locked = doors.create(), doors.create(status=LOCKED)

    assert move_all(doors.all(), SHUT, from_=OPEN) == [opened.pk]


def test_asking_for_a_status_that_may_not_move_is_refused(doors):
    with pytest.raises(IllegalMove):
        move_all(doors.all(), BRICKED, from_=[OPEN])


def test_a_strict_move_names_those_left_and_moves_none(doors):
    opened, bricked = doors.create(), doors.create(status=BRICKED)

    with pytest.raises(StaleState, match=f"#{bricked.pk}: changed") as told:
        move_all(doors.all(), SHUT, strict=True)

    assert told.value.ids == (bricked.pk,)
    assert doors.get(pk=opened.pk).status == OPEN
    assert not events().exists()


def test_moving_nothing_is_nothing(doors):
    assert move_all(doors.none(), SHUT) == []
    assert move_all(Door, SHUT, ids=[]) == []


def test_a_thousand_moves_are_one_statement(doors, django_assert_num_queries):
    doors.bulk_create(Door() for _ in range(1000))

    with django_assert_num_queries(1):
        moved = move_all(doors.all(), SHUT)

    assert len(moved) == events().count() == 1000


def test_a_plain_event_is_recorded_about_a_row_or_a_label(doors):
    door = doors.create()

    record("door.knocked", door, data={"times": Decimal(3)})
    record("door.knocked", "audit_tests.door", "front")

    assert [e.subject_id for e in events()] == [str(door.pk), "front"]
    assert events()[0].data == {"times": "3"}
