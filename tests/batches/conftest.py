import pytest

from housing_ach.sandbox.bank.server import running_bank
from tests.batches.town import Town


@pytest.fixture
def bank(tmp_path):
    with running_bank(tmp_path / "bank", seed=7) as running:
        yield running


@pytest.fixture
def town(db, bank) -> Town:
    return Town.beside(bank)
