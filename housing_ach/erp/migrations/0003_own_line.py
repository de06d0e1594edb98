from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('erp', '0002_history'),
    ]

    operations = [
        migrations.AddField(
            model_name='target',
            name='identity',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='target',
            name='identity_ends_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='target',
            name='authorities',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.AddField(
            model_name='target',
            name='authorities_end_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
