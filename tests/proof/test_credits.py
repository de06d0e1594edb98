"""verify proves credits as well, and that nobody was verified without telling the amounts."""

from tests.proof.conftest import verified


def test_a_credit_whose_money_is_not_on_its_way_is_named(lived, tamper):
    batch = tamper(
        "batches_entry",
        "UPDATE batches_entry SET settled_on = NULL WHERE id = ("
        "SELECT e.id FROM batches_entry e JOIN batches_batch b ON b.id = e.batch_id"
        " WHERE b.direction = 'CREDIT' AND e.status = 'SETTLED' LIMIT 1) RETURNING batch_id",
    )

    assert ("batch", str(batch)) in verified().offenders("I11")


def test_a_returned_credit_the_bank_never_gave_back_stays_in_transit(lived, tamper):
    batch = tamper(
        "batches_evidence",
        "DELETE FROM batches_evidence WHERE kind = 'RETURN_CHARGED' AND entry_id IN ("
        "SELECT e.id FROM batches_entry e JOIN batches_batch b ON b.id = e.batch_id"
        " WHERE b.direction = 'CREDIT') RETURNING batch_id",
    )

    verdict = verified()

    assert ("batch", str(batch)) in verdict.offenders("I11")
    assert verdict.offenders("I9")


def test_an_account_whose_amounts_nobody_told_is_named(lived, tamper):
    account = tamper(
        "mandates_bankaccount",
        "UPDATE mandates_bankaccount SET verification = 'VERIFIED', verification_method = 'MICRO',"
        " verified_on = '2026-03-05' WHERE id IN (SELECT bank_account_id FROM payouts_microdeposits"
        " WHERE status = 'FAILED') RETURNING id",
    )

    assert ("bank account", str(account)) in verified().offenders("I9")


def test_micro_deposits_verified_by_a_wrong_try_are_named(lived, tamper):
    row = tamper(
        "payouts_microdeposittry",
        'UPDATE payouts_microdeposittry SET "right" = false RETURNING micro_deposits_id',
    )

    assert ("micro-deposits", str(row)) in verified().offenders("I9")


def test_micro_deposits_verified_that_came_back_are_named(lived, tamper):
    row = tamper(
        "payments_payment",
        "UPDATE payments_payment p SET status = 'RETURNED' FROM payouts_microdeposits m"
        " WHERE m.order_id = p.order_id AND m.status = 'VERIFIED' RETURNING m.id",
    )

    assert ("micro-deposits", str(row)) in verified().offenders("I9")


def test_a_try_that_was_changed_breaks_the_chain(lived, tamper):
    tamper("payouts_microdeposittry", "UPDATE payouts_microdeposittry SET number = 2 RETURNING id")

    assert "I8" in verified().failed
