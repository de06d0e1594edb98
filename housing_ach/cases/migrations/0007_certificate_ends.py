from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0006_erp_posting'),
    ]

    operations = [
        migrations.AlterField(
            model_name='case',
            name='kind',
            field=models.CharField(choices=[('LIMIT', 'Limit'), ('DUPLICATE', 'Duplicate'), ('MANDATE', 'Mandate'), ('NOTICE_REQUIRED', 'Notice Required'), ('HOLD', 'Hold'), ('ENTRY_EJECTED', 'Entry Ejected'), ('CUT_OFF_MISSED', 'Cut Off Missed'), ('FILE_HELD', 'File Held'), ('FILE_REJECTED', 'File Rejected'), ('BATCH_REJECTED', 'Batch Rejected'), ('NO_ACKNOWLEDGEMENT', 'No Acknowledgement'), ('RETURNS_NOT_READ', 'Returns Not Read'), ('FILE_QUARANTINED', 'File Quarantined'), ('SETTLEMENT_MISMATCH', 'Settlement Mismatch'), ('UNMATCHED_RETURN', 'Unmatched Return'), ('DUPLICATE_RETURN', 'Duplicate Return'), ('UNKNOWN_CODE', 'Unknown Code'), ('RETURNED', 'Returned'), ('UNAUTHORISED', 'Unauthorised'), ('CORRECTION_PARKED', 'Correction Parked'), ('DISHONORED', 'Dishonored'), ('TRUST_SHORTAGE', 'Trust Shortage'), ('NO_PAYER', 'No Payer'), ('NOTICE_NOT_SENT', 'Notice Not Sent'), ('WEBHOOK_NOT_TAKEN', 'Webhook Not Taken'), ('ERP_POSTING', 'Erp Posting'), ('CERTIFICATE_ENDS', 'Certificate Ends')], max_length=30),
        ),
    ]
