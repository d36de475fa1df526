"""Whether settings can be deployed at all; said before anything is built. Pure."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from infra.settings import machine_learning
from infra.settings.model import INTERFACE_ENDPOINTS, Lake, Network, Settings, Studio, Warehouse

CLASSIFICATIONS = ("public", "internal", "confidential", "restricted")
BUCKETS = ("raw", "curated", "features", "artifacts")


class SettingsError(Exception):
    """Settings that cannot be deployed; the text is one line for the person who wrote them."""


def resolved(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """Return the settings with account and region filled in, or SettingsError.

    `environ` has CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION when the CDK CLI found credentials; both
    stay None without, and the stacks then fit whichever account they are deployed to.
    """
    for fault in faults(settings):
        raise SettingsError(f"settings of {settings.environment}: {fault}")
    found = {
        "account": environ.get("CDK_DEFAULT_ACCOUNT"),
        "region": environ.get("CDK_DEFAULT_REGION"),
    }
    for name, here in found.items():
        set_ = getattr(settings, name)
        if set_ and here and set_ != here:
            raise SettingsError(
                f"settings of {settings.environment}: expected {name} {set_}, found credentials for "
                f"{here}; use that {name}'s credentials or change `{name}`"
            )
    account = settings.account or found["account"]
    region = settings.region or found["region"]
    if not (account and region):  # the CDK takes both or neither
        account = region = None
    return replace(settings, account=account, region=region)


def faults(settings: Settings) -> Iterator[str]:
    """Yield what is wrong, one line each, the most basic first."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,14}", settings.application):
        yield expected("application", "2 to 15 of a-z, 0-9 and -", settings.application)
    if not re.fullmatch(r"[a-z][a-z0-9]{1,9}", settings.environment):
        yield expected("environment", "2 to 10 of a-z and 0-9", settings.environment)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", settings.owner):
        yield expected("owner", "a mail address", settings.owner)
    if not re.fullmatch(r"[\w .:/=+@-]{1,256}", settings.cost_center):
        yield expected("cost_center", "a tag's value", settings.cost_center)
    if settings.data_classification not in CLASSIFICATIONS:
        yield expected("data_classification", one_of(CLASSIFICATIONS), settings.data_classification)
    if settings.account is not None and not re.fullmatch(r"\d{12}", settings.account):
        yield expected("account", "12 digits", settings.account)
    if settings.region is not None and not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", settings.region):
        yield expected("region", "an AWS region", settings.region)
    yield from _network(settings.network)
    yield from _lake(settings.lake)
    if settings.warehouse:
        yield from _warehouse(settings.warehouse)
        if settings.network.availability_zones < 3:
            three = "3 or more: Redshift Serverless takes no fewer (or `warehouse=None`)"
            yield expected("network.availability_zones", three, settings.network.availability_zones)
    if settings.github and not re.fullmatch(r"[\w.-]+/[\w.-]+", settings.github.repository):
        yield expected("github.repository", "owner/name", settings.github.repository)
    if settings.studio:
        yield from _studio(settings.studio)
    yield from machine_learning.faults(
        settings.ml, settings.triggers, settings.delivery, settings.operations
    )


def _network(network: Network) -> Iterator[str]:
    try:
        size = ipaddress.ip_network(network.cidr).prefixlen
    except ValueError:
        size = 0
    if not 16 <= size <= 20:
        yield expected("network.cidr", "an IPv4 network from /16 to /20", network.cidr)
    if not 2 <= network.availability_zones <= 6:
        yield expected("network.availability_zones", "2 to 6", network.availability_zones)
    if not 1 <= network.endpoint_zones <= network.availability_zones:
        yield expected("network.endpoint_zones", "1 to availability_zones", network.endpoint_zones)
    if not 0 <= network.nat_gateways <= network.availability_zones:
        yield expected("network.nat_gateways", "0 to one a zone", network.nat_gateways)
    for name in network.interface_endpoints:
        if name not in INTERFACE_ENDPOINTS:
            yield expected("network.interface_endpoints", one_of(INTERFACE_ENDPOINTS), name)
    for key in ("s3_prefix_list", "dynamodb_prefix_list"):
        if not re.fullmatch(r"pl-[0-9a-f]{8,17}", getattr(network, key)):
            yield expected(f"network.{key}", "pl-…", getattr(network, key))


def _lake(lake: Lake) -> Iterator[str]:
    if not re.fullmatch(r"([\w.-]+/)+", lake.raw_prefix):
        yield expected("lake.raw_prefix", "folders, each ending in /", lake.raw_prefix)
    if lake.scan_cutoff_bytes < 10 * 10**6:
        yield expected(
            "lake.scan_cutoff_bytes", "at least 10 MB, as Athena does", lake.scan_cutoff_bytes
        )
    names = [team.name for team in lake.teams]
    for team in lake.teams:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,20}[a-z0-9]", team.name):
            yield expected("lake.teams name", "3 to 22 of a-z, 0-9 and -", team.name)
        if names.count(team.name) > 1:
            yield expected("lake.teams", "each name once", team.name)
        if team.bucket not in BUCKETS:
            yield expected(f"bucket of team {team.name}", one_of(BUCKETS), team.bucket)
        if not re.fullmatch(r"([\w.-]+/)+", team.prefix):
            yield expected(f"prefix of team {team.name}", "folders, each ending in /", team.prefix)
    for deployer in lake.deployers:
        if not re.fullmatch(r"arn:aws[\w-]*:(iam|sts)::\d{12}:\S+", deployer):
            yield expected("lake.deployers", "ARNs of roles", deployer)


def _warehouse(warehouse: Warehouse) -> Iterator[str]:
    for key in ("base_capacity", "max_capacity"):
        capacity = getattr(warehouse, key)
        if capacity % 8 or not 8 <= capacity <= 512:
            yield expected(f"warehouse.{key}", "8 to 512 in steps of 8", capacity)
    if warehouse.base_capacity > warehouse.max_capacity:
        most = f"at most base_capacity's limit, max_capacity ({warehouse.max_capacity})"
        yield expected("warehouse.base_capacity", most, warehouse.base_capacity)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", warehouse.database):
        yield expected("warehouse.database", "1 to 64 of a-z, 0-9 and _", warehouse.database)


def _studio(studio: Studio) -> Iterator[str]:
    if not 60 <= studio.idle_minutes <= 525600:
        yield expected("studio.idle_minutes", "60 to 525600", studio.idle_minutes)
    for name, _ in studio.profiles:
        if not re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name):
            yield expected("studio.profiles", "names of a-z, 0-9 and -", name)


def expected(key: str, wanted: str, found: object) -> str:
    """Return the line of a fault."""
    return f"`{key}`: expected {wanted}, found {found!r}"


def one_of(values: tuple[str, ...]) -> str:
    """Return a choice in words."""
    return "one of " + ", ".join(values)
