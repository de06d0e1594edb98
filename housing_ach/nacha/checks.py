"""How a rule looks at a block of records: one mask, and words only where it is true."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from housing_ach.nacha.block import Block, Mask
from housing_ach.nacha.digits import Ints
from housing_ach.nacha.issues import Findings

B = TypeVar("B", bound=Block)
Expect = str | Callable[[B, Ints], Sequence[str]]
MaskOf = Callable[[B], Mask | None]


@dataclass(frozen=True)
class Check(Generic[B]):
    """`sound`: fields that must be readable first; their own rule has reported them if not."""

    rule: str
    field: str
    mask: MaskOf[B]
    expected: Expect[B]
    sound: tuple[str, ...]

    def run(self, block: B, findings: Findings) -> None:
        mask = self.mask(block)
        if mask is None or not mask.any():
            return
        wrong = block.misfit(*self.sound)
        places = np.flatnonzero(mask if wrong is None else mask & ~wrong)
        expected = self.expected
        findings.add(
            self.rule,
            block.record,
            block.record[self.field],
            block.rows[places],
            expected if isinstance(expected, str) else lambda few: expected(block, places[few]),
        )


class Checks(Generic[B]):
    """The rules of one kind of record, in the order they were written."""

    def __init__(self) -> None:
        self._checks: list[Check[B]] = []

    def rule(
        self, rule: str, field: str, expected: Expect[B] = "", *, sound: tuple[str, ...] = ()
    ) -> Callable[[MaskOf[B]], MaskOf[B]]:
        def register(mask: MaskOf[B]) -> MaskOf[B]:
            self._checks.append(Check(rule, field, mask, expected, (field, *sound)))
            return mask

        return register

    def run(self, block: B, findings: Findings) -> None:
        block.report_misfits(findings)
        for check in self._checks:
            if findings.watches(check.rule):
                check.run(block, findings)
