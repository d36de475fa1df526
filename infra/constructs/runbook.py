"""The page that says what to do when an alarm rings."""

from infra.settings.model import Settings


def runbook(settings: Settings, name: str) -> str:
    """Return the link to a page of docs/runbooks."""
    return f"{settings.operations.runbooks.rstrip('/')}/{name}.md"
