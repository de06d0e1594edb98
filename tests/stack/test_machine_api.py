from datetime import timedelta

from bin.stack import machine_api
from bin.stack.machine_api import NOTE, make_certificates


def test_certificates_are_made_once(tmp_path):
    assert make_certificates(tmp_path)
    before = (tmp_path / "client.crt").read_text()

    assert not make_certificates(tmp_path)
    assert (tmp_path / "client.crt").read_text() == before


def test_certificates_that_end_soon_are_made_anew_and_the_program_is_forgotten(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(machine_api, "LASTS", timedelta(days=30))
    make_certificates(tmp_path)
    (tmp_path / NOTE).write_text("{}")

    assert make_certificates(tmp_path)
    assert not (tmp_path / NOTE).exists()


def test_keys_are_their_owners_alone(tmp_path):
    make_certificates(tmp_path)

    modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}

    assert modes == {0o600}
