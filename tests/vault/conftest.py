import shutil

import pytest

from housing_ach.vault.keys import make_missing


@pytest.fixture(scope="session")
def made_keys(tmp_path_factory):
    """Making RSA keys takes a second: once for all tests."""
    folder = tmp_path_factory.mktemp("keys")
    make_missing(folder)
    return folder


@pytest.fixture
def keys(made_keys, settings, tmp_path):
    """Keys of the test's own, which the vault uses."""
    folder = tmp_path / "keys"
    shutil.copytree(made_keys, folder)
    settings.VAULT_KEY_DIR = folder
    return folder
