"""A database with a line of its own: the certificate we show there, and whom we believe.

PostgreSQL is a real server behind TLS. Of Oracle and SQL Server it is their real drivers that connect,
to somebody who listens and then hangs up: what is proved is who spoke to whom, not a posting.
"""

import gc
import ssl

import pytest
import sqlalchemy as sa
from django.core.management import CommandError, call_command
from sqlalchemy.exc import DBAPIError

from housing_ach.erp.contract import METADATA
from housing_ach.erp.models import Posting
from housing_ach.erp.services import add_target, post_waiting, targets
from housing_ach.erp.services.targets import engine_of
from housing_ach.erp.states import Dialect, PostingStatus
from tests import plugin
from tests.erp.conftest import DAY, plan, rent
from tests.erp.servers import Listener, PostgresFront, listening
from tests.factories import AT, FundFactory
from tests.tls import Receiving, pem

# What speaks first: of TDS by its first byte, of Oracle's TNS by its fifth.
PRELOGIN, TYPE, CONNECT = b"\x12", 4, 1


@pytest.fixture(scope="module")
def theirs():
    return Receiving()


@pytest.fixture
def line(tmp_path):
    """Set by the command, as PEM files."""

    def set_line(**line):
        told = {}
        for word, text in line.items():
            told[word] = tmp_path / f"{word}.pem"
            told[word].write_text(text)
        call_command("outgoing_tls", "erp", "books", **told)

    return set_line


def target_at(port, *, dialect=Dialect.POSTGRESQL, more="x"):
    made = f"{dialect.lower()}://{plugin.ROLES['worker']}:hidden@localhost:{port}/{more}"
    return add_target(name="books", dialect=dialect, url=made, schema="", starts_on=DAY)


def tried(target):
    """Why there was no connection."""
    with pytest.raises(DBAPIError) as refused:
        engine_of(target).connect()
    return str(refused.value)


class TestPostgresql:
    @pytest.fixture
    def front(self, theirs):
        with listening(PostgresFront(theirs.context())) as front:
            yield front

    def test_a_day_is_posted_under_our_certificate(self, customer_database, front, theirs, line):
        own = sa.create_engine(customer_database.replace("postgresql", "postgresql+psycopg", 1))
        METADATA.create_all(own)
        target_at(front.port, more=own.url.database)
        line(identity=pem(theirs.ours), authorities=theirs.authority.certificate)
        rent(FundFactory(), 1)
        plan()

        assert post_waiting(at=AT) == 1

        own.dispose()
        assert set(front.shown) == {"hms-ach"}
        assert Posting.objects.get().status == PostingStatus.POSTED

    @pytest.mark.django_db
    def test_without_our_certificate_we_are_turned_away(self, front, theirs, line):
        target = target_at(front.port)
        line(authorities=theirs.authority.certificate)
        target.refresh_from_db()

        assert "certificate required" in tried(target)
        assert front.shown == []

    @pytest.mark.django_db
    @pytest.mark.parametrize("named", [True, False])
    def test_a_server_of_another_authority_is_told_nothing(self, front, theirs, line, named):
        target = target_at(front.port)
        believed = {"authorities": theirs.stranger.certificate} if named else {}
        line(identity=pem(theirs.ours), **believed)
        target.refresh_from_db()

        assert "certificate verify failed" in tried(target)
        assert front.shown == []

    @pytest.mark.django_db
    def test_without_own_authorities_the_public_ones_count(
        self, front, theirs, line, tmp_path, monkeypatch
    ):
        public = tmp_path / "public.pem"
        public.write_text(theirs.authority.certificate)
        monkeypatch.setattr(targets, "PUBLIC", str(public))
        target = target_at(front.port, more=plugin.OWN_DATABASE)
        line(identity=pem(theirs.ours))
        target.refresh_from_db()

        engine_of(target).connect().close()

        assert front.shown == ["hms-ach"]

    @pytest.mark.django_db
    def test_a_server_of_another_name_is_told_nothing(self, theirs, line):
        with listening(PostgresFront(theirs.context(theirs.elsewhere))) as front:
            target = target_at(front.port)
            line(identity=pem(theirs.ours), authorities=theirs.authority.certificate)
            target.refresh_from_db()

            assert "does not match host name" in tried(target)

        assert front.shown == []

    @pytest.mark.django_db
    def test_the_address_cannot_say_otherwise(self, front, theirs, line):
        target = target_at(front.port, more="x?sslmode=disable")
        line(authorities=theirs.stranger.certificate)
        target.refresh_from_db()

        assert "certificate verify failed" in tried(target)
        assert front.heard == []

    @pytest.mark.django_db
    def test_what_failed_shows_neither_key_nor_password(self, front, theirs, line):
        target = target_at(front.port)
        line(identity=pem(theirs.ours), authorities=theirs.stranger.certificate)
        target.refresh_from_db()

        said = tried(target)

        assert "hidden" not in said
        assert not any(row in said for row in theirs.ours.key.splitlines())


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
class TestOracle:
    @pytest.fixture(autouse=True)
    def unclosed(self):
        """The driver leaves a connection that broke to the garbage collector; no later test meets it."""
        yield
        gc.collect()

    @pytest.fixture
    def there(self, theirs):
        with listening(Listener(theirs.context())) as there:
            yield there

    @pytest.fixture
    def target(self, there):
        return target_at(there.port, dialect=Dialect.ORACLE, more="?service_name=books")

    def test_is_spoken_to_under_our_certificate(self, target, there, theirs, line):
        line(identity=pem(theirs.ours), authorities=theirs.authority.certificate)
        target.refresh_from_db()

        tried(target)

        assert there.shown == ["hms-ach"]
        assert there.heard[0][TYPE] == CONNECT

    def test_of_another_authority_is_told_nothing(self, target, there, theirs, line):
        line(identity=pem(theirs.ours), authorities=theirs.stranger.certificate)
        target.refresh_from_db()

        assert "CERTIFICATE_VERIFY_FAILED" in tried(target)
        assert there.heard == []

    def test_that_is_looked_up_elsewhere_has_no_line_here(self, theirs, line):
        add_target(
            name="books", dialect=Dialect.ORACLE, url="oracle://a:b@books", schema="", starts_on=DAY
        )

        with pytest.raises(CommandError, match="looked up elsewhere"):
            line(authorities=theirs.authority.certificate)


@pytest.mark.django_db
class TestSqlServer:
    """By the vendor's driver in Rust: the one in C needs libltdl, which is not everywhere."""

    @pytest.fixture(autouse=True)
    def driver(self, monkeypatch):
        monkeypatch.setenv("MSSQL_PYTHON_NATIVE_PROVIDER", "mssql-odbc")

    @pytest.fixture
    def there(self, theirs):
        context = theirs.context(asks=ssl.CERT_NONE)
        context.set_alpn_protocols(["tds/8.0"])
        with listening(Listener(context)) as there:
            yield there

    @pytest.fixture
    def target(self, there):
        words = "x?ConnectRetryCount=0&Encrypt=no&TrustServerCertificate=yes"
        return target_at(there.port, dialect=Dialect.MSSQL, more=words)

    def test_is_believed_by_its_own_certificate(self, target, there, theirs, line):
        line(authorities=theirs.server.certificate)
        target.refresh_from_db()

        tried(target)

        assert there.heard[0].startswith(PRELOGIN)

    def test_with_another_certificate_is_told_nothing(self, target, there, theirs, line):
        line(authorities=theirs.elsewhere.certificate)
        target.refresh_from_db()

        assert "Certificate mismatch" in tried(target)
        assert not any(there.heard)

    def test_shows_no_certificate_of_ours(self, target, theirs, line):
        with pytest.raises(CommandError, match="identity: SQL Server asks for none"):
            line(identity=pem(theirs.ours))

    def test_is_believed_by_one_certificate_alone(self, target, theirs, line):
        with pytest.raises(CommandError, match="SQL Server's own certificate alone"):
            line(authorities=theirs.server.certificate + theirs.authority.certificate)


def test_an_unknown_name_is_told(db):
    with pytest.raises(CommandError, match="There is no erp ledger"):
        call_command("outgoing_tls", "erp", "ledger")
