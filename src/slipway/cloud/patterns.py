"""The regular expressions in AWS's service models, which are Java's, as Python understands them. Pure."""

import re
import unicodedata
from functools import cache

# Java's \p{X} by X: its ASCII members, and a character that stands for all others of the category.
# Replacing the others in the value too spares a table of all of Unicode.
CATEGORIES = {
    "L": (r"A-Za-z", "\ue000"),
    "M": ("", "\ue001"),
    "N": (r"0-9", "\ue002"),
    "P": (r"!-#%-*,-/:;?@\[-\]_{}", "\ue003"),
    "S": (r"$+<->\^`|~", "\ue004"),
    "Z": (" ", "\ue005"),
    "Alnum": (r"A-Za-z0-9", ""),
    "Print": (" -~", ""),
}
CATEGORY = re.compile(r"\\p\{(\w+)\}")
ALONE = re.compile(r"^\\p\{(\w+)\}")  # in no class
# Surrogate pairs in a class: all characters beyond the basic plane
SURROGATES = r"\uD800\uDC00-\uDBFF\uDFFF"
BEYOND = r"\U00010000-\U0010FFFF"
# An anchor with a count, as in `$` followed by `{1,128}`: Java matches the anchor, Python refuses
COUNTED_ANCHOR = re.compile(r"\$\{\d+,\d+\}")


@cache
def translate(pattern: str) -> re.Pattern[str]:
    """Compile one of the model's patterns."""
    text = COUNTED_ANCHOR.sub("", pattern.replace(SURROGATES, BEYOND))
    text = text.replace(r"[\w-", r"[\w\-").replace(r"\z", r"\Z")
    text = text.replace(r"\p{ASCII}", r"[\x00-\x7f]")
    text = ALONE.sub(r"[\\p{\1}]", text)
    text = CATEGORY.sub(lambda found: "".join(CATEGORIES[found[1]]), text)
    return re.compile(text, re.ASCII)  # Java's \w, \d and \s are ASCII's


def matches(pattern: str, value: str) -> bool:
    """Tell whether the whole value has the pattern's form."""
    if not value.isascii() and CATEGORY.search(pattern):
        value = "".join(c if c.isascii() else stand_in(c) for c in value)
    return translate(pattern).fullmatch(value) is not None


def stand_in(character: str) -> str:
    """Return what stands for a character beyond ASCII: one per category, NUL for those never meant."""
    category = unicodedata.category(character)[0]
    return CATEGORIES[category][1] if category in CATEGORIES else "\0"
