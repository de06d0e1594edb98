import json
from argparse import ArgumentParser
from typing import Any

from housing_ach.audit.commands import ActingCommand
from housing_ach.proof.verify import Result, verify

NAMED = 20


class Command(ActingCommand):
    help = "Prove the books, the files and the history; exit 1 and name the rows where they fail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object, for machines")

    def handle(self, **options: Any) -> None:
        say = (lambda _: None) if options["json"] else self._say
        results = []
        for result in verify():
            results.append(result)
            say(result)
        if options["json"]:
            self.stdout.write(json.dumps(_told(results), indent=2))
        if not all(result.passed for result in results):
            raise SystemExit(1)

    def _say(self, result: Result) -> None:
        finding = result.finding
        verdict = self.style.SUCCESS("PASS") if result.passed else self.style.ERROR("FAIL")
        counts = f"{finding.checked:>9,} checked {result.seconds:7.2f} s"
        self.stdout.write(f"{verdict} {result.name:<4}{result.promise:<54}{counts}")
        for offender in finding.offenders[:NAMED]:
            self.stdout.write(f"     {offender}")
        if len(finding.offenders) > NAMED:
            self.stdout.write(f"     and {len(finding.offenders) - NAMED:,} more")


def _told(results: list[Result]) -> dict[str, Any]:
    return {
        "passed": all(result.passed for result in results),
        "invariants": [
            {
                "name": result.name,
                "promise": result.promise,
                "passed": result.passed,
                "checked": result.finding.checked,
                "seconds": round(result.seconds, 3),
                "offenders": [offender._asdict() for offender in result.finding.offenders],
            }
            for result in results
        ],
    }
