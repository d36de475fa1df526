"""Stop a job that does not keep to the platform's rules, and tell somebody.

IAM refuses such jobs already; this finds those of roles that are not the platform's, and what a faulty
policy lets through.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.functions.stop_noncompliant_job import rules as the
from infra.functions.stop_noncompliant_job.rules import Rules

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)


@dataclass(frozen=True)
class Kind:
    """A kind of job: how it is read and stopped, and what it must have."""

    name: str  # "TrainingJob"
    problems: Callable[[Mapping[str, Any], Rules], Iterator[str]]

    @property
    def words(self) -> str:
        """The kind as operations of boto3 name it: training_job."""
        return self.name.removesuffix("Job").lower() + "_job"


KINDS = {
    "SageMaker Training Job State Change": Kind("TrainingJob", the.training_problems),
    "SageMaker Processing Job State Change": Kind("ProcessingJob", the.processing_problems),
    "SageMaker Transform Job State Change": Kind("TransformJob", the.transform_problems),
}


def check(
    sagemaker: Any, sns: Any, topic: str, rules: Rules, event: Mapping[str, Any]
) -> list[str]:
    """Return what is wrong with the job of an event; stop it when there is something."""
    kind = KINDS[event["detail-type"]]
    name = event["detail"][f"{kind.name}Name"]
    job = getattr(sagemaker, f"describe_{kind.words}")(**{f"{kind.name}Name": name})
    if job[f"{kind.name}Status"] != "InProgress":
        return []
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=job[f"{kind.name}Arn"])
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    problems = [*kind.problems(job, rules), *the.tag_problems(tags, rules)]
    if not problems:
        return []
    log.warning("%s %s is stopped: %s", kind.name, name, "; ".join(problems))
    try:
        getattr(sagemaker, f"stop_{kind.words}")(**{f"{kind.name}Name": name})
    except ClientError as error:
        # Another delivery of the event was first, or the job has ended.
        if "Stopp" not in error.response["Error"]["Message"]:
            raise
        return problems
    sns.publish(
        TopicArn=topic,
        Subject=f"A {kind.words.replace('_', ' ')} was stopped"[:100],
        Message=f"{job[f'{kind.name}Arn']} was stopped:\n" + "\n".join(f"- {p}" for p in problems),
    )
    return problems


def handle(event: dict[str, Any], context: Any) -> None:
    """Take an event of a job that is in progress (AWS Lambda)."""
    rules = Rules.from_environment(os.environ)
    check(boto3.client("sagemaker"), boto3.client("sns"), os.environ["TOPIC_ARN"], rules, event)
