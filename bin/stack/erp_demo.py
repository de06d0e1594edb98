"""A pretend ERP beside the sandbox: a database of its own that the books are posted to."""

import subprocess
from datetime import datetime
from zoneinfo import ZoneInfo

from bin.stack.django import CommandFailed, command
from bin.stack.places import BASE
from bin.stack.postgres import ROLES, Postgres

NAME, TARGET = "erp_demo", "demo"
NEW_YORK = ZoneInfo("America/New_York")


def set_up(postgres: Postgres, env: dict[str, str]) -> None:
    """Once: the tables by the script the customer runs, and the target by the command he uses."""
    if NAME in postgres.databases():
        return
    postgres.run_sql(f"CREATE DATABASE {NAME} OWNER {ROLES['worker']}")
    script = (BASE / "deploy/erp/postgresql.sql").read_text()
    postgres.run_sql(f"SET ROLE {ROLES['worker']}; {script}", database=NAME)
    today = datetime.now(NEW_YORK).date().isoformat()
    done = subprocess.run(
        command(["erp_target", TARGET, "POSTGRESQL", today]),
        cwd=BASE,
        env=env,
        input=postgres.url("worker", NAME),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandFailed(f"manage.py erp_target {TARGET}\n{done.stderr}".strip())
