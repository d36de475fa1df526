"""The parts that every service of the cloud shares."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from slipway.cloud.events import Events
from slipway.cloud.outbox import Outbox
from slipway.cloud.state import State

if TYPE_CHECKING:
    from slipway.cloud.ground import Ground
    from slipway.cloud.s3.store import Store


@dataclass(frozen=True)
class Cloud:
    """One running local cloud: its folder, address, state, objects, events, what is to be sent, and ground."""

    home: Path  # the state folder; every file of the cloud is below it
    account: str
    region: str  # the default one; a call names its own
    endpoint: str  # "http://localhost:PORT"
    state: State
    objects: "Store"  # what jobs and the engine read and write of S3
    ground: "Ground"
    events: Events
    outbox: Outbox
    enforces_iam: bool = False  # whether every request is judged by the policies of its caller
