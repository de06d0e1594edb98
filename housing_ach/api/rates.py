"""How often a program may call: windows that slide, counted in Redis for all processes together.

Where the counter cannot be asked, calls of programs we know go on; tokens are given to nobody.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import ceil
from time import time
from typing import NamedTuple

from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

PATIENCE_SECONDS = 1
WINDOW_SECONDS = 60
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Rate(NamedTuple):
    """What is left of a window, and when it is whole again."""

    policy: str
    most: int
    left: int
    seconds: int
    is_over: bool

    @property
    def headers(self) -> Mapping[str, str]:
        """As the IETF draft of the RateLimit fields has them."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.most};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.seconds}',
        }


def count(policy: str, who: str, *, most: int) -> Rate | None:
    """Count a call; None where the counter cannot be asked."""
    item = RateLimitItemPerMinute(most)
    try:
        counter = _counter()
        is_over = not counter.hit(item, policy, who)
        reset_at, left = counter.get_window_stats(item, policy, who)
    except StorageError:
        return None
    return Rate(policy, most, left, max(1, ceil(reset_at - time())), is_over)


class ClientRate(BaseThrottle):
    """Of each program: reading and writing are counted apart."""

    rate: Rate | None = None

    def allow_request(self, request: Request, view: object) -> bool:
        policy, most = "write", settings.API_WRITES_PER_MINUTE
        if request.method in SAFE:
            policy, most = "read", settings.API_READS_PER_MINUTE
        self.rate = count(policy, str(request.user), most=most)
        request.rate = self.rate  # type: ignore[attr-defined]  # told by the answer
        return self.rate is None or not self.rate.is_over

    def wait(self) -> float | None:
        return self.rate.seconds if self.rate else None


@lru_cache(maxsize=1)
def _counter() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(
        RedisStorage(
            settings.REDIS_URL.replace("redis+socket://", "redis+unix://"),
            key_prefix="hms-api",
            wrap_exceptions=True,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
        )
    )
