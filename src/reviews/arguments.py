"""Types of command-line arguments that several jobs share."""


def boolean(text: str) -> bool:
    """Return the truth value that a pipeline's string parameter holds; ValueError for other words."""
    values = {"true": True, "1": True, "false": False, "0": False}
    if text.strip().lower() not in values:
        raise ValueError(f"expected True or False, found {text!r}")
    return values[text.strip().lower()]


def share(text: str) -> float:
    """Return a number from 0 to 1; ValueError for any other."""
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(f"expected a number from 0 to 1, found {text!r}")
    return value


def positive(text: str) -> int:
    """Return a whole number above 0; ValueError for any other."""
    value = int(text)
    if value < 1:
        raise ValueError(f"expected a whole number above 0, found {text!r}")
    return value
