"""Studio: domains, user profiles, spaces, lifecycle configurations, images. Records: no Studio runs."""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from slipway.cloud.coverage import Coverage
from slipway.cloud.records.kind import Document, Kind, merged
from slipway.cloud.records.operations import found
from slipway.cloud.service import Call, invalid

NO_STUDIO = "kept and shown; no Studio runs behind it"
LETTERS = string.ascii_lowercase + string.digits


def new_domain(call: Call, document: Document) -> Document:
    """Return what AWS adds to a new domain; its URL and file system are not there."""
    return {
        "DomainId": "d-" + "".join(secrets.choice(LETTERS) for _ in range(12)),
        "Status": "InService",
        "AppNetworkAccessType": "PublicInternetOnly",
        "TagPropagation": "DISABLED",
    }


def changed_domain(domain: Document, request: Mapping[str, Any]) -> Document:
    """Return a domain after UpdateDomain."""
    settings = request.get("DomainSettingsForUpdate")
    rest = {name: value for name, value in request.items() if name != "DomainSettingsForUpdate"}
    return merged(domain, rest | ({"DomainSettings": settings} if settings is not None else {}))


DOMAIN = Kind(
    service="sagemaker",
    name="Domain",
    key=("DomainId",),
    arn=("DomainArn", "domain/{DomainId}"),
    title="DomainName",
    added=new_domain,
    change=changed_domain,
    why=NO_STUDIO,
    coverage={
        "DeleteDomain": Coverage(not_honored={"RetentionPolicy": "there is no home file system"})
    },
)


def in_service(call: Call, document: Document) -> Document:
    """Return what AWS adds to a new profile or space."""
    return {"Status": "InService"}


USER_PROFILE = Kind(
    service="sagemaker",
    name="UserProfile",
    key=("DomainId", "UserProfileName"),
    arn=("UserProfileArn", "user-profile/{DomainId}/{UserProfileName}"),
    within=DOMAIN,
    added=in_service,
    why=NO_STUDIO,
)


def new_space(call: Call, document: Document) -> Document:
    """Return what AWS adds to a new space; ServiceError when its owner is not there."""
    if owner := document.get("OwnershipSettings", {}).get("OwnerUserProfileName"):
        found(USER_PROFILE, call, {"DomainId": document["DomainId"], "UserProfileName": owner})
    return in_service(call, document)


def summarized_space(space: Document) -> Document:
    """Return a space with what lists show of its settings."""
    summaries = ("SpaceSettings", "SpaceSharingSettings", "OwnershipSettings")
    return space | {f"{name}Summary": space[name] for name in summaries if name in space}


SPACE = Kind(
    service="sagemaker",
    name="Space",
    key=("DomainId", "SpaceName"),
    arn=("SpaceArn", "space/{DomainId}/{SpaceName}"),
    within=DOMAIN,
    added=new_space,
    shown=summarized_space,
    why=NO_STUDIO,
)


def new_app(call: Call, document: Document) -> Document:
    """Return what becomes of an app: it fails, as it does on AWS when it cannot start."""
    if ("UserProfileName" in document) == ("SpaceName" in document):
        raise invalid("Expected exactly one of UserProfileName and SpaceName.")
    found(USER_PROFILE if "UserProfileName" in document else SPACE, call, document)
    return {
        "Status": "Failed",
        "FailureReason": "The local cloud runs no Studio apps: work in your own editor against its API.",
        "Owner": document.get("UserProfileName", document.get("SpaceName")),
    }


APP = Kind(
    service="sagemaker",
    name="App",
    key=("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"),
    arn=("AppArn", "app/{DomainId}/{Owner}/{AppType}/{AppName}"),
    within=DOMAIN,
    updates=False,
    added=new_app,
    why="kept and shown; the app's status is Failed: no Studio runs",
)
LIFECYCLE_CONFIG = Kind(
    service="sagemaker",
    name="StudioLifecycleConfig",
    key=("StudioLifecycleConfigName",),
    arn=("StudioLifecycleConfigArn", "studio-lifecycle-config/{StudioLifecycleConfigName}"),
    updates=False,
    order="Descending",
    why=NO_STUDIO,
)
NOTEBOOK_CONFIG = Kind(
    service="sagemaker",
    name="NotebookInstanceLifecycleConfig",
    key=("NotebookInstanceLifecycleConfigName",),
    arn=(
        "NotebookInstanceLifecycleConfigArn",
        "notebook-instance-lifecycle-config/{NotebookInstanceLifecycleConfigName}",
    ),
    order="Descending",
    why="kept and shown; no notebook instance runs",
)
APP_IMAGE_CONFIG = Kind(
    service="sagemaker",
    name="AppImageConfig",
    key=("AppImageConfigName",),
    arn=("AppImageConfigArn", "app-image-config/{AppImageConfigName}"),
    order="Descending",
    why=NO_STUDIO,
)


def new_image(call: Call, document: Document) -> Document:
    """Return what AWS adds to a new image."""
    return {"ImageStatus": "CREATED"}


def changed_image(image: Document, request: Mapping[str, Any]) -> Document:
    """Return an image after UpdateImage, which can take members away."""
    gone = request.get("DeleteProperties", [])
    rest = {name: value for name, value in request.items() if name != "DeleteProperties"}
    return {name: value for name, value in image.items() if name not in gone} | rest


IMAGE = Kind(
    service="sagemaker",
    name="Image",
    key=("ImageName",),
    arn=("ImageArn", "image/{ImageName}"),
    order="Descending",
    sort_by="CREATION_TIME",
    added=new_image,
    change=changed_image,
    why=NO_STUDIO,
    coverage={"UpdateImage": Coverage(behaves={"DeleteProperties": "takes members away"})},
)
CODE_REPOSITORY = Kind(
    service="sagemaker",
    name="CodeRepository",
    key=("CodeRepositoryName",),
    arn=("CodeRepositoryArn", "code-repository/{CodeRepositoryName}"),
    listed="ListCodeRepositories",
    sort_by="Name",
    why="kept and shown; nothing is cloned",
)
KINDS = (
    *(DOMAIN, USER_PROFILE, SPACE, APP, LIFECYCLE_CONFIG),
    *(NOTEBOOK_CONFIG, APP_IMAGE_CONFIG, IMAGE, CODE_REPOSITORY),
)
