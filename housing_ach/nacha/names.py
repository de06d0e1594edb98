"""Names in plain ASCII. Cutting one is the caller's choice, and every cut is told."""

import unicodedata

# Letters that no accent separates from a plain one.
_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "TH",
        "ł": "l",
        "Ł": "L",
        "ı": "i",
        "‘": "'",
        "’": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "\t": " ",
        "\n": " ",
        "\r": " ",
        "\u00a0": " ",
    }
)


def fold(text: str) -> str:
    """Plain ASCII letters for accented ones; a letter with no plain form becomes `?`."""
    parts = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    bare = "".join(char for char in parts if not unicodedata.combining(char))
    plain = "".join(char if " " <= char <= "~" else "?" for char in bare)
    return " ".join(plain.split())


def fold_name(text: str, width: int) -> tuple[str, bool]:
    """The folded name in at most `width` characters, and whether it had to be cut."""
    folded = fold(text)
    return folded[:width].rstrip(), len(folded) > width
