
import django.db.models.deletion
import django.db.models.expressions
import housing_ach.audit.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('batches', '0005_file_by_age'),
        ('cases', '0006_erp_posting'),
        ('payments', '0007_metadata'),
        ('users', '0006_ssh_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(choices=[('JSON_LINES', 'Json Lines'), ('CSV', 'Csv'), ('NACHA', 'Nacha')], max_length=10)),
                ('status', models.CharField(choices=[('RECEIVED', 'Received'), ('APPLIED', 'Applied'), ('QUARANTINED', 'Quarantined')], max_length=12)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('sealed', models.UUIDField()),
                ('made_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('line_count', models.PositiveIntegerField(default=0)),
                ('cents', models.BigIntegerField(default=0)),
                ('matched', models.PositiveIntegerField(default=0)),
                ('tentative', models.PositiveIntegerField(default=0)),
                ('contradicted', models.PositiveIntegerField(default=0)),
                ('unknown', models.PositiveIntegerField(default=0)),
                ('error_count', models.PositiveIntegerField(default=0)),
                ('errors', models.JSONField(blank=True, default=list)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reconciliations', to='users.client')),
            ],
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('named_by', models.CharField(choices=[('TRACE', 'Trace'), ('PAYMENT', 'Payment'), ('EXTERNAL_ID', 'External Id')], max_length=11)),
                ('name', models.CharField(max_length=60)),
                ('said', models.CharField(choices=[('SETTLED', 'Settled'), ('RETURNED', 'Returned')], max_length=8)),
                ('code', models.CharField(blank=True, max_length=3)),
                ('cents', models.BigIntegerField()),
                ('on', models.DateField()),
                ('fate', models.CharField(choices=[('MATCHED', 'Matched'), ('TENTATIVE', 'Tentative'), ('CONTRADICTED', 'Contradicted'), ('UNKNOWN', 'Unknown')], max_length=12)),
                ('message', models.CharField(blank=True, max_length=200)),
                ('made_at', models.DateTimeField()),
                ('txid', housing_ach.audit.fields.TxidField()),
                ('case', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('entry', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='client_words', to='batches.entry')),
                ('payment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='client_words', to='payments.payment')),
                ('reconciliation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='reconciliation.reconciliation')),
            ],
        ),
        migrations.AddIndex(
            model_name='reconciliation',
            index=models.Index(condition=models.Q(('status', 'RECEIVED')), fields=['id'], name='reconciliation_to_apply'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.UniqueConstraint(fields=('client', 'sha256'), name='reconciliation_is_taken_once'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(('line_count', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('matched'), '+', models.F('tentative')), '+', models.F('contradicted')), '+', models.F('unknown')))), name='every_line_has_one_fate'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('status', 'RECEIVED')), models.Q(models.Q(('status', 'RECEIVED'), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='finished_reconciliation_says_when'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('error_count__gt', 0), ('status', 'QUARANTINED')), models.Q(models.Q(('status', 'QUARANTINED'), _negated=True), ('error_count', 0)), _connector='OR'), name='quarantined_reconciliation_says_why'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.UniqueConstraint(fields=('reconciliation', 'number'), name='line_is_compared_once'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', True), ('fate', 'UNKNOWN')), models.Q(models.Q(('fate', 'UNKNOWN'), _negated=True), ('entry__isnull', False)), _connector='OR'), name='only_an_unknown_line_has_no_entry'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('said', 'RETURNED'), models.Q(('code', ''), _negated=True)), models.Q(('code', ''), ('said', 'SETTLED')), _connector='OR'), name='return_names_its_code'),
        ),
    ]
