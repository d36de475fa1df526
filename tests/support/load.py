"""A load generator that costs little: one thread, raw sockets, requests prepared beforehand.

Run as a process of its own. Reads {"port", "requests" (base64, whole HTTP/1.1 requests), "connections",
and "count" or "seconds"; with a "rate", requests are sent at set times, whoever is slow; else as fast as
answers come} from stdin; with "reconnect", a connection that the server has closed is opened again and asked again.
Writes {"seconds", "latencies" (s, from when a request was due), "statuses", "bodies"} to stdout.
"""

import base64
import json
import selectors
import socket
import sys
import time
from collections import Counter, deque


class Caller:
    """One connection, and the request that it waits for."""

    def __init__(self, port):
        self.port, self.received, self.due, self.number = port, b"", 0.0, 0
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request, number, due):
        self.received, self.due, self.number = b"", due, number
        self.socket.sendall(request)

    def answer(self):
        """Return status and body once all of it is there, else None."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError(f"the server closed a connection: {self.received[:300]!r}")
        self.received += data
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        if length:
            return (int(head.split(b" ", 2)[1]), body) if len(body) >= int(length) else None
        return (int(head.split(b" ", 2)[1]), body) if body.endswith(b"0\r\n\r\n") else None


def run(plan):
    """Ask until the plan is carried out; return what came of it."""
    requests = [base64.b64decode(each) for each in plan["requests"]]
    callers = [Caller(plan["port"]) for _ in range(plan["connections"])]
    rate, count = plan.get("rate"), plan.get("count", sys.maxsize)
    idle, asked = deque(callers), 0
    latencies, statuses, bodies = [], Counter(), {}
    begun = time.perf_counter()
    end = begun + plan.get("seconds", float("inf"))
    with selectors.DefaultSelector() as selector:
        for caller in callers:
            selector.register(caller.socket, selectors.EVENT_READ, caller)
        while True:
            waits = None  # until an answer comes
            while asked < count and idle:
                now = time.perf_counter()
                due = begun + asked / rate if rate else now
                if due >= end:
                    count = asked
                    break
                if due > now:
                    waits = due - now
                    break
                idle.popleft().ask(requests[asked % len(requests)], asked, due)
                asked += 1
            if len(latencies) == count:
                break
            for key, _ in selector.select(waits):
                caller = key.data
                try:
                    answer = caller.answer()
                except ConnectionError:
                    if not plan.get("reconnect"):
                        raise
                    selector.unregister(caller.socket)
                    caller.connect()
                    selector.register(caller.socket, selectors.EVENT_READ, caller)
                    caller.ask(requests[caller.number % len(requests)], caller.number, caller.due)
                    continue
                if answer is not None:
                    latencies.append(time.perf_counter() - caller.due)
                    statuses[answer[0]] += 1
                    bodies[caller.number] = answer[1].decode("utf-8", "replace")
                    idle.append(caller)
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "latencies": latencies,
        "statuses": statuses,
        "bodies": list(bodies.values()),
    }


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
