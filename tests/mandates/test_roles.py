"""What the process that faces the network does about accounts, without the right to open them."""

from housing_ach.mandates import services
from housing_ach.mandates.models import BankAccount
from tests.factories import AT, LeaseFactory


def test_the_web_process_seals_what_it_cannot_open(committed_db):
    lease = LeaseFactory()
    tenant = lease.shares.get().tenant
    with committed_db.acting_as("app"):
        account = services.add_bank_account(
            tenant=tenant,
            holder_name="Ada Byron",
            routing="111000025",
            account_number="7123456789",
            account_type="CHECKING",
            at=AT,
        )
        services.sign_mandate(
            tenant=tenant,
            lease=lease,
            bank_account=account,
            channel="PAPER",
            min_cents=1,
            max_cents=2000_00,
            signed_name="Ada Byron",
            at=AT,
        )

    assert BankAccount.objects.get().last_four == "6789"
