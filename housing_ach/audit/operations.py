"""What a migration adds to a table so that its history cannot be lost quietly.

Plain triggers in the schema, ENABLE ALWAYS: `session_replication_role` does not switch them off,
and no session setting does (django-pgtrigger's do).
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

WEB_ROLE, WORKER_ROLE = "hms_app", "hms_worker"
RUNTIME_ROLES = (WEB_ROLE, WORKER_ROLE)


def for_roles(statement: str, roles: Sequence[str] = RUNTIME_ROLES) -> str:
    """The statement for each of the roles this server has; `{role}` stands for its name."""
    names = ", ".join(f"'{role}'" for role in roles)
    text = statement.replace("'", "''").replace("{role}", "%1$I")
    return f"""
        DO $do$ DECLARE named text; BEGIN
            FOR named IN SELECT rolname FROM pg_roles WHERE rolname IN ({names}) LOOP
                EXECUTE format('{text}', named);
            END LOOP;
        END $do$
    """  # noqa: S608 - role names and statements of our own migrations


class TableOperation(Operation):
    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not change."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.forwards(to_state):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for statement in self.backwards():
            schema_editor.execute(statement, params=None)

    def forwards(self, state: ProjectState) -> list[str]:
        raise NotImplementedError

    def backwards(self) -> list[str]:
        raise NotImplementedError

    def describe(self) -> str:
        return f"{type(self).__name__} on {self.table}"


class AppendOnly(TableOperation):
    """No UPDATE, DELETE or TRUNCATE, whoever asks; the runtime roles lose the right as well."""

    def forwards(self, state: ProjectState) -> list[str]:
        return [
            f"""CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {self.table}
                FOR EACH ROW EXECUTE FUNCTION audit_forbid()""",
            f"""CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {self.table}
                FOR EACH STATEMENT EXECUTE FUNCTION audit_forbid()""",
            f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER append_only_rows",
            f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER append_only_table",
            for_roles(f"REVOKE UPDATE, DELETE, TRUNCATE ON {self.table} FROM {{role}}"),
        ]

    def backwards(self) -> list[str]:
        return [
            f"DROP TRIGGER append_only_rows ON {self.table}",
            f"DROP TRIGGER append_only_table ON {self.table}",
            for_roles(f"GRANT UPDATE, DELETE ON {self.table} TO {{role}}"),
        ]


class DigestStatements(TableOperation):
    """Each INSERT statement leaves one chained Digest of its rows.

    The table needs a bigint `id` whose values do not overlap between statements, and a TxidField `txid`.
    """

    def forwards(self, state: ProjectState) -> list[str]:
        return [
            f"""CREATE TRIGGER audit_digest AFTER INSERT ON {self.table}
                REFERENCING NEW TABLE AS fresh
                FOR EACH STATEMENT EXECUTE FUNCTION audit_digest()""",
            f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER audit_digest",
        ]

    def backwards(self) -> list[str]:
        return [f"DROP TRIGGER audit_digest ON {self.table}"]


class AuditRows(TableOperation):
    """Each changed row of a set-up or control table leaves an Event with what was and is.

    Values of the secret columns are never told, only that they changed. Not for bulk tables.
    """

    TRANSITIONS = {
        "insert": "NEW TABLE AS fresh",
        "update": "OLD TABLE AS stale NEW TABLE AS fresh",
        "delete": "OLD TABLE AS stale",
    }

    def __init__(self, table: str, *secret: str) -> None:
        super().__init__(table)
        self.secret = secret

    def deconstruct(self) -> Any:
        return (type(self).__name__, [self.table, *self.secret], {})

    def forwards(self, state: ProjectState) -> list[str]:
        label, key = self._subject(state)
        given = ", ".join(f"'{text}'" for text in (label, key, *self.secret))
        statements = []
        for op, tables in self.TRANSITIONS.items():
            statements += [
                f"""CREATE TRIGGER audit_{op} AFTER {op.upper()} ON {self.table}
                    REFERENCING {tables}
                    FOR EACH STATEMENT EXECUTE FUNCTION audit_rows({given})""",
                f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER audit_{op}",
            ]
        return [
            *statements,
            f"""CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON {self.table}
                FOR EACH STATEMENT EXECUTE FUNCTION audit_forbid()""",
            f"ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER audit_truncate",
        ]

    def backwards(self) -> list[str]:
        return [
            f"DROP TRIGGER audit_{op} ON {self.table}" for op in (*self.TRANSITIONS, "truncate")
        ]

    def _subject(self, state: ProjectState) -> tuple[str, str]:
        for model in state.apps.get_models(include_auto_created=True):
            if model._meta.db_table == self.table:
                return model._meta.label_lower, str(model._meta.pk.column)
        raise LookupError(f"{self.table}: no model of this migration's state has the table")
