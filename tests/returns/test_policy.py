from pathlib import Path

import pytest
from django.conf import settings

from housing_ach.cases.states import CaseKind
from housing_ach.nacha.codes import RETURN_CODES
from housing_ach.returns.policy import POLICY, Effect, Policy, policy_of
from housing_ach.returns.states import Action


def test_every_return_code_of_the_network_has_its_line():
    returns = {code for code, known in RETURN_CODES.items() if known.kind == "RETURN"}

    assert set(POLICY) == returns


def test_only_missing_money_is_tried_again_and_may_cost_a_fee():
    assert {code for code, policy in POLICY.items() if policy.retried} == {"R01", "R09"}
    assert {code for code, policy in POLICY.items() if policy.fee_allowed} == {"R01", "R09"}


def test_whoever_did_not_authorise_is_not_debited_again():
    unauthorised = {code: policy for code, policy in POLICY.items() if policy.unauthorised}

    assert set(unauthorised) == {"R05", "R07", "R10", "R11", "R29", "R51"}
    assert {
        code for code, policy in unauthorised.items() if policy.case == CaseKind.UNAUTHORISED
    } == {"R05", "R07", "R10", "R29", "R51"}
    assert {code for code, policy in unauthorised.items() if policy.effect == Effect.NONE} == {
        "R11"
    }


@pytest.mark.parametrize("code", ["R02", "R03", "R04", "R20"])
def test_an_account_that_cannot_be_debited_is_not_debited_next_month(code):
    assert policy_of(code).effect in {Effect.CLOSE_ACCOUNT, Effect.BLOCK_ACCOUNT}


@pytest.mark.parametrize("code", ["R14", "R15"])
def test_the_dead_are_left_alone(code):
    assert policy_of(code).effect == Effect.BLOCK_PAYER
    assert not policy_of(code).fee_allowed


def test_a_stopped_payment_stops_itself_and_not_the_next():
    stopped = policy_of("R08")

    assert (stopped.action, stopped.effect) == (Action.STOP, Effect.NONE)


def test_a_code_nobody_knows_retries_nothing_and_stops_nothing():
    unknown = policy_of("R98")

    assert (unknown.action, unknown.effect) == (Action.INFO, Effect.NONE)
    assert not unknown.unauthorised


def test_the_page_for_people_says_what_the_data_say():
    page = Path(settings.BASE_DIR, "docs/returns.md").read_text().splitlines()

    assert not [code for code, policy in POLICY.items() if told(policy) not in page]


def told(policy: Policy) -> str:
    known = RETURN_CODES[policy.code]
    return (
        f"| {policy.code} | {policy.meaning} | {known.window.lower()} | {known.rate.lower()} "
        f"| {policy.action} | {policy.effect} | {policy.case} | {policy.fix} |"
    )
