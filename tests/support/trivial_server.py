"""A model server that does next to nothing, so that what is measured is the way to it: `… serve [PORT]`."""

import os
import socket
import sys
import threading

BODY = b'{"predicted_label": 5, "score": 0.92}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
    BODY
)


def serve(connection: socket.socket) -> None:
    """Answer each request of a connection; the body of one comes with its headers or right after."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while received := connection.recv(1 << 16):
        data += received
        while b"\r\n\r\n" in data:
            head, _, data = data.partition(b"\r\n\r\n")
            left = length(head) - len(data)
            while left > 0 and (received := connection.recv(left)):
                left -= len(received)
                data = b""
            data = data[length(head) :]
            connection.sendall(HEAD + BODY)


def length(head: bytes) -> int:
    """Return the length of a request's body."""
    found = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return int(found[0].partition(b":")[2]) if found else 0


if __name__ == "__main__":
    port = int(sys.argv[2] if len(sys.argv) > 2 else os.environ["SAGEMAKER_BIND_TO_PORT"])
    with socket.create_server(("127.0.0.1", port), backlog=256) as listening:
        while True:
            threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
