"""Workers that can be killed: a process that forks one for each order, read as lines of JSON.

Django is set up once, so that a worker costs milliseconds; each has connections of its own and dies by
a real SIGKILL.
"""

import json
import os
import sys
from datetime import datetime

import django
from django.conf import settings

django.setup()

from django.db import connections  # noqa: E402

from housing_ach.bank.models import Window  # noqa: E402
from housing_ach.batches.services import freeze, recover  # noqa: E402
from housing_ach.shared.business_days import new_york_date  # noqa: E402


def work(order: dict) -> None:
    connections.settings["default"]["NAME"] = order["database"]
    settings.FAILPOINT = order["failpoint"]
    at = datetime.fromisoformat(order["at"])
    window = Window.objects.select_related("profile").get(pk=order["window"])
    freeze(window=window, on=new_york_date(at), at=at)
    recover(at=at)


def start(order: dict) -> dict:
    pid = os.fork()
    if pid:
        return {"pid": pid}
    code = 1
    try:
        work(order)
        code = 0
    finally:
        os._exit(code)


def wait(order: dict) -> dict:
    return {"code": os.waitstatus_to_exitcode(os.waitpid(order["pid"], 0)[1])}


def wait_until_stopped(order: dict) -> dict:
    os.waitid(os.P_PID, order["pid"], os.WSTOPPED | os.WNOWAIT)
    return {}


for line in sys.stdin:
    given = json.loads(line)
    answer = {"start": start, "wait": wait, "stopped": wait_until_stopped}[given["do"]](given)
    print(json.dumps(answer), flush=True)  # noqa: T201 - the protocol
