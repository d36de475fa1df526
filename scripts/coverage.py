"""Write docs/coverage.md: which AWS operations Slipway owns, and where it does less than AWS.

python scripts/coverage.py            write the page
python scripts/coverage.py --check    exit 1 when the page is not what the code says
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from slipway.cloud.coverage import NOTHING, Coverage
from slipway.cloud.s3.meta import REFUSED
from slipway.cloud.service import Service
from slipway.cloud.services import MODULES, owned

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"
NAMES = {
    "application-autoscaling": "Application Auto Scaling",
    "cloudformation": "CloudFormation",
    "athena": "Athena",
    "cloudwatch": "CloudWatch",
    "glue": "Glue",
    "events": "EventBridge",
    "scheduler": "EventBridge Scheduler",
    "redshift-serverless": "Redshift Serverless",
    "sagemaker": "SageMaker",
    "secretsmanager": "Secrets Manager",
    "sagemaker-runtime": "SageMaker Runtime",
    "iam": "IAM",
    "lambda": "Lambda",
    "logs": "CloudWatch Logs",
    "sts": "STS",
}
INTRODUCTION = """\
# What the local cloud does of each operation

<!-- Written by scripts/coverage.py from the code. Do not edit: `make coverage` writes it anew. -->

Below are the operations that Slipway itself answers; every other operation of AWS is answered by
moto. Requests are checked against the service model that botocore ships,
and refused in AWS's words where the model forbids them; a member that the model does not know is
refused, too.

A member that is not named here does what it does on AWS. For the others:

- **refused**: the request gets an error that says why;
- **some values refused**: as the text says;
- **kept, no effect**: the request is taken, the member is kept and shown, and that is all.
"""
KINDS = (
    ("refused", "refused"),
    ("limited", "some values refused"),
    ("not_honored", "kept, no effect"),
)


def rows(coverage: Coverage) -> Iterator[str]:
    """Yield the rows of an operation's table."""
    for member, title in KINDS:
        table: Mapping[str, str] = getattr(coverage, member)
        for path, reason in sorted(table.items()):
            yield f"| `{path}` | {title} | {reason} |"


def section(name: str, service: Service) -> Iterator[str]:
    """Yield the lines about one service."""
    tables = {
        operation: list(rows(service.coverage.get(operation, NOTHING)))
        for operation in sorted(service.operations)
    }
    yield f"\n## {NAMES.get(name, name)}: {len(tables)} operations\n"
    if not service.ground:
        yield "All other operations of this service are refused.\n"
    whole = [operation for operation, found in tables.items() if not found]
    if whole:
        yield "As on AWS: " + ", ".join(whole) + ".\n"
    for operation, found in tables.items():
        if found:
            yield f"### {operation}\n"
            yield "| Member | What happens | Why |\n|---|---|---|"
            yield from found
            yield ""


def s3() -> Iterator[str]:
    """Yield the lines about S3, which is no operation's business but a header's."""
    yield "\n## S3\n"
    yield "Objects are files on this machine's disk; buckets' settings are moto's. Refused:\n"
    yield "| Header | Feature |\n|---|---|"
    yield from (f"| `{header}` | {feature} |" for header, feature in sorted(REFUSED.items()))


def page() -> str:
    """Return the page's text."""
    lines = [INTRODUCTION]
    for name in sorted(name for name in MODULES if owned(name).operations):
        lines += section(name, owned(name))
    lines += s3()
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        if PAGE.read_text() != page():
            sys.exit(f"{PAGE} is stale: run `make coverage`")
    else:
        PAGE.write_text(page())
