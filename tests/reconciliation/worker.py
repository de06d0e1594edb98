"""A worker that dies where it is told to."""

import sys

import django
from django.conf import settings

django.setup()

from housing_ach.reconciliation.services import apply_received  # noqa: E402
from tests.reconciliation.files import AT  # noqa: E402

settings.FAILPOINT = sys.argv[1]
apply_received(at=AT)
