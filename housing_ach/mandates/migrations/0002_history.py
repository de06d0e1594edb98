"""The wording payers agree to, and the trail of what may be debited."""

from hashlib import sha256

from django.db import migrations

from housing_ach.audit.operations import AppendOnly, AuditRows, DigestStatements

VERSION = "2026-11"
BODY = """\
Authorization for electronic debits from your bank account

1. What you agree to. You allow us to take payments you owe under your lease from the bank account
   you named, by electronic debit through the ACH network. The law of the United States applies, with
   the rules of Nacha. You sign by your name below or by the steps you took on this page.

2. How much. Each debit is at least the minimum and all debits of one payment date together are at
   most the maximum shown with your signature. If an amount would lie outside this range, we tell you
   the amount and the date in writing at least ten days before, and do not take it otherwise. Parts of
   one payment that belong to different accounts of ours are separate debits on your statement.

3. When. One payment: on the date you choose. Automatic payments: every month on the day you choose,
   or on the last day of a month that is shorter, until you stop them. If that day is not a banking
   day, the debit is made on the next banking day; only where you chose so, on the one before. We tell
   you at least seven days before we change the day. A debit is never made before the date you agreed to.

4. From which account. Only from the account shown by its last four digits, and only if you may
   dispose of it. If your bank tells us that its numbers have changed, we use the new ones.

5. If a debit comes back unpaid. For insufficient or uncollected funds we may try the same amount at
   most two more times within 180 days. We never add a fee to a debit that came back. What your lease
   or the law says about late and returned payments still applies.

6. How to stop. You may take this authorization back at any time, without a reason, on your payments
   page, by telephone or in writing. Debits that have not been sent to the bank are then cancelled; we
   show you those that can no longer be stopped. You may also pause or skip automatic payments. Your
   bank must stop a debit if you tell it at least three business days before. What you owe under your
   lease stays due, and you may pay it another way: automatic payment is never a condition of your lease.

7. If something is wrong. Tell us at once; if you do not recognize a debit you may have your bank
   return it, within 60 days after the statement on which it stands.

8. Your copy. You receive this authorization with its amounts, dates and account. We keep it until two
   years after it ends.
"""


def add_text(apps, schema_editor):
    apps.get_model("mandates", "MandateText").objects.create(
        version=VERSION, body=BODY, sha256=sha256(BODY.encode()).hexdigest()
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_triggers"), ("mandates", "0001_initial")]

    operations = [
        *(
            operation(f"mandates_{table}")
            for table in ("bankaccountversion", "mandatetext", "autopaypause")
            for operation in (AppendOnly, DigestStatements)
        ),
        AuditRows("mandates_bankaccount", "token", "fingerprint"),
        AuditRows("mandates_mandate"),
        AuditRows("mandates_autopay"),
        migrations.RunPython(add_text, migrations.RunPython.noop),
    ]
