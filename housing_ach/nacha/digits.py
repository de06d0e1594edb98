"""Digits to numbers and back, eight at a time inside one 64-bit word, a column at a time."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]

WEIGHTS: Final = (3, 7, 1, 3, 7, 1, 3, 7)  # of the routing number's check digit
POWERS: Final = 10 ** np.arange(18, dtype=np.int64)[::-1]

_EIGHTS = np.uint64(8)
_PAIRS = np.uint64(0x00FF00FF00FF00FF)
_FOURS = np.uint64(0x0000FFFF0000FFFF)
_TEN = np.uint64(10 * (1 << 8) + 1)
_HUNDRED = np.uint64(100 * (1 << 16) + 1)
_TEN_THOUSAND = np.uint64(10_000 * (1 << 32) + 1)
_SIXTEEN, _THIRTY_TWO, _TOP_LANE = np.uint64(16), np.uint64(32), np.uint64(48)


def _lanes(weights: tuple[int, ...]) -> np.uint64:
    """Multiplying four 16-bit lanes by this leaves their weighted sum in the top lane."""
    return np.uint64(sum(weight << (16 * (3 - lane)) for lane, weight in enumerate(weights)))


_ODD_WEIGHTS, _EVEN_WEIGHTS = _lanes(WEIGHTS[0::2]), _lanes(WEIGHTS[1::2])
_ODD_POWERS, _EVEN_POWERS = POWERS[-8::2], POWERS[-7::2]
_ENDS_IN_OTHER = np.arange(512) % 10 != 0


def words_at(flat: Bytes, *, column: int, count: int, stride: int, order: str = "<") -> Words:
    """Eight bytes of each record as one number; `<` puts the first digit lowest, `>` highest."""
    view = np.ndarray((count,), f"{order}u8", flat.data, column, (stride,))
    return view.astype(np.uint64)


def value_of(words: Words) -> Words:
    """Eight digit bytes (0 to 9, first digit lowest) as the number they spell."""
    value = words * _TEN
    value >>= _EIGHTS
    value &= _PAIRS
    value *= _HUNDRED
    value >>= _SIXTEEN
    value &= _FOURS
    value *= _TEN_THOUSAND
    value >>= _THIRTY_TWO
    return value


def split(words: Words) -> tuple[Words, Words]:
    """The first, third, fifth, seventh digit and the others, each in 16-bit lanes.

    Such words add up exactly for 7,281 records, which is how the entry hash is summed.
    """
    odd = words & _PAIRS
    even = words >> _EIGHTS
    even &= _PAIRS
    return odd, even


def sum_of(odd_sums: Words, even_sums: Words) -> Ints:
    """What lanes added up by `split` are worth as eight-digit numbers."""
    odd = odd_sums.astype("<u8").view("<u2").reshape(-1, 4).astype(np.int64)
    even = even_sums.astype("<u8").view("<u2").reshape(-1, 4).astype(np.int64)
    total: Ints = odd @ _ODD_POWERS + even @ _EVEN_POWERS
    return total


def wrong_check_digits(odd: Words, even: Words, check: Bytes) -> NDArray[np.bool_]:
    """Where 3*d1 + 7*d2 + d3 + ... + the check digit does not end in zero."""
    weighted = odd * _ODD_WEIGHTS
    weighted += even * _EVEN_WEIGHTS
    weighted >>= _TOP_LANE
    weighted += check
    # A column that is no digit may weigh more; its own rule has reported it.
    mask: NDArray[np.bool_] = _ENDS_IN_OTHER.take(weighted.view(np.int64), mode="clip")
    return mask


def number_of(digits: Bytes) -> Ints:
    """A (rows, width) block of digit bytes (0 to 9) as numbers."""
    number: Ints = digits.astype(np.int64) @ POWERS[-digits.shape[1] :]
    return number


def _four_digit_words() -> NDArray[np.uint32]:
    numbers = np.arange(10_000)
    digits = np.stack([numbers // 1000, numbers // 100 % 10, numbers // 10 % 10, numbers % 10], 1)
    return np.ascontiguousarray(digits + 0x30, np.uint8).view(np.uint32).reshape(-1)


_FOUR_DIGITS = _four_digit_words()


def spell(numbers: Ints, width: int) -> Bytes:
    """Numbers as zero-filled ASCII digits, (rows, width). They must fit: the caller has looked."""
    groups = -(-width // 4)
    spelled = np.empty((len(numbers), groups), np.uint32)
    rest = numbers
    for group in reversed(range(groups)):
        above = rest // 10_000
        spelled[:, group] = _FOUR_DIGITS.take(rest - above * 10_000, mode="clip")
        rest = above
    return spelled.view(np.uint8)[:, groups * 4 - width :]


def routing_check_digit(first8: str) -> str:
    if len(first8) != 8 or not (first8.isascii() and first8.isdigit()):
        raise ValueError("a routing number starts with eight digits")
    weighted = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first8, strict=True))
    return str(-weighted % 10)


def valid_routing(nine: str) -> bool:
    digits = len(nine) == 9 and nine.isascii() and nine.isdigit()
    return digits and routing_check_digit(nine[:8]) == nine[8]
