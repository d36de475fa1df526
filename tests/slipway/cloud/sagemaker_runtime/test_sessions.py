"""Stateful sessions stay with the instance that opened them."""

import itertools

from serving import Fleet, Instance, said, variant
from slipway.hosting.container import Server


class Stateful:
    """Two instances of a model that opens and closes sessions; picked in turn."""

    def __init__(self):
        self.numbers = itertools.count()
        self.instances = tuple(
            Instance(self.answering(host), server=Server(host, "AllTraffic", ())) for host in "ab"
        )
        self.fleet = Fleet(self.instances)
        turns = itertools.cycle(self.instances)
        self.fleet.pick = lambda: next(each for each in turns if each.ready)

    def answering(self, host):
        def answer(asked):
            own = {}
            if asked.headers.get("X-Amzn-SageMaker-Session-Id") == "NEW_SESSION":
                expires = "2030-01-01T00:00:00Z"
                own["x_amzn_sagemaker_new_session_id"] = f"s{next(self.numbers)}; Expires={expires}"
            if asked.body == b"close":
                session = asked.headers["X-Amzn-SageMaker-Session-Id"]
                own["x_amzn_sagemaker_closed_session_id"] = session
            return said(host.encode(), **own)

        return answer


def test_a_session_stays_with_its_instance_until_it_is_closed(runtime, endpoint):
    model = Stateful()
    live = endpoint(variant(fleet=model.fleet))

    def ask(session, body=b"x"):
        answer = runtime.invoke_endpoint(EndpointName=live.name, Body=body, SessionId=session)
        return answer, answer["Body"].read()

    first, one = ask("NEW_SESSION")
    second, two = ask("NEW_SESSION")
    assert {one, two} == {b"a", b"b"}
    ids = [each["NewSessionId"].partition(";")[0] for each in (first, second)]
    for _ in range(3):
        assert [ask(session)[1] for session in ids] == [one, two]
    closed, _ = ask(ids[0], b"close")
    assert closed["ClosedSessionId"] == ids[0]
    assert {ask(ids[0])[1] for _ in range(2)} == {b"a", b"b"}
    model.instances["ab".index(two.decode())].ready = False
    assert ask(ids[1])[1] == one
