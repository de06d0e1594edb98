"""Certificates and keys are judged before anything relies on them, and never repeated in words."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from bin.stack.authority import Authority
from housing_ach.shared.tls import BadCertificate, as_file, require_authorities, require_identity
from tests.tls import pem

NOW = datetime.now(UTC)
YEARS = timedelta(days=800)
AUTHORITY = Authority("One")
OURS, OTHER = AUTHORITY.issue("ours"), AUTHORITY.issue("other")
SHORT = AUTHORITY.issue("short", lasts=timedelta(days=3))
NO_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


def with_password():
    key = load_pem_private_key(OURS.key.encode(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    return OURS.certificate + locked.decode()


def ends(days):
    return pytest.approx((NOW + timedelta(days=days)).timestamp(), abs=60)


def test_a_certificate_with_its_key_and_chain_is_good_until_the_first_ends():
    chained = SHORT.certificate + AUTHORITY.certificate + SHORT.key

    assert require_identity(pem(OURS), at=NOW).timestamp() == ends(365)
    assert require_identity(chained, at=NOW).timestamp() == ends(3)
    assert require_identity(OURS.key + OURS.certificate, at=NOW).timestamp() == ends(365)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "holds no certificate"),
        ("nonsense", "holds no certificate"),
        (OURS.key, "holds no certificate"),
        (OURS.certificate.replace("A", "B"), "holds no certificate"),
        (OURS.certificate, "its key is missing"),
        (OURS.certificate + OTHER.key, "another certificate's"),
        (OURS.certificate + NO_KEY, "its key is missing"),
        (with_password(), "its key is missing, has a password"),
    ],
)
def test_what_could_not_be_shown_is_refused(text, why):
    with pytest.raises(BadCertificate, match=why) as refused:
        require_identity(text, at=NOW)

    said = str(refused.value)
    assert said.startswith("identity: ")
    assert refused.value.__suppress_context__
    assert not any(line in said for line in OURS.key.splitlines())


@pytest.mark.parametrize("judged", [require_identity, require_authorities])
@pytest.mark.parametrize(
    ("at", "why"), [(NOW - YEARS, "not valid yet"), (NOW + YEARS, "not valid any more")]
)
def test_what_is_not_valid_at_that_moment_is_refused(judged, at, why):
    with pytest.raises(BadCertificate, match=why):
        judged(pem(OURS), at=at)


def test_authorities_are_good_until_the_first_ends():
    assert require_authorities(AUTHORITY.certificate, at=NOW).timestamp() == ends(365)
    with pytest.raises(BadCertificate, match="authorities: holds no certificate"):
        require_authorities("nonsense", at=NOW)


def test_a_key_lent_as_a_file_is_on_no_disk_and_ours_alone():
    with as_file(OURS.key) as path:
        place = Path(path)
        assert place.read_text() == OURS.key
        assert not place.resolve().exists()
        assert stat.S_IMODE(place.stat().st_mode) == 0o600

    assert not place.exists()
