from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.bank.models import BankProfile
from housing_ach.bank.services import store_client_key
from housing_ach.bank.sftp import public_key_line
from housing_ach.shared.problems import Refusal


class Command(ActingCommand):
    help = (
        "Give a bank profile its private key (a new one unless --file) and print the public half."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("profile", help="name of the bank profile")
        parser.add_argument("--file", type=Path, help="an unencrypted private key to take over")

    def handle(self, *args: Any, **options: Any) -> None:
        profile = BankProfile.objects.filter(name=options["profile"]).first()
        if profile is None:
            raise CommandError(f"bank {options['profile']}: there is no such profile")
        try:
            pem = options["file"].read_bytes() if options["file"] else new_private_key()
            store_client_key(profile, pem=pem)
        except (OSError, Refusal) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(public_key_line(pem))


def new_private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
