"""What the drivers take in an address. Each refuses what it does not know, but not before it connects."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from housing_ach.erp.states import Dialect

DRIVERS: dict[str, str] = {
    Dialect.POSTGRESQL: "postgresql+psycopg",
    Dialect.MSSQL: "mssql+mssqlpython",
    Dialect.ORACLE: "oracle+oracledb",
}


class AddressRefused(ArgumentError):
    """The driver would not take it. Names words of its query, never a value."""


def check_address(url: sa.URL) -> None:
    """Raises AddressRefused."""
    plain = url.difference_update_query(list(url.query))
    if not _is_taken(plain):
        raise AddressRefused("names no database its driver could be told")
    refused = [
        word for word in url.query if not _is_taken(plain.set(query={word: url.query[word]}))
    ]
    if refused:
        # What is no word may be the rest of a password that was not quoted.
        told = [word if word.isidentifier() else "something" for word in refused]
        raise AddressRefused(f"says {', '.join(told)}, which its driver does not take")


def _is_taken(url: sa.URL) -> bool:
    driver: Any = url.get_dialect().import_dbapi()
    refusals = [SQLAlchemyError, TypeError, ValueError, AttributeError, driver.Error]
    try:
        dialect = sa.create_engine(url).dialect
        words, told = dialect.create_connect_args(url)
        if dialect.driver == "psycopg":
            driver.conninfo.make_conninfo(
                **{word: told[word] for word in told if word != "context"}
            )
        elif dialect.driver == "oracledb":
            driver.ConnectParams(**{word: told[word] for word in told if word != "dsn"})
        elif dialect.driver == "mssqlpython":
            refusals.append(driver.exceptions.ConnectionStringParseError)
            parser = driver.connection_string_parser
            parser._ConnectionStringParser(validate_keywords=True)._parse(*words)
    except tuple(refusals):
        return False
    return True
