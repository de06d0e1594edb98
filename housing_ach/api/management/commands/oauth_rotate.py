from typing import Any

from django.core.management.base import BaseCommand, CommandError

from housing_ach.api.keys import rotate
from housing_ach.audit.acting import acting
from housing_ach.clock.services import wall_time
from housing_ach.shared.problems import Refusal


class Command(BaseCommand):
    help = (
        "Sign access tokens with the next key; the one before stays good until its tokens are over"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with acting("command:oauth_rotate"):
            try:
                key = rotate(at=wall_time())
            except Refusal as problem:
                raise CommandError(str(problem)) from problem
        self.stdout.write(f"tokens are signed with {key.kid}")
