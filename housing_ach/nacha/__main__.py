"""`python -m housing_ach.nacha check [--json] FILE...`: what an operator would refuse, and where.

Exit code 0: every file is clean; 1: there are findings; 2: a file cannot be read.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from housing_ach.nacha.issues import Issue
from housing_ach.nacha.masked import masked_lines
from housing_ach.nacha.reader import File, read

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m housing_ach.nacha", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="check NACHA files")
    check.add_argument("--json", action="store_true", help="print one JSON object a file")
    check.add_argument("files", nargs="+", metavar="FILE", help="a file, or - for standard input")
    options = parser.parse_args(argv)
    return max(_check(name, as_json=options.json) for name in options.files)


def _check(name: str, *, as_json: bool) -> int:
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as refused:
        _say_unopened(name, refused, as_json=as_json)
        return UNREADABLE
    file = read(data)
    print(json.dumps(_told(name, file)) if as_json else _shown(name, data, file))
    if not file.readable:
        return UNREADABLE
    return FINDINGS if file.issues.counts else CLEAN


def _say_unopened(name: str, refused: OSError, *, as_json: bool) -> None:
    reason = refused.strerror or str(refused)
    if as_json:
        print(json.dumps({**_told(name, read(b"")), "issues": [], "error": reason}))
    else:
        print(f"{name}: {reason}", file=sys.stderr)


def _told(name: str, file: File) -> dict[str, object]:
    keys = ("rule", "severity", "line", "record", "field", "start", "end", "message")
    return {
        "file": name,
        "readable": file.readable,
        "issues": [{key: getattr(issue, key) for key in keys} for issue in file.issues],
        "batches": file.batch_count,
        "entries": file.entry_count,
        "debit_cents": file.debit_cents,
        "credit_cents": file.credit_cents,
        "returns": len(file.returns),
        "corrections": len(file.corrections),
    }


def _shown(name: str, data: bytes, file: File) -> str:
    issues = file.issues
    parts = [_headline(name, file)]
    if issues.counts:
        # Only a masked copy is ever printed: the line may hold an account number.
        lines = masked_lines(data, {issue.line for issue in issues})
        parts += [_shown_issue(issue, lines.get(issue.line, "")) for issue in issues]
        parts += _unlisted(file)
    return "\n".join(parts)


def _headline(name: str, file: File) -> str:
    if not file.readable:
        return f"{name}: unreadable"
    found = f"{file.issues.errors} errors, {file.issues.warnings} warnings"
    return (
        f"{name}: {found if file.issues.counts else 'clean'}; "
        f"{file.batch_count} batches, {file.entry_count} entries, "
        f"debits {_dollars(file.debit_cents)}, credits {_dollars(file.credit_cents)}"
    )


def _dollars(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def _shown_issue(issue: Issue, line: str) -> str:
    where = f"line {issue.line}"
    if issue.field:
        where += f", {issue.record.replace('_', ' ')}, {issue.field.replace('_', ' ')}"
        where += f" ({issue.start}-{issue.end})"
    told = f"\n{where}: {issue.severity} {issue.rule}: {issue.message}"
    if line and issue.field:
        caret = " " * (issue.start - 1) + "^" * (issue.end - issue.start + 1)
        told += f"\n    {line}\n    {caret}"
    return told


def _unlisted(file: File) -> list[str]:
    listed: dict[str, int] = {}
    for issue in file.issues:
        listed[issue.rule] = listed.get(issue.rule, 0) + 1
    return [
        f"\n{rule}: {count - listed[rule]} more like these"
        for rule, count in file.issues.counts.items()
        if count > listed[rule]
    ]


if __name__ == "__main__":
    sys.exit(main())
