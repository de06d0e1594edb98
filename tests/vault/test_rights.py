import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from housing_ach.audit.models import Event
from housing_ach.vault.models import Secret
from housing_ach.vault.services import reveal, seal


@pytest.fixture
def sealed(committed_db, keys):
    seal("money", b"900000042", context="account")
    seal("service", b"whsec_made_up", context="endpoint")
    return committed_db


def rings(database, role):
    with database.connect(role) as other:
        return [r for (r,) in other.execute("SELECT ring FROM vault_secret ORDER BY ring")]


def test_the_web_reads_secrets_of_the_service_ring_alone(sealed):
    assert rings(sealed, "app") == ["service"]
    assert rings(sealed, "worker") == ["money", "service"]


def test_the_web_seals_money_it_cannot_read(sealed):
    with sealed.acting_as("app"):
        token = seal("money", b"900000043", context="account")
        assert not Secret.objects.filter(pk=token).exists()

    assert reveal(token, context="account") == b"900000043"


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize(
    "change",
    ["UPDATE vault_secret SET context = ''", "DELETE FROM vault_secret", "TRUNCATE vault_secret",
     "DELETE FROM vault_datakey", "UPDATE vault_datakey SET ring = 'service'"],
)  # fmt: skip
def test_no_runtime_role_changes_or_removes_a_secret(sealed, role, change):
    with sealed.connect(role) as other, pytest.raises(InsufficientPrivilege):
        other.execute(change)


def test_the_web_rewraps_no_key(sealed):
    with sealed.connect("app") as other, pytest.raises(InsufficientPrivilege):
        other.execute("UPDATE vault_datakey SET wrapped = ''")


def test_a_role_nobody_named_reads_nothing(sealed):
    with sealed.connect("superuser") as superuser, superuser.transaction(force_rollback=True):
        superuser.execute("CREATE ROLE reporter")
        superuser.execute("GRANT USAGE ON SCHEMA public TO reporter")
        superuser.execute("GRANT SELECT ON vault_secret TO reporter")
        superuser.execute("SET LOCAL ROLE reporter")

        assert superuser.execute("SELECT count(*) FROM vault_secret").fetchone() == (0,)


def test_a_data_key_leaves_a_trail_without_its_bytes(sealed):
    event = Event.objects.filter(subject="vault.datakey").first()

    assert event.kind == "row.insert"
    assert set(event.data["new"]) == {"id", "ring", "kek", "made_at"}


def test_no_number_lies_in_plain_sight_anywhere(sealed):
    with sealed.connect("superuser") as superuser:
        tables = superuser.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        found = [
            table
            for (table,) in tables
            if superuser.execute(
                sql.SQL("SELECT count(*) FROM {} t WHERE t::text LIKE '%900000042%'"
                        " OR t::text LIKE '%' || encode('900000042', 'hex') || '%'").format(
                    sql.Identifier(table)
                )
            ).fetchone() != (0,)
        ]  # fmt: skip

    assert found == []
