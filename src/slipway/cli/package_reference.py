"""Which model package a person means: its ARN, GROUP/VERSION, or GROUP for its newest."""

from typing import Any

from slipway.cli.aws import pages
from slipway.cli.errors import Refused

ALL = "list them with `slipway models`"


def find_package(api: Any, text: str) -> dict[str, Any]:
    """Return a version of a group as the API describes it; Refused when there is no such version."""
    if text.startswith("arn:"):
        if ":model-package/" not in text:
            raise Refused(f"expected the ARN of a model package, found {text!r}; {ALL}")
        group, _, version = text.rpartition(":model-package/")[2].partition("/")
    else:
        group, slash, version = text.partition("/")
        if slash and not version.isdigit():
            raise Refused(f"expected GROUP/VERSION with a number as version, found {text!r}")
    listed = versions(api, group)
    numbers = [each["ModelPackageVersion"] for each in listed]
    if not listed:
        raise Refused(f"{group} has no version yet; a RegisterModel step makes one")
    if not version:
        if text.startswith("arn:"):
            raise Refused(f"{text} is no version of a group, so nobody approves it")
        number = max(numbers)
    elif (number := int(version)) not in numbers:
        raise Refused(f"{group} has no version {version}, it has {known(numbers)}; {ALL} {group}")
    (arn,) = [each["ModelPackageArn"] for each in listed if each["ModelPackageVersion"] == number]
    found: dict[str, Any] = api.describe_model_package(ModelPackageName=arn)
    found.pop("ResponseMetadata", None)
    return found


def versions(api: Any, group: str) -> list[dict[str, Any]]:
    """Return the summaries of a group's versions; Refused, with the nearest name, for no group."""
    groups = [
        one["ModelPackageGroupName"]
        for one in pages(api, "list_model_package_groups", "ModelPackageGroupSummaryList")
    ]
    found = next((name for name in groups if name.lower() == group.lower()), None)
    if found is None:
        raise Refused(f"there is no model package group {group!r}. {nearest(group, groups)}; {ALL}")
    listed = pages(
        api, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=found
    )
    return list(listed)


def nearest(name: str, names: list[str]) -> str:
    """Return what was probably meant, or what there is."""
    from difflib import get_close_matches

    close = get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean {close[0]}?"
    return f"There is {', '.join(names)}" if names else "There is none at all"


def known(numbers: list[int]) -> str:
    """Return versions as a person reads them: 1 to 4, 6."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def title(package: dict[str, Any]) -> str:
    """Return a package as people write it: GROUP/VERSION."""
    arn: str = package["ModelPackageArn"]
    return arn.rpartition(":model-package/")[2]
