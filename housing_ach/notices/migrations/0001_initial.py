import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('audit', '0002_triggers'),
        ('tenants', '0005_roles'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Reader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, unique=True)),
                ('txid', models.BigIntegerField()),
                ('event_id', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('INVITATION', 'Invitation'), ('MANDATE_COPY', 'Copy of an authorization'), ('UPCOMING_DEBIT', 'Reminder of an upcoming payment'), ('VARYING_AMOUNT', 'Payment outside the agreed range'), ('RECEIPT', 'Receipt'), ('RETURNED', 'Returned payment'), ('VERIFICATION', 'Verification of a bank account'), ('BANK_CHANGED', 'Change of a bank account'), ('AUTOPAY', 'Change of automatic payments'), ('PAYMENT_CANCELLED', 'Canceled payment')], max_length=20)),
                ('template_version', models.CharField(max_length=40)),
                ('language', models.CharField(max_length=5)),
                ('recipient', models.EmailField(max_length=254)),
                ('subject', models.CharField(max_length=60)),
                ('subject_id', models.CharField(max_length=60)),
                ('occasion', models.CharField(max_length=120)),
                ('title', models.CharField(help_text='The subject of the mail.', max_length=200)),
                ('body', models.TextField()),
                ('html', models.TextField()),
                ('sha256', models.CharField(help_text='Of title, body and html.', max_length=64)),
                ('status', models.CharField(choices=[('QUEUED', 'Queued'), ('SENT', 'Sent'), ('FAILED', 'Failed')], default='QUEUED', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('queued_at', models.DateTimeField()),
                ('next_try_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('problem', models.CharField(blank=True, max_length=200)),
                ('event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='audit.event')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='tenants.tenant')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'QUEUED')), fields=['next_try_at'], name='message_to_send'), models.Index(fields=['-queued_at', '-id'], name='message_by_age')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'occasion', 'recipient'), name='message_is_told_once'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status', 'SENT')), models.Q(models.Q(('status', 'SENT'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='sent_message_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'FAILED'), _negated=True), models.Q(('problem', ''), _negated=True), _connector='OR'), name='failed_message_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(default='en', max_length=5)),
                ('muted', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('tenant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='preference', to='tenants.tenant')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('muted__contained_by', ['UPCOMING_DEBIT', 'RECEIPT', 'VERIFICATION', 'AUTOPAY', 'PAYMENT_CANCELLED'])), name='only_a_service_is_muted')],
            },
        ),
    ]
