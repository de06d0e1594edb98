from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from housing_ach.erp.contract import METADATA
from housing_ach.erp.models import Target
from housing_ach.erp.services import add_target, plan_postings
from housing_ach.erp.states import Dialect
from housing_ach.ledger import chart
from housing_ach.ledger.drafts import Draft, Key, Line
from housing_ach.ledger.services import post
from tests import plugin
from tests.factories import AT
from tests.final import wait_until_final

DAY = date(2026, 3, 1)
LATER = AT + timedelta(days=1)


@dataclass
class Erp:
    """The customer's database, and what of ours posts to it."""

    target: Target
    engine: sa.Engine

    def ask(self, statement):
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

    def do(self, statement):
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement))


@pytest.fixture
def customer_database(committed_db):
    name = f"{committed_db.name}_erp"
    plugin.run_sql(f"CREATE DATABASE {name} OWNER {plugin.ROLES['worker']}")
    yield plugin.url("worker", name)
    plugin.drop(name)


@pytest.fixture
def erp(customer_database):
    url = sa.make_url(customer_database).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, poolclass=NullPool)
    METADATA.create_all(engine)
    target = add_target(
        name="books", dialect=Dialect.POSTGRESQL, url=customer_database, schema="", starts_on=DAY
    )
    return Erp(target, engine)


def rent(fund, number, *, cents=1000_00, on=DAY):
    owed = Key(fund.pk, chart.TENANT_RECEIVABLE, "tenant:1", 7)
    line = Line(owed, Key(fund.pk, chart.RENT_INCOME, "property:1"), cents, f"charge:{number}")
    post([Draft("CHARGE", fund.pk, on, "tenants.charge", number, [line])], at=AT)


def plan(*, last=None):
    """Once all that is committed, or was up to `last`, is final: other tests run on the same server."""
    wait_until_final(last)
    return plan_postings(at=AT)
