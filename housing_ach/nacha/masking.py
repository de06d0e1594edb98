"""Account numbers are shown by their last four characters, and only where more remain hidden."""

from housing_ach.nacha.framing import FILLER_TYPE
from housing_ach.nacha.layout import ENTRY

STARS = bytes.maketrans(b"0123456789", b"*" * 10)

# Columns that hold digits in every record of a type. One wrong character between digits is a
# typing error; where there are more, the columns have slipped and may hold an account number.
PROOF: dict[int, tuple[slice, ...]] = {
    ord("1"): (slice(34, 40),),
    ord("5"): (slice(79, 94),),
    ord("6"): (ENTRY["routing"].columns, ENTRY["amount"].columns),
    ord("7"): (slice(87, 94),),
    ord("8"): (slice(1, 44), slice(79, 94)),
    ord("9"): (slice(1, 55),),
    FILLER_TYPE: (),
}


def mask_account(number: str) -> str:
    text = number.strip()
    return "*" * (len(text) - 4) + text[-4:] if len(text) > 4 else "*" * len(text)


def mask_field(text: str) -> str:
    """The same, keeping the blanks around it, so that a masked record stays 94 wide."""
    left = len(text) - len(text.lstrip())
    masked = mask_account(text)
    return " " * left + masked + " " * (len(text) - left - len(masked))


def has_slipped(line: str) -> bool:
    """Whether the columns of a record cannot be trusted to hold what they should."""
    proof = PROOF.get(ord(line[0]))
    return proof is None or any(
        sum(char in "0123456789" for char in line[columns]) < columns.stop - columns.start - 1
        for columns in proof
    )


def without_digits(text: str) -> str:
    return "".join("*" if char in "0123456789" else char for char in text)
