import django.core.serializers.json
import django.db.models.deletion
import housing_ach.audit.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenants', '0002_triggers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('RECEIPT', 'Receipt'), ('MANDATE', 'Mandate'), ('STATEMENT', 'Statement'), ('BATCH', 'Batch'), ('DAY_END', 'Day End')], max_length=10)),
                ('subject', models.CharField(max_length=60)),
                ('subject_id', models.CharField(max_length=60)),
                ('name', models.CharField(help_text='Of the file.', max_length=120)),
                ('language', models.CharField(default='en', max_length=5)),
                ('facts', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('facts_sha', models.CharField(max_length=64)),
                ('status', models.CharField(choices=[('QUEUED', 'Queued'), ('RUNNING', 'Running'), ('DONE', 'Done'), ('FAILED', 'Failed')], default='QUEUED', max_length=10)),
                ('progress', models.PositiveSmallIntegerField(default=0)),
                ('message', models.CharField(blank=True, max_length=300)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('size', models.PositiveIntegerField(default=0)),
                ('pages', models.PositiveIntegerField(default=0)),
                ('made_at', models.DateTimeField()),
                ('lease', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='tenants.lease')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to=settings.AUTH_USER_MODEL)),
                ('tenant', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='tenants.tenant')),
            ],
        ),
        migrations.CreateModel(
            name='Content',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.BinaryField()),
                ('txid', housing_ach.audit.fields.TxidField()),
                ('document', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='content', to='reports.document')),
            ],
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['-made_at'], name='document_by_age'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('status__in', ['QUEUED', 'RUNNING'])), fields=['id'], name='document_waiting'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'FAILED'), _negated=True), fields=('kind', 'subject', 'subject_id', 'language', 'facts_sha'), name='document_is_made_once'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pages__gt', 0), ('progress', 100), ('size__gt', 0), ('status', 'DONE'), models.Q(('sha256', ''), _negated=True)), models.Q(models.Q(('status', 'DONE'), _negated=True), ('pages', 0), ('sha256', ''), ('size', 0)), _connector='OR'), name='done_document_has_its_bytes'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'FAILED'), _negated=True), models.Q(('message', ''), _negated=True), _connector='OR'), name='failed_document_says_why'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('progress__lte', 100)), name='document_progress_is_percent'),
        ),
    ]
