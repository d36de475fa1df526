"""Rotations that are due: the function is invoked for each step, until it has made a new version.

What is to be done is in the rotation's document before it begins, so a rotation that was killed is
done again, with the same version: its steps may come twice, as on AWS.
"""

import json
import logging
import threading
import uuid
from collections.abc import Iterator
from typing import Any

from slipway.cloud import api, inside
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.running import Running
from slipway.cloud.secretsmanager.rules import next_time, retry
from slipway.cloud.targets.permits import permit
from slipway.cloud.timer import Timer

KIND = "SecretRotation"
PRINCIPAL = "secretsmanager.amazonaws.com"
STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]
TEST = ["testSecret"]  # of a secret that is not to rotate at once
log = logging.getLogger(__name__)

# Lambda, Rules, Enabled, Last, Next (epoch seconds), Pending (the version that is being made, or ""),
# Steps, Failures, Due (when Pending is tried)
Rotation = dict[str, Any]
Secret = tuple[str, str]  # region, ARN


class Rotating:
    """The rotations of one cloud, each in a thread of its own."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._going_on: set[Secret] = set()
        self._stopped = False
        self._timer = Timer("rotation", self.due, self.run)

    def waiting(self) -> Iterator[tuple[float, Secret]]:
        """Yield when which secret rotates, of those that are not about to."""
        for region in self._cloud.state.regions(KIND):
            for arn, rotation in self._cloud.state.documents(region, KIND).all():
                at = rotation["Next"] if rotation["Due"] is None else rotation["Due"]
                if rotation["Enabled"] and at is not None and (region, arn) not in self._going_on:
                    yield at, (region, arn)

    def due(self) -> float | None:
        """Return when a secret rotates next."""
        return min((at for at, _ in self.waiting()), default=None)

    def run(self) -> None:
        """Begin the rotations that are due."""
        for _, secret in [each for each in self.waiting() if each[0] <= now()]:
            self._going_on.add(secret)
            threading.Thread(target=self._rotate, args=secret, daemon=True).start()

    def wake(self) -> None:
        """Look anew at which secrets are to rotate."""
        self._timer.wake()

    def stop(self) -> None:
        """Begin no more; those that are going on begin again with the next process."""
        self._stopped = True
        self._timer.stop()

    def _rotate(self, region: str, arn: str) -> None:
        try:
            rotation = begin(self._cloud, region, arn)
            try:
                perform(self._cloud, region, arn, rotation)
            except Exception as error:
                if self._stopped:
                    return
                log.warning("the rotation of %s failed: %s", arn, error)
                failed(self._cloud, region, arn, rotation)
            else:
                finished(self._cloud, region, arn, rotation)
        except Exception:
            log.exception("the rotation of %s", arn)
        finally:
            self._going_on.discard((region, arn))
            self._timer.wake()


def begin(cloud: Cloud, region: str, arn: str) -> Rotation:
    """Return a rotation that has a version to make."""
    documents = cloud.state.documents(region, KIND)
    with cloud.state.transaction():
        rotation = documents.get(arn) or {}
        if not rotation["Pending"]:
            made = {"Pending": str(uuid.uuid4()), "Steps": STEPS, "Failures": 0}
            rotation |= made
        rotation |= {"Due": now()}
        documents.replace(arn, rotation)
    return rotation


class StepFailed(Exception):
    """A step of a rotation did not do what it is for."""


def perform(cloud: Cloud, region: str, arn: str, rotation: Rotation) -> None:
    """Invoke the function for each step; StepFailed, or the error of a call."""
    ground = inside.client(cloud.ground, "secretsmanager", region)
    token = rotation["Pending"]
    if rotation["Steps"] == TEST:  # of the current value, under a version of its own
        found = ground.get_secret_value(SecretId=arn)
        value = {n: found[n] for n in ("SecretString", "SecretBinary") if n in found}
        pending = {"ClientRequestToken": token, "VersionStages": ["AWSPENDING"]}
        ground.put_secret_value(SecretId=arn, **pending, **value)
    for step in rotation["Steps"]:
        permit(cloud, rotation["Lambda"], "lambda:InvokeFunction", PRINCIPAL, arn)
        event = {"Step": step, "SecretId": arn, "ClientRequestToken": token}
        client = api.client(cloud, "lambda", region)
        answer = client.invoke(FunctionName=rotation["Lambda"], Payload=json.dumps(event).encode())
        if answer.get("FunctionError"):
            text = answer["Payload"].read().decode("utf-8", "replace")
            raise StepFailed(f"{step}: {text}")
    stages = ground.describe_secret(SecretId=arn)["VersionIdsToStages"].get(token, [])
    if rotation["Steps"] == STEPS and "AWSCURRENT" not in stages:
        raise StepFailed(f"finishSecret: version {token} is not AWSCURRENT, it is {stages}")
    if "AWSPENDING" in stages:
        ground.update_secret_version_stage(
            SecretId=arn, VersionStage="AWSPENDING", RemoveFromVersionId=token
        )


def failed(cloud: Cloud, region: str, arn: str, rotation: Rotation) -> None:
    """Keep when a rotation is tried again: its version stays AWSPENDING."""
    failures = rotation["Failures"] + 1
    again = retry(failures, now())
    later = {} if again else {"Next": next_time(rotation["Rules"], now())}
    change(cloud, region, arn, rotation, later | {"Failures": failures, "Due": again})


def finished(cloud: Cloud, region: str, arn: str, rotation: Rotation) -> None:
    """Keep that a rotation is done, and when the next one is."""
    done: Rotation = {"Pending": "", "Failures": 0, "Due": None}
    if rotation["Steps"] == STEPS:
        done |= {"Last": now(), "Next": next_time(rotation["Rules"], now())}
    change(cloud, region, arn, rotation, done)


def change(
    cloud: Cloud, region: str, arn: str, rotation: Rotation, members: dict[str, Any]
) -> None:
    """Change a rotation, unless it was cancelled meanwhile; forget that of a secret that is gone."""
    documents = cloud.state.documents(region, KIND)
    ground = inside.client(cloud.ground, "secretsmanager", region)
    try:
        gone = bool(ground.describe_secret(SecretId=arn).get("DeletedDate"))
    except ground.exceptions.ResourceNotFoundException:
        gone = True
    with cloud.state.transaction():
        found = documents.get(arn)
        if gone:
            documents.delete(arn)
        elif found and found["Pending"] == rotation["Pending"]:
            documents.replace(arn, found | members)


ROTATING = Running(Rotating)
start, stop, wake = ROTATING.start, ROTATING.stop, ROTATING.wake
