"""Which databases are posted to, and how one is reached."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from django.db import transaction
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from housing_ach.erp.contract import CODE
from housing_ach.erp.models import AccountMap, Target
from housing_ach.erp.services.drivers import DRIVERS, AddressRefused, check_address
from housing_ach.erp.states import Dialect
from housing_ach.ledger.chart import NAMES
from housing_ach.ledger.models import Fund
from housing_ach.shared.problems import Refusal
from housing_ach.shared.tls import PUBLIC, as_file, client_context
from housing_ach.vault import lines
from housing_ach.vault.lines import Line
from housing_ach.vault.models import Ring
from housing_ach.vault.services import reveal, seal

# Seconds. mssql-python has its own bound, and no word for another.
PATIENCE: dict[str, dict[str, object]] = {
    Dialect.POSTGRESQL: {"connect_timeout": 10},
    Dialect.ORACLE: {"tcp_connect_timeout": 10.0},
}
# Of a SQL Server's address: a line says it, and a word said twice is refused by the driver.
OWN_WORDS = frozenset({"encrypt", "servercertificate", "trustservercertificate"})


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
    made = made.set(drivername=DRIVERS[dialect])
    try:
        check_address(made)
    except AddressRefused as refused:
        raise BadTarget(f"url: {refused}", field="url") from None
    text = made.render_as_string(hide_password=False)
    token = seal(Ring.SERVICE, text.encode(), context=_context(name))
    return Target.objects.create(
        name=name, dialect=dialect, secret=token, schema=schema, starts_on=starts_on
    )


@transaction.atomic
def map_accounts(target: Target, rows: Iterable[Mapping[str, str | None]]) -> int:
    """Rows of `fund`, `number` and `code`: all or none. Raises BadTarget."""
    funds = {fund.code: fund for fund in Fund.objects.all()}
    count = 0
    for row in rows:
        fund = funds.get(row.get("fund") or "")
        if fund is None:
            raise BadTarget(f"fund: there is no fund {row.get('fund')}", field="fund")
        map_account(target, fund, number=row.get("number") or "", code=row.get("code") or "")
        count += 1
    return count


def map_account(target: Target, fund: Fund, *, number: str, code: str) -> AccountMap:
    """From the next posting on; those planned keep the codes they were planned with."""
    if number not in NAMES:
        raise BadTarget(f"number: {number} is not in the chart of accounts", field="number")
    if not 0 < len(code) <= CODE:
        raise BadTarget(f"code: of {number} has not 1 to {CODE} characters", field="code")
    row, _made = AccountMap.objects.update_or_create(
        target=target, fund=fund, number=number, defaults={"code": code}
    )
    return row


def set_active(target: Target, *, is_active: bool) -> None:
    """What it misses while it rests is posted afterwards."""
    Target.objects.filter(pk=target.pk).update(is_active=is_active)


def engine_of(target: Target) -> sa.Engine:
    """Holds no connection open and never shows a row in an error.

    Raises AddressRefused where the driver no longer takes the address: left alone it would raise what
    nobody takes for trouble with a database.
    """
    line, url = lines.line_of(target), _url_of(target)
    check_address(url)
    if line:
        url = url.difference_update_query([name for name in url.query if name.lower() in OWN_WORDS])
    engine = sa.create_engine(
        url,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args=dict(PATIENCE.get(target.dialect, {})),
    )
    if line:
        _bind(engine, target.dialect, line)
    if not target.schema:
        return engine
    return engine.execution_options(schema_translate_map={None: target.schema})


def set_line(target: Target, line: Line, *, at: datetime) -> None:
    """The certificate it is shown and the authorities it is believed by, from the next connection on.

    SQL Server shows none, and is believed by its own certificate. Raises BadCertificate, or BadTarget
    where the driver could not do it.
    """
    if line.identity and target.dialect == Dialect.MSSQL:
        raise BadTarget("identity: SQL Server asks for none over its protocol", field="identity")
    if line.authorities.count("BEGIN CERT") > 1 and target.dialect == Dialect.MSSQL:
        raise BadTarget("authorities: name SQL Server's own certificate alone", field="authorities")
    url = _url_of(target)
    named = url.database or "service_name" in url.query
    if line and target.dialect == Dialect.ORACLE and not named:
        raise BadTarget("url: is looked up elsewhere, where its wallet is named", field="url")
    lines.set_line(target, line, at=at)


def _bind(engine: sa.Engine, dialect: str, line: Line) -> None:
    """Each connection is told what to show and whom to believe; files are there only meanwhile."""

    def connect(
        found: sa.Dialect, _record: object, words: list[Any], told: dict[str, Any]
    ) -> object:
        with as_file(line.identity) as identity, as_file(line.authorities) as authorities:
            if dialect == Dialect.ORACLE:
                told |= _for_oracle(told["dsn"], line)
            elif dialect == Dialect.MSSQL:
                words[0] += f";Encrypt=Strict;ServerCertificate={authorities}"
            else:
                told |= _for_libpq(identity, authorities)
            return found.connect(*words, **told)

    sa.event.listen(engine, "do_connect", connect)


def _for_oracle(dsn: str, line: Line) -> dict[str, object]:
    """SQLAlchemy writes addresses without TLS, where a context would mean nothing."""
    return {
        "dsn": dsn.replace("(PROTOCOL=TCP)", "(PROTOCOL=TCPS)"),
        "ssl_context": client_context(line.identity, line.authorities),
        "ssl_server_dn_match": True,
    }


def _for_libpq(identity: str, authorities: str) -> dict[str, str]:
    """Its own `system` is the library's folder, which the wheel does not bring."""
    return {
        "sslmode": "verify-full",
        "ssl_min_protocol_version": "TLSv1.2",
        "sslrootcert": authorities or PUBLIC,
        # With a Kerberos ticket at hand it would encrypt by that and ask for no certificate.
        "gssencmode": "disable",
    } | ({"sslcert": identity, "sslkey": identity} if identity else {})


def _url_of(target: Target) -> sa.URL:
    return sa.make_url(reveal(target.secret, context=_context(target.name)).decode())


def _context(name: str) -> str:
    return f"erp target {name}"
