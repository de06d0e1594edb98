"""Account numbers are shown by their last four characters, and only where more remain hidden."""


def mask_account(number: str) -> str:
    text = number.strip()
    return "*" * (len(text) - 4) + text[-4:] if len(text) > 4 else "*" * len(text)


def mask_field(text: str) -> str:
    """The same, keeping the blanks around it, so that a masked record stays 94 wide."""
    left = len(text) - len(text.lstrip())
    masked = mask_account(text)
    return " " * left + masked + " " * (len(text) - left - len(masked))
