"""A process that applies what waits and may die: python -m tests.api.dropping_worker FAILPOINT."""

import sys

import django

django.setup()

from django.conf import settings  # noqa: E402

from housing_ach.api.drop.apply import apply_waiting  # noqa: E402
from housing_ach.api.drop.store import take  # noqa: E402
from tests.factories import AT  # noqa: E402

settings.FAILPOINT = sys.argv[1]
if len(sys.argv) > 2:
    take(sys.argv[2], "march.csv", sys.stdin.buffer.read(), at=AT)
apply_waiting(at=AT)
