"""The rules as a Markdown page: `python -m slipway.definition.lint.page > docs/lint.md`."""

from inspect import getdoc

from slipway.definition.lint import RULES
from slipway.definition.lint.rule import Rule

_HEAD = """# What `slipway lint` looks for

Generated from the rules; `python -m slipway.definition.lint.page > docs/lint.md` writes it anew.
An **error** makes CreatePipeline refuse the definition or a step fail; with a **warning** the pipeline
runs, but hardly as meant. Faults of form, which CreatePipeline refuses too, are found under the name
`parse`.

| Rule | Severity | CreatePipeline | Finds |
|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    return _HEAD + "".join(f"{_row(rule)}\n" for rule in RULES)


def _row(rule: Rule) -> str:
    found = " ".join((getdoc(rule.look) or "").split("\n\n")[0].split())
    return f"| `{rule.name}` | {rule.severity} | {'refuses' if rule.refused else ''} | {found} |"


if __name__ == "__main__":
    print(page(), end="")
