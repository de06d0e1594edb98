"""Roles that check each other stay apart, whoever writes them; a manager has a property."""

from django.db import migrations, models

# One decision at a time about a user. The pairs that go together are those of states.conflict().
ROLES_FIT = """
CREATE FUNCTION tenants_roles_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off record;
BEGIN
    PERFORM FROM users_user WHERE id = new.user_id FOR NO KEY UPDATE;
    WITH role AS (
        SELECT role AS name FROM tenants_membership WHERE user_id = new.user_id
        UNION SELECT 'TENANT' FROM tenants_tenant WHERE user_id = new.user_id
    )
    SELECT a.name AS one, b.name AS other INTO off
    FROM role a JOIN role b ON a.name < b.name
    WHERE (a.name, b.name) NOT IN (('ADMIN', 'PROPERTY_MANAGER'), ('FINANCE', 'PROPERTY_MANAGER'))
    ORDER BY 1, 2 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'user % would be % and %', new.user_id, off.one, off.other
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_do_not_conflict';
    END IF;
    RETURN NULL;
END $$
"""
TABLES = ("membership", "tenant")


def trigger(table: str) -> list[str]:
    return [
        f"""CREATE TRIGGER roles_fit AFTER INSERT OR UPDATE ON tenants_{table}
            FOR EACH ROW WHEN (new.user_id IS NOT NULL) EXECUTE FUNCTION tenants_roles_fit()""",
        f"ALTER TABLE tenants_{table} ENABLE ALWAYS TRIGGER roles_fit",
    ]


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_rollout")]

    operations = [
        migrations.AddConstraint(
            "membership",
            models.CheckConstraint(
                condition=~models.Q(role="PROPERTY_MANAGER") | models.Q(property__isnull=False),
                name="manager_has_a_property",
                violation_error_message="A property manager manages a property: name it.",
            ),
        ),
        migrations.RunSQL(
            [ROLES_FIT, *(statement for table in TABLES for statement in trigger(table))],
            [
                *(f"DROP TRIGGER roles_fit ON tenants_{table}" for table in TABLES),
                "DROP FUNCTION tenants_roles_fit()",
            ],
        ),
    ]
