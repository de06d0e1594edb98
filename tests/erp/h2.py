"""SQL Server and Oracle as H2 plays them: statements compiled by their own dialects are executed.

H2 is a database in Java that takes the words, types and errors of others (its "compatibility modes").
This module is the driver that SQLAlchemy asks for, and the two dialects; only what a server is asked
when a connection is new is left out, because H2 has other names for it.
"""

import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import jpype
import pytest
import sqlalchemy as sa
from django.conf import settings
from jpype import dbapi2
from jpype.dbapi2 import (
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.mssql.base import MSDialect
from sqlalchemy.dialects.oracle.base import OracleDialect

from housing_ach.erp.states import Dialect

__all__ = [
    "DataError",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "connect",
    "paramstyle",
    "start",
]

JARS = (Path("/usr/share/java/h2.jar"), Path(settings.BASE_DIR, "build/h2/h2.jar"))
DRIVERS = {Dialect.MSSQL: "mssql+h2", Dialect.ORACLE: "oracle+h2"}
# SQLSTATE's class, the first two characters: integrity constraint violation.
BROKEN_RULE = "23"
paramstyle = "qmark"


def start() -> None:
    """Java, once in a process: it cannot be started again."""
    if jpype.isJVMStarted():
        return
    jar = next((jar for jar in JARS if jar.is_file()), None)
    if jar is None:
        pytest.fail("H2 is needed: sudo apt-get install libh2-java", pytrace=False)
    try:
        jpype.startJVM(classpath=[str(jar)], convertStrings=False)
    except jpype.JVMNotFoundException:
        pytest.fail("Java is needed: sudo apt-get install default-jre-headless", pytrace=False)


def connect(url: str, **_patience: object) -> "Connection":
    return Connection(jpype.JClass("org.h2.Driver")().connect(url, None))


class Cursor(dbapi2.Cursor):
    """Java's errors by their SQLSTATE, as the drivers of the two tell them."""

    def execute(self, operation: str, parameters: Any = None, **words: Any) -> Any:
        return _told(super().execute, operation, parameters, **words)

    def executemany(self, operation: str, seq_of_parameters: Any, **words: Any) -> Any:
        return _told(super().executemany, operation, seq_of_parameters, **words)


class Connection(dbapi2.Connection):
    def __init__(self, jcx: Any) -> None:
        super().__init__(
            jcx,
            adapters={Decimal: lambda amount: jpype.JClass("java.math.BigDecimal")(str(amount))},
            converters=dbapi2._default,
            setters=dbapi2.SETTERS_BY_TYPE,
            getters=dbapi2.GETTERS_BY_TYPE,
        )

    def cursor(self) -> Cursor:
        self._validate()
        return Cursor(self)


def _told(call: Any, *given: Any, **words: Any) -> Any:
    try:
        return call(*given, **words)
    except (jpype.JException, ProgrammingError) as problem:
        cause = problem if isinstance(problem, jpype.JException) else problem.__cause__
        broken = cause and str(cause.getSQLState()).startswith(BROKEN_RULE)
        raise (IntegrityError if broken else ProgrammingError)(str(problem)) from None


class _InH2:
    """`mssql://sa@h2/NAME`: a database in memory that is there while somebody is connected."""

    driver = "h2"
    default_paramstyle = paramstyle
    # As with the vendors' drivers: otherwise amounts would travel as floats.
    supports_native_decimal = True
    mode: str
    version: tuple[int, ...]

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        return sys.modules[__name__]

    def create_connect_args(self, url: sa.URL) -> Any:
        return [f"jdbc:h2:mem:{url.database};USER=sa;{self.mode}"], {}

    def initialize(self, _connection: sa.Connection) -> None:
        self.server_version_info = self.version


class SqlServer(_InH2, MSDialect):
    supports_statement_cache = True
    mode = "MODE=MSSQLServer;DATABASE_TO_UPPER=FALSE;CASE_INSENSITIVE_IDENTIFIERS=TRUE"
    version = (16,)
    default_schema_name = "dbo"


class Oracle(_InH2, OracleDialect):
    supports_statement_cache = True
    mode = "MODE=Oracle"
    version = (19,)
    default_schema_name = "PUBLIC"


registry.register("mssql.h2", __name__, "SqlServer")
registry.register("oracle.h2", __name__, "Oracle")
