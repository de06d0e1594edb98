import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from housing_ach.vault.keys import CannotOpen, FileKeys, add_pair, make_missing

FILES = {
    "secret_key",
    "fingerprint-0001.key",
    "money-0001.pem",
    "money-0001.pub.pem",
    "service-0001.pem",
    "service-0001.pub.pem",
}


def test_every_key_is_made_for_its_owner_alone(made_keys):
    assert {path.name for path in made_keys.iterdir()} == FILES
    assert {path.stat().st_mode & 0o777 for path in made_keys.iterdir()} == {0o600}


def test_making_them_again_changes_nothing(made_keys):
    before = {path.name: path.read_bytes() for path in made_keys.iterdir()}

    assert make_missing(made_keys) == []

    assert {path.name: path.read_bytes() for path in made_keys.iterdir()} == before


def test_a_missing_one_is_made_and_named(keys):
    (keys / "secret_key").unlink()

    assert make_missing(keys) == ["secret_key"]


def test_they_are_made_without_django(tmp_path):
    program = (
        "import sys; from pathlib import Path; from housing_ach.vault import keys;"
        f"keys.make_missing(Path({str(tmp_path / 'new')!r})); assert 'django' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    subprocess.run([sys.executable, "-m", "housing_ach.vault.keys", tmp_path / "new"], check=True)

    assert {path.name for path in (tmp_path / "new").iterdir()} == FILES


def test_two_at_once_never_mix_their_halves(tmp_path):
    def make(_turn):
        try:
            return add_pair(tmp_path, "money")
        except CannotOpen:
            return ""

    with ThreadPoolExecutor(4) as pool:
        made = [key_id for key_id in pool.map(make, range(4)) if key_id]

    keys = FileKeys(tmp_path)
    assert made
    for key_id in made:
        assert keys.unwrap(key_id, keys.wrap(key_id, b"k" * 32)) == b"k" * 32


def test_the_highest_number_is_the_current_key(keys):
    add_pair(keys, "money")

    files = FileKeys(keys)
    assert (files.current("money"), files.current("service")) == ("money-0002", "service-0001")


def test_a_ring_without_keys_says_what_to_do(tmp_path):
    with pytest.raises(CannotOpen, match="run vault_init"):
        FileKeys(tmp_path).current("money")


def test_a_key_of_the_wrong_kind_is_told(tmp_path):
    for suffix in (".pem", ".pub.pem"):
        (tmp_path / f"money-0001{suffix}").write_text("-----BEGIN NOTHING-----")

    with pytest.raises(CannotOpen, match="money-0001"):
        FileKeys(tmp_path).wrap("money-0001", b"k" * 32)
    with pytest.raises(CannotOpen, match="money-0001"):
        FileKeys(tmp_path).unwrap("money-0001", b"w")
