"""The keys that sign access tokens: one signs, one is known before it does, one still counts.

Readers of the key set may keep it for CACHE_SECONDS, and a token lives LIFE_SECONDS: a key is published
that long before it signs and that long after it did.
"""

from datetime import datetime, timedelta
from math import inf
from threading import Lock
from time import monotonic

from django.db import connection, transaction
from joserfc.jwk import ECKey, KeySet

from housing_ach.api.models import SigningKey
from housing_ach.api.states import PUBLISHED, KeyStatus
from housing_ach.audit.move import move
from housing_ach.shared.problems import Refusal
from housing_ach.vault.keys import SERVICE
from housing_ach.vault.services import reveal, seal

ALGORITHM = "ES256"
LIFE_SECONDS = 600
CACHE_SECONDS = 300
STILL_GOOD = timedelta(seconds=LIFE_SECONDS + CACHE_SECONDS)
# A key that is withdrawn in an emergency counts so long in a process that knows it.
KNOWN_SECONDS = 60
LOCK = "api.signing_key"


class TooSoon(Refusal):
    """A key that was in use a moment ago may still have signed a good token."""


def rotate(*, at: datetime) -> SigningKey:
    """The next key signs from now on, and a new next one is published. Returns the one that signs.

    Raises TooSoon while tokens of the key before the present one still live.
    """
    with transaction.atomic():
        _one_at_a_time()
        retire(at=at)
        if SigningKey.objects.filter(status=KeyStatus.RETIRING).exists():
            minutes = int(STILL_GOOD.total_seconds() // 60)
            raise TooSoon(f"key: the last one was changed less than {minutes} minutes ago")
        coming = SigningKey.objects.filter(status=KeyStatus.NEXT).first() or _make(at)
        for key in SigningKey.objects.filter(status=KeyStatus.ACTIVE):
            move(key, KeyStatus.RETIRING, retiring_at=at)
        move(coming, KeyStatus.ACTIVE)
        _make(at)
    return coming


def retire(*, at: datetime) -> None:
    """Keys whose last token is over are published no more."""
    for key in SigningKey.objects.filter(
        status=KeyStatus.RETIRING, retiring_at__lte=at - STILL_GOOD
    ):
        move(key, KeyStatus.RETIRED)


def signing_key(*, at: datetime) -> ECKey:
    """The private key that signs now; the first one is made when it is asked for."""
    row = SigningKey.objects.filter(status=KeyStatus.ACTIVE).first() or _first(at)
    return ECKey.import_key(
        reveal(row.token, context=_context(row.kid)),
        {"kid": row.kid, "use": "sig", "alg": ALGORITHM},
    )


def public_keys() -> KeySet:
    rows = SigningKey.objects.filter(status__in=PUBLISHED).order_by("pk")
    return KeySet([ECKey.import_key(row.public) for row in rows])


def known_keys(kid: str) -> KeySet:
    """The public keys as this process read them at most KNOWN_SECONDS ago; a key it has not heard of
    makes it read anew. A token is checked without a query for them.
    """
    with _KNOWN.lock:
        too_old = monotonic() - _KNOWN.read_at > KNOWN_SECONDS
        if too_old or all(key.kid != kid for key in _KNOWN.keys.keys):
            _KNOWN.keys, _KNOWN.read_at = public_keys(), monotonic()
        return _KNOWN.keys


class _Known:
    def __init__(self) -> None:
        self.lock = Lock()
        self.keys, self.read_at = KeySet([]), -inf


_KNOWN = _Known()


def _first(at: datetime) -> SigningKey:
    with transaction.atomic():
        _one_at_a_time()
        return SigningKey.objects.filter(status=KeyStatus.ACTIVE).first() or rotate(at=at)


def _make(at: datetime) -> SigningKey:
    key = ECKey.generate_key("P-256", auto_kid=True)
    kid = str(key.kid)
    return SigningKey.objects.create(
        kid=kid,
        public=key.as_dict(private=False) | {"use": "sig", "alg": ALGORITHM},
        token=seal(SERVICE, key.as_pem(private=True), context=_context(kid)),
        made_at=at,
    )


def _context(kid: str) -> str:
    return f"api.signing_key:{kid}"


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
