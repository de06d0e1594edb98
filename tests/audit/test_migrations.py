import pytest
from django.core.management import call_command

from housing_ach.audit.chain import broken_links
from housing_ach.users.services import system_user


@pytest.mark.full
def test_every_trigger_can_be_taken_back_and_put_on_again(committed_db):
    with committed_db.acting_as("owner"):
        call_command("migrate", "audit", "zero", verbosity=0)
        call_command("migrate", verbosity=0)

    assert broken_links() == []
    assert system_user().name == "System"
