"""What the platform asks of every job: where it runs, under which keys, as whom. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Roles:
    """ARNs of the roles that jobs and models act as, one for each kind."""

    processing: str
    training: str
    serving: str

    @staticmethod
    def all(role: str) -> "Roles":
        """Return one role for all kinds."""
        return Roles(role, role, role)


@dataclass(frozen=True)
class Security:
    """The settings of every job. None of them: the account's own network and keys."""

    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    key: str | None = None  # KMS, of volumes and outputs
    encrypt_traffic: bool = False  # between the instances of one job
    tags: Mapping[str, str] = field(default_factory=dict)

    def tag_list(self) -> list[dict[str, str]] | None:
        """Return the tags as the API takes them; None for none."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()] or None
