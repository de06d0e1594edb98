"""Names in plain ASCII. Cutting one is the caller's choice, and every cut is told."""

import unicodedata

# Letters that no accent separates from a plain one.
_LETTERS = str.maketrans(
    {
        "\u00df": "ss",
        "\u00e6": "ae",
        "\u00c6": "AE",
        "\u0153": "oe",
        "\u0152": "OE",
        "\u00f8": "o",
        "\u00d8": "O",
        "\u0111": "d",
        "\u0110": "D",
        "\u00f0": "d",
        "\u00d0": "D",
        "\u00fe": "th",
        "\u00de": "TH",
        "\u0142": "l",
        "\u0141": "L",
        "\u0131": "i",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
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
