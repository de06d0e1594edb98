"""A bank may explain itself at length."""

from housing_ach.bank.states import SANDBOX_BANK_ROUTING
from housing_ach.batches import services as batches
from housing_ach.batches.states import FileStatus
from tests.batches.town import EVENING, Town
from tests.returns.post import fetched, send


def test_a_reason_longer_than_we_keep_is_cut(town: Town):
    town.debit()
    ours = send(town)
    lines = [
        f"HDR,ACK,1,2026-03-02T20:12:00Z,2026-03-02,{SANDBOX_BANK_ROUTING}",
        f"FILE,REJECTED,{ours.name},{ours.sha256},1987654321,2026-03-02,1510,A,1,1,100000,0,"
        f"{'NO ' * 200},",
        "TRL,1,0,0\n",
    ]

    fetched(town, "\n".join(lines).encode(), at=EVENING)
    batches.apply_received(at=EVENING)

    ours.refresh_from_db()
    assert (ours.status, len(ours.reason)) == (FileStatus.REJECTED, 300)
