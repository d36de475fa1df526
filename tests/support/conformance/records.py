"""Requests for kinds of resources that are records, and what the coverage test finds of each."""

import json

from conformance.asking import ask

GROUP = {
    "RecordIdentifierFeatureName": "id",
    "EventTimeFeatureName": "at",
    "FeatureDefinitions": [
        {"FeatureName": "id", "FeatureType": "String"},
        {"FeatureName": "at", "FeatureType": "String"},
    ],
    "OnlineStoreConfig": {"EnableOnlineStore": True},
}
ROLE = "arn:aws:iam::123456789012:role/execution"
ARTIFACTS = {"ArtifactStoreUri": "s3://bucket/mlflow", "RoleArn": ROLE}
DOMAIN = {"DomainName": "domain", "AuthMode": "IAM", "DefaultUserSettings": {}}
CONFIG = {"StudioLifecycleConfigContent": "e30=", "StudioLifecycleConfigAppType": "JupyterLab"}
REPOSITORY = {"GitConfig": {"RepositoryUrl": "https://example.com/repository"}}
WAREHOUSE = (
    ("CreateNamespace", {"namespaceName": "aaa"}),
    ("CreateWorkgroup", {"namespaceName": "aaa", "workgroupName": "aaa"}),
)
# Kind → the member that is new in each request, and the other members of the smallest one
MADE = {
    "UserProfile": ("UserProfileName", lambda w: {"DomainId": w.domain}),
    "Space": ("SpaceName", lambda w: {"DomainId": w.domain}),
    "App": (
        "AppName",
        lambda w: {"DomainId": w.domain, "UserProfileName": "u", "AppType": "JupyterLab"},
    ),
    "StudioLifecycleConfig": ("StudioLifecycleConfigName", lambda w: CONFIG),
    "NotebookInstanceLifecycleConfig": ("NotebookInstanceLifecycleConfigName", lambda w: {}),
    "AppImageConfig": ("AppImageConfigName", lambda w: {}),
    "Image": ("ImageName", lambda w: {"RoleArn": ROLE}),
    "CodeRepository": ("CodeRepositoryName", lambda w: REPOSITORY),
    "FeatureGroup": ("FeatureGroupName", lambda w: GROUP),
    "MlflowTrackingServer": ("TrackingServerName", lambda w: ARTIFACTS),
}
READ_ONLY = ("App", "StudioLifecycleConfig")
MLFLOW_APP = {"Name": "a", **ARTIFACTS}


def creating(kind, new):
    """Return how a request to create one of a kind is made in a world."""
    name, others = MADE[kind]
    return lambda w: {**others(w), name: new("r")}


def naming(kind, new):
    """Return how a request that names one of a kind, just made, is made in a world."""
    identity = (MADE[kind][0], "DomainId", "UserProfileName", "AppType")

    def request(w):
        asked = creating(kind, new)(w)
        w.must(f"Create{kind}", asked)
        return {member: asked[member] for member in identity if member in asked}

    return request


def examples(new):
    """Return requests that succeed, by operation."""
    found = {
        "CreateDomain": lambda w: {**DOMAIN},
        "CreateMlflowApp": lambda w: {**MLFLOW_APP},
    }
    for verb in ("Describe", "Update", "Delete"):
        found[f"{verb}Domain"] = lambda w: {"DomainId": w.must("CreateDomain", DOMAIN)["DomainId"]}
        found[f"{verb}MlflowApp"] = lambda w: w.must("CreateMlflowApp", MLFLOW_APP)
    for kind in MADE:
        found[f"Create{kind}"] = creating(kind, new)
        for verb in (
            ("Describe", "Delete") if kind in READ_ONLY else ("Describe", "Update", "Delete")
        ):
            found[f"{verb}{kind}"] = naming(kind, new)
    return found


def described():
    """Return where what was asked for shows."""
    found = {
        "CreateDomain": ("DescribeDomain", lambda r, a: {"DomainId": a["DomainId"]}),
        "UpdateDomain": ("DescribeDomain", lambda r, a: {"DomainId": r["DomainId"]}),
        "CreateMlflowApp": ("DescribeMlflowApp", lambda r, a: a),
        "UpdateMlflowApp": ("DescribeMlflowApp", lambda r, a: a),
    }
    for kind, (name, _) in MADE.items():
        identity = (name, "DomainId", "UserProfileName", "SpaceName", "AppType")

        def of(r, a, members=identity, known=name):
            return {
                m: r[m]
                for m in members
                if m in r and (m in DESCRIBES.get(known, (known, "DomainId")))
            }

        for verb in ("Create",) if kind in READ_ONLY else ("Create", "Update"):
            found[f"{verb}{kind}"] = (f"Describe{kind}", of)
    return found


DESCRIBES = {"AppName": ("AppName", "DomainId", "UserProfileName", "SpaceName", "AppType")}


def populate(w):
    """Make two of each kind, so that there is something to list."""
    w.domain = w.must("CreateDomain", DOMAIN)["DomainId"]
    w.must("CreateDomain", DOMAIN)
    w.must("CreateUserProfile", {"DomainId": w.domain, "UserProfileName": "u"})
    for number in "12":
        w.must("CreateMlflowApp", MLFLOW_APP)
        for kind, (name, others) in MADE.items():
            w.must(f"Create{kind}", {**others(w), name: "two" + number})
    for name, members in WAREHOUSE:
        status, body = ask(w.application, "redshift-serverless", name, members)
        assert status == 200, body
    limited = json.loads(body)["workgroup"]["workgroupArn"]
    limit = {"resourceArn": limited, "usageType": "serverless-compute", "amount": 1}
    assert ask(w.application, "redshift-serverless", "CreateUsageLimit", limit)[0] == 200
