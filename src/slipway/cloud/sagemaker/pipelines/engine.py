"""The engine of one cloud: its store, its driver, and what begins and ends with the process."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from slipway.cloud import api, credentials
from slipway.cloud.cloud import Cloud
from slipway.cloud.events import Event
from slipway.cloud.sagemaker.pipelines.events import publish
from slipway.cloud.sagemaker.pipelines.execution_store import ExecutionStore
from slipway.cloud.sagemaker.pipelines.metrics import measure
from slipway.cloud.services import owned
from slipway.engine.attempt import Facts
from slipway.engine.driver import Driver
from slipway.engine.events import Event as EngineEvent
from slipway.engine.state import Execution

SESSION = "AmazonSageMaker-Pipelines"  # of the role as which an execution calls


@cache
def store(cloud: Cloud) -> ExecutionStore:
    """Return the executions of a cloud."""
    return ExecutionStore(cloud.state, partial(tell, cloud))


def tell(
    cloud: Cloud,
    settled: Mapping[str, Any],
    facts: Facts,
    event: EngineEvent,
    before: Execution,
    after: Execution,
) -> None:
    """Tell events and metrics what an event of the engine changed."""
    publish(cloud.events, settled, facts, event, before, after)
    measure(cloud, facts, before, after)


@cache
def driver(cloud: Cloud) -> Driver:
    """Return what runs a cloud's executions; it hears of every job that changes."""
    running = Driver(store(cloud), partial(client, cloud), performs)

    def hear(event: Event) -> None:
        if event.detail_type.endswith("State Change"):
            for arn in event.resources:
                running.notice(arn)

    cloud.events.subscribe(hear)
    return running


def client(cloud: Cloud, service: str, region: str, role: str) -> Any:
    """Return the client with which an execution calls a service as its role."""
    return api.client(cloud, service, region, credentials.for_role(cloud, region, role, SESSION))


def performs(operation: str) -> bool:
    """Tell whether an operation does its work here; the ground would only record it."""
    return operation in owned("sagemaker").operations


def start(cloud: Cloud) -> None:
    """Take up what the last process left unfinished."""
    if any(store(cloud).unfinished()):
        driver(cloud).start()


def stop(cloud: Cloud) -> None:
    """Let go of all executions; the next process takes them up."""
    driver(cloud).stop()
