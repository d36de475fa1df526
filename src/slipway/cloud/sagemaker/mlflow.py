"""MLflow tracking servers and apps. Records: no MLflow runs, so no server is ever active."""

import secrets

from slipway.cloud.coverage import Coverage
from slipway.cloud.records.kind import Document, Kind
from slipway.cloud.service import Call

NO_MLFLOW = "kept and shown; no MLflow runs behind it"
VERSION = "3.0"  # what AWS takes where the request names none


def new_server(call: Call, server: Document) -> Document:
    """Return what AWS adds to a new tracking server; it is stopped, and has no URL."""
    return {
        "TrackingServerStatus": "Stopped",
        "IsActive": "Inactive",
        "TrackingServerSize": "Small",
        "MlflowVersion": VERSION,
        "AutomaticModelRegistration": False,
    }


TRACKING_SERVER = Kind(
    service="sagemaker",
    name="MlflowTrackingServer",
    key=("TrackingServerName",),
    arn=("TrackingServerArn", "mlflow-tracking-server/{TrackingServerName}"),
    order="Descending",
    added=new_server,
    why=NO_MLFLOW,
)


def new_app(call: Call, app: Document) -> Document:
    """Return what AWS adds to a new MLflow app."""
    own = f"mlflow-app/app-{secrets.token_hex(6).upper()}"
    return {
        "Arn": f"arn:aws:sagemaker:{call.region}:{call.cloud.account}:{own}",
        "Status": "Created",
        "MlflowVersion": VERSION,
        "ModelRegistrationMode": "AutoModelRegistrationDisabled",
        "AccountDefaultStatus": "DISABLED",
    }


APP = Kind(
    service="sagemaker",
    name="MlflowApp",
    key=("Arn",),
    arn=("Arn", ""),
    title="Name",
    order="Descending",
    added=new_app,
    why=NO_MLFLOW,
    coverage={
        "ListMlflowApps": Coverage(refused={"DefaultForDomainId": "no domain uses an MLflow app"})
    },
)
KINDS = (TRACKING_SERVER, APP)
