"""Open the state folder, serve on loopback, stop cleanly."""

import logging
import signal
import threading
from pathlib import Path

from slipway.cloud.application import Application
from slipway.cloud.clock import CLOCK
from slipway.cloud.cloud import Cloud
from slipway.cloud.events import Events
from slipway.cloud.ground import Ground
from slipway.cloud.ground.journal import Journal
from slipway.cloud.home import CannotStart, announce, log_to, taken
from slipway.cloud.http import Server
from slipway.cloud.outbox import Outbox
from slipway.cloud.s3.store import Store
from slipway.cloud.services import MODULES, owned
from slipway.cloud.state import State

ACCOUNT = "123456789012"
log = logging.getLogger(__name__)


def assemble(home: Path, endpoint: str, enforces_iam: bool = False) -> Cloud:
    """Return the cloud of a state folder; nothing serves it yet."""
    state = State(home / "state.sqlite")
    events, outbox = Events(state), Outbox(state)
    store = Store(home / "s3", state, events, ACCOUNT)
    ground = Ground(Journal(state), store, outbox)
    shared = (state, store, ground, events, outbox, enforces_iam)
    return Cloud(home, ACCOUNT, "us-east-1", endpoint, *shared)


def serve(home: Path, port: int, enforces_iam: bool = False) -> None:
    """Serve until SIGTERM or SIGINT. CannotStart when the folder or the port cannot be had."""
    with taken(home) as clean:
        log_to(home)
        server = bound(port)
        cloud = assemble(home, f"http://localhost:{server.bind_addr[1]}", enforces_iam)
        CLOCK.load(cloud.state)
        server.answer = Application(cloud)
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, lambda *_: threading.Thread(target=server.stop).start())
        for name in MODULES:
            owned(name).start(cloud)
        announce(home, cloud.endpoint, enforces_iam)
        log.info("serving %s", cloud.endpoint)
        threading.Thread(target=catch_up, args=(cloud, clean), daemon=True).start()
        try:
            server.serve()
        finally:
            stop(cloud)


def catch_up(cloud: Cloud, clean: bool) -> None:
    """Do in the background what the last cloud left for later."""
    try:
        if not clean:
            log.info("the last cloud was killed; %s nameless files removed", cloud.objects.sweep())
        if not cloud.ground.empty():
            cloud.ground.warm()
    except Exception:
        log.exception("what the last cloud left is not done; the next start tries again")


def bound(port: int) -> Server:
    """Return a server that listens on a port of loopback; CannotStart when the port is taken."""
    server = Server(port)
    try:
        server.prepare()
    except OSError as error:
        raise CannotStart(
            f"expected port {port} of 127.0.0.1 to be free, found it taken ({error}); stop what "
            "listens there, or set SLIPWAY_PORT to another port (0 takes a free one)"
        ) from error
    return server


def stop(cloud: Cloud) -> None:
    """End what the services run, and close the state."""
    cloud.outbox.stop()
    for name in reversed(MODULES):
        try:
            owned(name).stop(cloud)
        except Exception:
            log.exception("%s did not stop cleanly", name)
    cloud.state.close()
    log.info("stopped")
