from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from housing_ach.audit.commands import ActingCommand
from housing_ach.clock.services import wall_time
from housing_ach.erp.models import Target
from housing_ach.erp.services import set_line as set_erp_line
from housing_ach.shared.problems import Refusal
from housing_ach.vault.lines import Line, set_line
from housing_ach.webhooks.models import Endpoint


class Command(ActingCommand):
    help = (
        "Set the certificate we show to an ERP or a webhook endpoint, and whom we believe there."
        " What is not named is taken away."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=["erp", "endpoint"])
        parser.add_argument("name", help="of the ERP, or the endpoint's number")
        parser.add_argument("--identity", type=Path, help="certificate and key in one file (PEM)")
        parser.add_argument(
            "--authorities", type=Path, help="private authorities; SQL Server's own one (PEM)"
        )

    def handle(self, *, kind: str, name: str, **options: Any) -> None:
        at = wall_time()
        try:
            line = Line(_text(options["identity"]), _text(options["authorities"]))
            if kind == "erp":
                set_erp_line(Target.objects.get(name=name), line, at=at)
            else:
                set_line(Endpoint.objects.get(pk=int(name) if name.isdecimal() else 0), line, at=at)
        except (Target.DoesNotExist, Endpoint.DoesNotExist) as problem:
            raise CommandError(f"There is no {kind} {name}.") from problem
        except (Refusal, OSError) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{kind} {name}: {'its own line' if line else 'as everybody'}")


def _text(path: Path | None) -> str:
    """What is no text is judged like any other."""
    return path.read_text(errors="replace") if path else ""
