"""A process that posts and may die: python -m tests.erp.worker FAILPOINT."""

import sys

import django

django.setup()

from django.conf import settings  # noqa: E402

from housing_ach.erp.services import post_waiting  # noqa: E402
from tests.factories import AT  # noqa: E402

settings.FAILPOINT = sys.argv[1]
post_waiting(at=AT)
