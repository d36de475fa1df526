"""From the name of an environment to its settings."""

from importlib import import_module

from infra.settings.check import SettingsError
from infra.settings.model import Settings

ENVIRONMENTS = ("dev", "staging", "prod")


def load(environment: str) -> Settings:
    """Return the settings of an environment; SettingsError when there are none."""
    if environment not in ENVIRONMENTS:
        raise SettingsError(
            f"expected -c environment={'|'.join(ENVIRONMENTS)}, found {environment!r}"
        )
    try:
        settings = import_module(f"infra.settings.{environment}").SETTINGS
    except TypeError as error:  # a key that a dataclass lacks or wants
        raise SettingsError(f"infra/settings/{environment}.py: {error}") from error
    if not isinstance(settings, Settings) or settings.environment != environment:
        raise SettingsError(
            f"infra/settings/{environment}.py: expected SETTINGS with environment={environment!r}, "
            f"found {getattr(settings, 'environment', settings)!r}"
        )
    return settings
