"""What payers are told ahead of a debit; once sent, a notice is evidence and never changes."""

import django.db.models.deletion
from django.db import migrations, models

from housing_ach.audit.operations import AuditRows

GUARD = """
CREATE TRIGGER {name} BEFORE {what} ON mandates_notice
    FOR EACH ROW{when} EXECUTE FUNCTION audit_forbid();
ALTER TABLE mandates_notice ENABLE ALWAYS TRIGGER {name};
"""


def guard(name, what, when=""):
    return migrations.RunSQL(
        GUARD.format(name=name, what=what, when=when),
        f"DROP TRIGGER {name} ON mandates_notice",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('mandates', '0004_autopay_modes'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('VARYING_AMOUNT', 'Varying Amount')], default='VARYING_AMOUNT', max_length=20)),
                ('cents', models.BigIntegerField()),
                ('debit_on', models.DateField()),
                ('wanted_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('lawful_on', models.DateField(blank=True, null=True)),
                ('template_version', models.CharField(blank=True, max_length=40)),
                ('mandate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='mandates.mandate')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['debit_on'], name='notice_to_send')],
                'constraints': [models.UniqueConstraint(fields=('mandate', 'debit_on', 'kind', 'cents'), name='notice_is_asked_for_once'), models.CheckConstraint(condition=models.Q(('cents__gt', 0)), name='notice_tells_an_amount'), models.CheckConstraint(condition=models.Q(models.Q(('lawful_on__isnull', True), ('sent_at__isnull', True), ('template_version', '')), models.Q(('lawful_on__isnull', False), ('sent_at__isnull', False), models.Q(('template_version', ''), _negated=True)), _connector='OR'), name='sent_notice_says_when_and_what')],
            },
        ),
        AuditRows("mandates_notice"),
        guard("terms_are_fixed", "UPDATE OF mandate_id, kind, cents, debit_on, wanted_at"),
        guard("sent_once", "UPDATE", " WHEN (OLD.sent_at IS NOT NULL)"),
        guard("never_deleted", "DELETE"),
    ]
