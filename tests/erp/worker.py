"""Posters that die: python -m tests.erp.worker AT FAILPOINT... prints how each came to its end."""

import os
import sys
from datetime import datetime

import django

django.setup()

from django.conf import settings  # noqa: E402

from housing_ach.erp.services import post_waiting  # noqa: E402
from housing_ach.erp.services.posting import WAITS  # noqa: E402

at = datetime.fromisoformat(sys.argv[1])
for settings.FAILPOINT in sys.argv[2:]:
    poster = os.fork()
    if not poster:
        post_waiting(at=at)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(poster, 0)[1]), flush=True)  # noqa: T201 - the answer
    at += WAITS[0]
