"""The life of a batch and of the files that carry it, by verb."""

from housing_ach.batches.services.approve import (
    ContentChanged,
    MakerCannotApprove,
    approve,
    cancel,
)
from housing_ach.batches.services.build import build
from housing_ach.batches.services.clear import clear
from housing_ach.batches.services.confirm import NotHeld, confirm_lost, confirm_published
from housing_ach.batches.services.eject import NotPlanned, eject, eject_all, replan
from housing_ach.batches.services.fence import Fenced
from housing_ach.batches.services.freeze import BalancedNotOffered, NoModifierLeft, freeze
from housing_ach.batches.services.receive import (
    apply_received,
    content_of,
    quarantine,
    receive,
    tell_unreachable,
)
from housing_ach.batches.services.shadow import run_shadow
from housing_ach.batches.services.take_back import NotReturnable, take_back
from housing_ach.batches.services.upload import CorruptCopy, recover, send
from housing_ach.batches.services.watch import watch
from housing_ach.batches.services.windows import PastCutOff

__all__ = [
    "BalancedNotOffered",
    "ContentChanged",
    "CorruptCopy",
    "Fenced",
    "MakerCannotApprove",
    "NoModifierLeft",
    "NotHeld",
    "NotPlanned",
    "NotReturnable",
    "PastCutOff",
    "apply_received",
    "approve",
    "build",
    "cancel",
    "clear",
    "confirm_lost",
    "confirm_published",
    "content_of",
    "eject",
    "eject_all",
    "freeze",
    "quarantine",
    "receive",
    "recover",
    "replan",
    "run_shadow",
    "send",
    "take_back",
    "tell_unreachable",
    "watch",
]
