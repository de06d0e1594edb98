from pathlib import Path
from typing import Any

from django.conf import settings

from housing_ach.audit.commands import ActingCommand
from housing_ach.erp.contract import ddl
from housing_ach.erp.states import Dialect

PLACE = Path(settings.BASE_DIR) / "deploy/erp"


class Command(ActingCommand):
    help = "Write the scripts that make the two tables of the ERP, one for each kind of database."

    def handle(self, **_options: Any) -> None:
        for dialect in Dialect:
            (PLACE / f"{dialect.lower()}.sql").write_text(ddl(dialect))
            self.stdout.write(f"deploy/erp/{dialect.lower()}.sql")
