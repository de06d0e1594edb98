from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('webhooks', '0004_callback'),
    ]

    operations = [
        migrations.AddField(
            model_name='endpoint',
            name='identity',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='endpoint',
            name='identity_ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='endpoint',
            name='authorities',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='endpoint',
            name='authorities_end_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
