from datetime import datetime
from uuid import UUID

from django.conf import settings

from housing_ach.bank.models import BankProfile
from housing_ach.bank.sftp import BankConnection, ClientKeyUnusable, Door, check_private_key
from housing_ach.bank.states import SANDBOX_ROUTINGS
from housing_ach.shared.problems import Refusal
from housing_ach.vault import services as vault
from housing_ach.vault.keys import SERVICE

KEY_CONTEXT = "bank client key"


class SandboxInLiveMode(Refusal):
    """Live mode has nothing to do with the bank that only plays."""


def refuse_sandbox_routing(routing: str, *, field: str = "routing") -> None:
    """Raises SandboxInLiveMode for a routing number of the sandbox bank, in live mode alone."""
    if settings.LIVE_MODE and routing.strip() in SANDBOX_ROUTINGS:
        raise SandboxInLiveMode(
            f"{field}: {routing.strip()} belongs to the sandbox bank, and this is live mode",
            field=field,
        )


def refuse_sandbox_profile(profile: BankProfile) -> None:
    if settings.LIVE_MODE and profile.is_sandbox:
        raise SandboxInLiveMode(
            f"bank {profile}: is a sandbox, and this is live mode", field="bank", ids=[profile.pk]
        )
    refuse_sandbox_routing(profile.immediate_destination, field="immediate_destination")


def store_client_key(profile: BankProfile, *, pem: bytes) -> UUID:
    """Seals our private key for this bank; the key it replaces stays sealed and is used no more."""
    check_private_key(pem)
    profile.client_key = vault.seal(SERVICE, pem, context=KEY_CONTEXT)
    profile.save(update_fields=["client_key"])
    return profile.client_key


def open_bank(profile: BankProfile) -> BankConnection:
    """A connection to enter: `with open_bank(profile) as bank:`."""
    refuse_sandbox_profile(profile)
    if profile.client_key is None:
        raise ClientKeyUnusable(
            f"bank {profile}: has no client key yet (bin/manage bank_key)", field="client_key"
        )
    door = Door(
        host=profile.host,
        port=profile.port,
        username=profile.username,
        host_key=profile.host_key,
        client_key_pem=vault.reveal(profile.client_key, context=KEY_CONTEXT),
    )
    return BankConnection(door)


def check_connection(profile: BankProfile, *, at: datetime) -> None:
    """Prove server, key and folders, and keep when. Raises what `open_bank` and the folders do."""
    with open_bank(profile) as bank:
        bank.require_folders(profile.outbound_folder, profile.temp_folder, profile.inbound_folder)
    profile.connected_at = at
    profile.save(update_fields=["connected_at"])
