"""The codec beside achkit and beside one look at the bytes: `bin/bench codec [--json]`.

Every figure is a ratio of two times, or two amounts of memory, taken in this run: the median of
pairs measured in turn, so that a busy machine slows both sides. `achkit.validate` parses and
checks, and is what our `read` is held against. Columns come in as arrays for us and as lists for
achkit, which takes one entry at a time. 1M is ten batches of 100,000 PPD debits.
"""

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import achkit
import numpy as np
from numpy.typing import NDArray

from bin.measuring.figures import Figure, at_least, at_most, tell
from housing_ach.nacha import BatchSpec, EntryColumns, FileSpec, read, write
from housing_ach.nacha.digits import WEIGHTS

ODFI = 12104288
LARGE, MEDIUM, SMALL = 1_000_000, 100_000, 10_000


def columns(count: int, first: int) -> EntryColumns:
    """Made-up entries; the same ones on every run."""
    dice = np.random.default_rng(first)
    first8 = dice.integers(1_000_000, 99_999_999, count)
    digits = first8[:, None] // 10 ** np.arange(8)[::-1] % 10
    numbers = first + np.arange(1, count + 1)
    return EntryColumns(
        transaction_code=np.where(dice.random(count) < 0.7, 27, 37),
        routing=first8 * 10 + -(digits @ np.array(WEIGHTS)) % 10,
        account=np.char.mod("%d", dice.integers(10**6, 10**12, count)).astype("S17"),
        cents=dice.integers(50_000, 300_000, count),
        individual_id=np.char.mod("LEASE-%d", numbers).astype("S15"),
        name=np.char.mod("TENANT NUMBER %d", numbers).astype("S22"),
        trace=ODFI * 10**7 + numbers % 10**7,
    )


def spec(batches: int, size: int) -> FileSpec:
    return FileSpec(
        immediate_destination="091000019",
        immediate_origin=f"{ODFI}2",
        creation_on=date(2026, 1, 5),
        creation_time="0930",
        destination_name="FIRST BANK",
        origin_name="ACME HOUSING",
        batches=[
            BatchSpec(
                service_class="225",
                company_name="ACME HOUSING",
                company_id="1234567890",
                sec_code="PPD",
                description="RENT",
                effective_on=date(2026, 1, 6),
                odfi=str(ODFI),
                number=number + 1,
                entries=columns(size, number * size),
            )
            for number in range(batches)
        ],
    )


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratio(work: Callable[[], object], other: Callable[[], object], pairs: int) -> float:
    """How many times longer `work` takes than `other`: the median of pairs taken in turn."""
    other()
    return statistics.median(seconds(work) / seconds(other) for _ in range(pairs))


def peak(work: Callable[[], Any]) -> tuple[int, Any]:
    """The most memory allocated while working, and what came of it."""
    gc.collect()
    tracemalloc.start()
    result = work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most, result


def _texts(column: NDArray[Any], width: int) -> list[str]:
    if column.dtype.kind == "S":
        return [item.decode() for item in column]
    return [f"{item:0{width}d}" for item in column.tolist()]


def achkit_rows(some: EntryColumns) -> list[tuple[str, str, str, int, str, str]]:
    kinds = {27: "checking", 37: "savings"}
    return list(
        zip(
            _texts(some.name, 22),
            _texts(some.routing, 9),
            _texts(some.account, 17),
            some.cents.tolist(),
            [kinds[code] for code in some.transaction_code.tolist()],
            _texts(some.individual_id, 15),
            strict=True,
        )
    )


def achkit_build(batches: Sequence[Sequence[tuple[str, str, str, int, str, str]]]) -> str:
    file = achkit.AchFile.create(
        origin_dfi=f"{ODFI}2", company_id="1234567890", origin_name="ACME HOUSING"
    )
    for rows in batches:
        batch = file.batch(sec="PPD", description="RENT", effective_date="2026-01-06")
        for row in rows:
            batch.debit(*row)
    text: str = file.render()
    return text


def reading(name: str, data: bytes, pairs: int) -> Figure:
    text = data.decode()
    speed = ratio(partial(achkit.validate, text), partial(read, data), pairs)
    return at_least(f"parse and all rules, {name} entries: times faster than achkit", speed, 25)


def building(name: str, file: FileSpec, pairs: int) -> Figure:
    rows = [achkit_rows(batch.columns) for batch in file.batches]
    speed = ratio(partial(achkit_build, rows), partial(write, file), pairs)
    return at_least(f"build from columns, {name} entries: times faster than achkit", speed, 30)


def memory(file: FileSpec, data: bytes) -> list[Figure]:
    """At 100k, where tracing achkit takes seconds; both sides grow with the entries."""
    text, rows = data.decode(), [achkit_rows(batch.columns) for batch in file.batches]
    ours, _ = peak(partial(read, data))
    theirs, _ = peak(partial(achkit.parse, text))
    built, result = peak(partial(write, file))
    their_build, their_text = peak(partial(achkit_build, rows))
    return [
        at_most("peak extra memory of parse, 100k entries: share of achkit's", ours / theirs, 0.1),
        at_most(
            "peak extra memory of build, 100k entries: share of achkit's",
            (built - len(result)) / (their_build - len(their_text)),
            0.1,
        ),
    ]


def scaling(large: bytes, medium: bytes) -> list[Figure]:
    scan = np.frombuffer(large, np.uint8)
    many, small = write(spec(2_500, 40)), write(spec(1, SMALL))
    records = (len(many) // 95) / (len(medium) // 95)
    few = ratio(partial(read, large), partial(read, small), 9) / (LARGE / SMALL)
    return [
        at_most(
            "parse and all rules, 1M entries: scans of the same bytes by np.max",
            ratio(partial(read, large), partial(np.max, scan), 15),
            20,
        ),
        at_most(
            "parse of 2,500 batches of 40: cost of a record beside one batch of 100k",
            ratio(partial(read, many), partial(read, medium), 25) / records,
            1.3,
        ),
        at_most("parse: cost of an entry at 1M beside one at 10k", few, 1.3),
    ]


def answering(data: bytes) -> Figure:
    """The whole command, from start of Python to its answer, on a file of ten lines."""
    with tempfile.NamedTemporaryFile(suffix=".ach") as file:
        file.write(data)
        file.flush()
        command = [sys.executable, "-m", "housing_ach.nacha", "check", file.name]
        work = partial(subprocess.run, command, check=True, capture_output=True)
        usual = statistics.median(seconds(work) for _ in range(7))
    return at_most("python -m housing_ach.nacha check: seconds to answer", usual, 0.5)


def run() -> list[Figure]:
    ten, one = spec(10, MEDIUM), spec(1, MEDIUM)
    large, medium = write(ten), write(one)
    return [
        *scaling(large, medium),
        *memory(one, medium),
        answering(write(spec(1, 6))),
        reading("100k", medium, 5),
        reading("1M", large, 3),
        building("100k", one, 5),
        building("1M", ten, 3),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench codec", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args(argv)
    return tell(run(), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
