"""Write down which version of a model package group is the latest approved one; runs in a job, with boto3.

Usage: latest_approved.py GROUP FILE
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3


def find(sagemaker: Any, group: str) -> dict[str, Any] | None:
    """Return the latest approved version of a group, None where there is none."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        SortBy="CreationTime",
        SortOrder="Descending",
    )
    for page in pages:
        for package in page["ModelPackageSummaryList"]:
            if package["ModelPackageStatus"] == "Completed":
                return dict(package)
    return None


def main(group: str, file: Path) -> int:
    """Write `{"model_package_arn": …}`; code 1 and a line on stderr where no version is approved."""
    region = os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]
    found = find(boto3.client("sagemaker", region), group)
    if found is None:
        print(
            f"expected an approved version in the model package group {group!r}, found none; "
            "approve one of its versions and start again",
            file=sys.stderr,
        )
        return 1
    content = {
        "model_package_arn": found["ModelPackageArn"],
        "model_package_version": found["ModelPackageVersion"],
    }
    file.write_text(json.dumps(content) + "\n")
    print(f"the latest approved version of {group} is {found['ModelPackageArn']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
