"""Who may read a secret: the worker all, the web those of the service ring; nobody changes one."""

from django.db import migrations

from housing_ach.audit.operations import WEB_ROLE, WORKER_ROLE, AuditRows, for_roles

# The owner of the tables is not bound by the policies: it migrates and dumps.
RIGHTS = [
    "ALTER TABLE vault_secret ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY seal ON vault_secret FOR INSERT WITH CHECK (true)",
    for_roles(
        "CREATE POLICY open_all ON vault_secret FOR SELECT TO {role} USING (true)", [WORKER_ROLE]
    ),
    for_roles(
        "CREATE POLICY open_service ON vault_secret FOR SELECT TO {role} USING (ring = 'service')",
        [WEB_ROLE],
    ),
    for_roles(
        "REVOKE UPDATE, DELETE, TRUNCATE ON vault_secret, vault_datakey FROM {role}",
    ),
    # vault_rotate --kek runs as the worker, which alone can unwrap.
    for_roles("GRANT UPDATE (kek, wrapped) ON vault_datakey TO {role}", [WORKER_ROLE]),
]
TAKEN_BACK = [
    "ALTER TABLE vault_secret DISABLE ROW LEVEL SECURITY",
    "DROP POLICY seal ON vault_secret",
    "DROP POLICY IF EXISTS open_all ON vault_secret",
    "DROP POLICY IF EXISTS open_service ON vault_secret",
    for_roles("GRANT UPDATE, DELETE ON vault_secret, vault_datakey TO {role}"),
]


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial"), ("audit", "0002_triggers")]

    operations = [
        AuditRows("vault_datakey", "wrapped"),
        migrations.RunSQL(RIGHTS, TAKEN_BACK),
    ]
