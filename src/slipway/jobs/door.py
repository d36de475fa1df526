"""The way into and out of a network namespace: connections that are made here and handed over.

A socket belongs to the network in which it was made, and a Unix socket pair reaches across. So whoever
wants to reach a server in the namespace asks for a connection to its port and gets the connected
socket itself; nothing is copied on the way. The other way round, one port of the namespace stands for
a port of the machine: what connects to it is passed on to a connection that the other side makes.

The supervisor serves its half from threads of its own. Standard library only.
"""

import contextlib
import errno
import os
import select
import socket
import struct
import threading
from typing import Any

PORT = struct.Struct("!H")
CHUNK = 1 << 16
HERE = "127.0.0.1"


def open_out(plan: dict[str, Any]) -> socket.socket | None:
    """Listen on the port that stands for one of the machine; None where there is no way out.

    `plan` has the descriptors `inward` and, where there is a way out, `outward` with its `port`.
    """
    for name in ("inward", "outward"):
        if name in plan:
            os.set_inheritable(plan[name], False)
    return socket.create_server((HERE, plan["port"])) if "outward" in plan else None


def serve(plan: dict[str, Any], way_out: socket.socket | None) -> None:
    """Serve both ways until their other sides are gone; returns at once."""
    inward = socket.socket(fileno=plan["inward"])
    threading.Thread(target=hand_over, args=(inward, None), daemon=True).start()
    if way_out:
        outward = socket.socket(fileno=plan["outward"])
        threading.Thread(target=_let_out, args=(way_out, outward), daemon=True).start()


def hand_over(channel: socket.socket, only: int | None) -> None:
    """Answer each request for a port with a socket on its way to it; `only` one port, if named.

    The other side waits for the connection, so that nobody else has to.
    """
    with channel, contextlib.suppress(OSError):
        while asked := channel.recv(PORT.size):
            (port,) = PORT.unpack(asked)
            with socket.socket() as made:
                made.setblocking(False)
                known = port == only or only is None
                if known and made.connect_ex((HERE, port)) in (0, errno.EINPROGRESS):
                    socket.send_fds(channel, [b"+"], [made.fileno()])
                else:
                    channel.sendall(b"-")


def ask(channel: socket.socket, port: int) -> socket.socket:
    """Return a socket that connects to a port on the other side; ConnectionRefusedError."""
    channel.sendall(PORT.pack(port))
    said, handles, _, _ = socket.recv_fds(channel, 1, 1)
    if not said or not handles:
        raise ConnectionRefusedError(f"nothing listens on port {port}")
    return socket.socket(fileno=handles[0])


def connected(handle: socket.socket, timeout: float) -> socket.socket:
    """Return a socket once it is connected, blocking; TimeoutError, OSError."""
    poll = select.poll()
    poll.register(handle, select.POLLOUT)
    try:
        if not poll.poll(timeout * 1000):
            raise TimeoutError("it does not take the connection")
        if code := handle.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(code, os.strerror(code))
    except BaseException:
        handle.close()
        raise
    handle.setblocking(True)
    return handle


def _let_out(way_out: socket.socket, channel: socket.socket) -> None:
    """Pass on every connection to the port that stands for one of the machine."""
    port = way_out.getsockname()[1]
    while True:
        inner, _ = way_out.accept()
        try:
            outer = connected(ask(channel, port), 5)
        except OSError:
            inner.close()
            continue
        threading.Thread(target=_pass_on, args=(inner, outer), daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """Copy both directions of a connection until both have ended."""
    towards = {one.fileno(): other, other.fileno(): one}
    poll = select.poll()
    for handle in towards:
        poll.register(handle, select.POLLIN)
    with one, other, contextlib.suppress(OSError):
        sources = {one.fileno(): one, other.fileno(): other}
        while sources:
            for handle, _ in poll.poll():
                if data := sources[handle].recv(CHUNK):
                    towards[handle].sendall(data)
                else:
                    poll.unregister(handle)
                    del sources[handle]
                    towards[handle].shutdown(socket.SHUT_WR)
