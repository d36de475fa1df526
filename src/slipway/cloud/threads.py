"""The threads that serve connections: as many as are busy, and a few that wait for work."""

import logging
import select
import socket
import threading
import time
from queue import Empty, SimpleQueue
from typing import Any, Protocol

LEAST = 16  # threads that are always there
MOST = 1024  # threads; an invocation of a model holds one while the model works
UNUSED = 30.0  # seconds after which a thread above LEAST ends
LINGER = 10  # milliseconds that a thread waits for a client's next request before others take it
log = logging.getLogger(__name__)


class Connection(Protocol):
    """What the threads do with a connection of cheroot's."""

    socket: socket.socket

    def communicate(self) -> bool:
        """Serve one request; return whether there may be another."""

    def close(self) -> None:
        """End the connection."""


class Server(Protocol):
    """Whom the threads work for."""

    ready: bool

    def put_conn(self, conn: Any) -> None:
        """Wait for the next request of a connection."""


class Threads:
    """A pool of threads in the form in which cheroot's server uses one."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._queue: SimpleQueue[Connection | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._load = 0  # connections that wait or are served
        self._at: dict[threading.Thread, Connection | None] = {}  # which thread serves which

    def start(self) -> None:
        """Start the first threads."""
        with self._lock:
            for _ in range(LEAST):
                self._spawn()

    def put(self, connection: Connection) -> None:
        """Have a connection's request served, by a new thread where all are busy."""
        with self._lock:
            self._load += 1
            if len(self._at) < min(self._load, MOST):
                self._spawn()
        self._queue.put(connection)

    def stop(self, timeout: float) -> None:
        """End the threads; connections still served after so many seconds are cut."""
        with self._lock:
            threads = list(self._at)
        for _ in threads:
            self._queue.put(None)
        until = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        with self._lock:
            served = [connection for connection in self._at.values() if connection is not None]
        for connection in served:
            cut(connection)
        for thread in threads:
            thread.join(1.0)

    def _spawn(self) -> None:
        thread = threading.Thread(target=self._work, name="http", daemon=True)
        self._at[thread] = None
        thread.start()

    def _work(self) -> None:
        thread = threading.current_thread()
        while True:
            try:
                connection = self._queue.get(timeout=UNUSED)
            except Empty:
                with self._lock:
                    if len(self._at) <= max(LEAST, self._load):
                        continue
                    del self._at[thread]
                    return
            if connection is None:
                break
            self._at[thread] = connection
            self._serve(connection)
            del connection  # a thread that waits holds none
            with self._lock:
                self._at[thread] = None
                self._load -= 1
        with self._lock:
            del self._at[thread]

    def _serve(self, connection: Connection) -> None:
        """Serve a connection's requests as long as they come one right after the other."""
        keep = False
        try:
            while keep := connection.communicate():
                if not self._server.ready or not coming(connection.socket):
                    break
        except OSError as error:
            keep = False
            log.info("a connection ended: %s", error)
        except Exception:
            keep = False
            log.exception("a connection failed")
        finally:
            if keep:
                self._server.put_conn(connection)
            else:
                connection.close()


def coming(of: socket.socket) -> bool:
    """Tell whether a client's next request, or its end, comes soon.

    Its thread spares two hand-overs to other threads by waiting for it: a fifth of a millisecond.
    """
    poll = select.poll()
    poll.register(of, select.POLLIN)
    return bool(poll.poll(LINGER))


def cut(connection: Connection) -> None:
    """End a connection that another thread uses."""
    try:
        connection.socket.shutdown(socket.SHUT_RDWR)
    except OSError:  # it has ended by itself
        return
