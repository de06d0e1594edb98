"""Which databases are posted to, and how one is reached."""

from datetime import date

import sqlalchemy as sa
from django.db import transaction
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from housing_ach.erp.models import AccountMap, Target
from housing_ach.erp.states import Dialect
from housing_ach.ledger.chart import NAMES
from housing_ach.ledger.models import Fund
from housing_ach.shared.problems import Refusal
from housing_ach.vault.models import Ring
from housing_ach.vault.services import reveal, seal

DRIVERS: dict[str, str] = {
    Dialect.POSTGRESQL: "postgresql+psycopg",
    Dialect.MSSQL: "mssql+mssqlpython",
    Dialect.ORACLE: "oracle+oracledb",
}
# Seconds. mssql-python has its own bound and refuses unknown words of a connection string.
PATIENCE: dict[str, dict[str, object]] = {
    Dialect.POSTGRESQL: {"connect_timeout": 10},
    Dialect.ORACLE: {"tcp_connect_timeout": 10.0},
}


class BadTarget(Refusal):
    """It is no address of a database of this kind, or no account of ours."""


@transaction.atomic
def add_target(*, name: str, dialect: str, url: str, schema: str, starts_on: date) -> Target:
    """The address (`postgresql://user:password@host/database`) is sealed and shown to nobody."""
    try:
        made = sa.make_url(url)
    except ArgumentError:
        raise BadTarget("url: is no database's address", field="url") from None
    if made.get_backend_name() != DRIVERS[dialect].partition("+")[0]:
        raise BadTarget(f"url: is not {Dialect(dialect).label}'s", field="url")
    if Target.objects.filter(name=name).exists():
        raise BadTarget(f"name: {name} is there already", field="name")
    text = made.set(drivername=DRIVERS[dialect]).render_as_string(hide_password=False)
    token = seal(Ring.SERVICE, text.encode(), context=_context(name))
    return Target.objects.create(
        name=name, dialect=dialect, secret=token, schema=schema, starts_on=starts_on
    )


def map_account(target: Target, fund: Fund, *, number: str, code: str) -> AccountMap:
    """From the next posting on; those planned keep the codes they were planned with."""
    if number not in NAMES:
        raise BadTarget(f"number: {number} is not in the chart of accounts", field="number")
    row, _made = AccountMap.objects.update_or_create(
        target=target, fund=fund, number=number, defaults={"code": code}
    )
    return row


def engine_of(target: Target) -> sa.Engine:
    """Holds no connection open and never shows a row in an error."""
    url = reveal(target.secret, context=_context(target.name)).decode()
    engine = sa.create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=dict(PATIENCE.get(target.dialect, {})),
    )
    if not target.schema:
        return engine
    return engine.execution_options(schema_translate_map={None: target.schema})


def _context(name: str) -> str:
    return f"erp target {name}"
