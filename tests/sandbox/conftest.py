import pytest
from celery import current_app

from tests.api.conftest import the_contract_is_true
from tests.sandbox.program import Program, beside_a_bank
from tests.webhooks.conftest import receiver

__all__ = ["receiver", "the_contract_is_true"]


@pytest.fixture
def folder(tmp_path, settings):
    settings.SANDBOX_BANK_DIR = tmp_path / "bank"
    return settings.SANDBOX_BANK_DIR


@pytest.fixture
def program(committed_db, folder) -> Program:
    current_app.loader.import_default_modules()
    return Program()


@pytest.fixture
def driver(program, folder):
    with beside_a_bank(program, folder) as driver:
        yield driver
