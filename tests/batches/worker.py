"""A worker of its own process, so that it can be killed: `worker.py WINDOW AT` freezes and sends."""

import sys
from datetime import datetime

import django

django.setup()

from housing_ach.bank.models import Window  # noqa: E402
from housing_ach.batches.services import freeze, recover  # noqa: E402
from housing_ach.shared.business_days import new_york_date  # noqa: E402

window = Window.objects.get(pk=int(sys.argv[1]))
at = datetime.fromisoformat(sys.argv[2])
freeze(window=window, on=new_york_date(at), at=at)
recover(at=at)
