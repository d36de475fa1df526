"""Studio's resources: kept, shown, changed and deleted through their own API."""

import pytest
from botocore.exceptions import ClientError

SETTINGS = {"ExecutionRole": "arn:aws:iam::123456789012:role/scientist"}
TAGS = [{"Key": "team", "Value": "reviews"}]


@pytest.fixture
def sm(shared):
    return shared.client("sagemaker")


def refused(operation, **request):
    with pytest.raises(ClientError) as raised:
        operation(**request)
    return raised.value.response["Error"]


def domain(sm, name="studio", **more):
    return sm.create_domain(DomainName=name, AuthMode="IAM", DefaultUserSettings=SETTINGS, **more)[
        "DomainId"
    ]


def test_a_domain_shows_what_it_was_asked_to_be_and_no_url_that_nobody_answers(sm):
    of = domain(sm, VpcId="vpc-1", SubnetIds=["subnet-1"], Tags=TAGS)
    found = sm.describe_domain(DomainId=of)
    assert found["Status"] == "InService"
    assert found["DefaultUserSettings"] == SETTINGS
    assert (found["VpcId"], found["SubnetIds"]) == ("vpc-1", ["subnet-1"])
    assert "Url" not in found and "HomeEfsFileSystemId" not in found
    assert sm.list_tags(ResourceArn=found["DomainArn"])["Tags"] == TAGS
    assert of in [each["DomainId"] for each in sm.list_domains()["Domains"]]


def test_an_update_merges_structures_and_replaces_everything_else(sm):
    of = domain(sm, SubnetIds=["a", "b"], DomainSettings={"SecurityGroupIds": ["sg-1"]})
    sm.update_domain(
        DomainId=of,
        SubnetIds=["c"],
        DefaultUserSettings={"SecurityGroups": ["sg-2"]},
        DomainSettingsForUpdate={"DockerSettings": {"EnableDockerAccess": "ENABLED"}},
    )
    found = sm.describe_domain(DomainId=of)
    assert found["SubnetIds"] == ["c"]
    assert found["DefaultUserSettings"] == SETTINGS | {"SecurityGroups": ["sg-2"]}
    assert found["DomainSettings"] == {
        "SecurityGroupIds": ["sg-1"],
        "DockerSettings": {"EnableDockerAccess": "ENABLED"},
    }
    assert found["LastModifiedTime"] > found["CreationTime"]


def test_profiles_live_in_a_domain_that_goes_after_them(sm):
    of = domain(sm)
    ids = {"DomainId": of, "UserProfileName": "ada"}
    assert refused(sm.create_user_profile, **ids | {"DomainId": "d-none"})["Code"] == (
        "ValidationException"
    )
    sm.create_user_profile(**ids, UserSettings=SETTINGS)
    assert refused(sm.create_user_profile, **ids)["Code"] == "ResourceInUse"
    found = sm.list_user_profiles(DomainIdEquals=of, UserProfileNameContains="ad")["UserProfiles"]
    assert [each["UserProfileName"] for each in found] == ["ada"]
    error = refused(sm.delete_domain, DomainId=of)
    assert error["Code"] == "ResourceInUse"
    assert "UserProfile" in error["Message"]
    sm.delete_user_profile(**ids)
    assert refused(sm.describe_user_profile, **ids)["Code"] == "ResourceNotFound"
    sm.delete_domain(DomainId=of)
    assert refused(sm.describe_domain, DomainId=of)["Code"] == "ResourceNotFound"


def test_an_app_fails_and_says_why(sm):
    ids = {"DomainId": domain(sm), "UserProfileName": "bob"}
    sm.create_user_profile(**ids)
    app = ids | {"AppType": "JupyterLab", "AppName": "default"}
    sm.create_app(**app)
    found = sm.describe_app(**app)
    assert found["Status"] == "Failed"
    assert "runs no Studio apps" in found["FailureReason"]


def test_a_tracking_server_is_stopped_and_cannot_be_started(sm):
    sm.create_mlflow_tracking_server(
        TrackingServerName="track",
        ArtifactStoreUri="s3://b/mlflow",
        RoleArn=SETTINGS["ExecutionRole"],
    )
    found = sm.describe_mlflow_tracking_server(TrackingServerName="track")
    assert (found["TrackingServerStatus"], found["IsActive"]) == ("Stopped", "Inactive")
    assert "TrackingServerUrl" not in found
    error = refused(sm.start_mlflow_tracking_server, TrackingServerName="track")
    assert "start_mlflow_tracking_server" in error["Message"]
    sm.delete_mlflow_tracking_server(TrackingServerName="track")


FEATURES = [
    {"FeatureName": "review_id", "FeatureType": "String"},
    {"FeatureName": "at", "FeatureType": "Fractional"},
]
GROUP = {
    "RecordIdentifierFeatureName": "review_id",
    "EventTimeFeatureName": "at",
    "FeatureDefinitions": FEATURES,
    "RoleArn": SETTINGS["ExecutionRole"],
    "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://features/"}},
}


def test_a_feature_group_is_created_and_grows(sm):
    sm.create_feature_group(FeatureGroupName="reviews", **GROUP)
    stars = {"FeatureName": "stars", "FeatureType": "Integral"}
    sm.update_feature_group(FeatureGroupName="reviews", FeatureAdditions=[stars])
    found = sm.describe_feature_group(FeatureGroupName="reviews")
    assert found["FeatureGroupStatus"] == "Created"
    assert found["FeatureDefinitions"] == [*FEATURES, stars]
    uri = found["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    assert uri.startswith("s3://features/123456789012/sagemaker/us-east-1/offline-store/reviews-")
    again = {"FeatureGroupName": "reviews", "FeatureAdditions": [stars]}
    assert "already" in refused(sm.update_feature_group, **again)["Message"]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"EventTimeFeatureName": "when"}, "when"),
        ({"RecordIdentifierFeatureName": "id"}, "RecordIdentifierFeatureName"),
        ({"OfflineStoreConfig": None}, "OnlineStoreConfig"),
        ({"RoleArn": None}, "RoleArn"),
    ],
)
def test_a_feature_group_that_could_hold_no_record_is_refused(sm, change, named):
    members = {name: value for name, value in (GROUP | change).items() if value is not None}
    error = refused(sm.create_feature_group, FeatureGroupName="never", **members)
    assert error["Code"] == "ValidationException"
    assert named in error["Message"]


def test_records_outlive_the_cloud(own_cloud):
    of = domain(own_cloud.client("sagemaker"), name="kept", Tags=TAGS)
    own_cloud.kill()
    own_cloud.start()
    sm = own_cloud.client("sagemaker")
    found = sm.describe_domain(DomainId=of)
    assert found["DomainName"] == "kept"
    assert sm.list_tags(ResourceArn=found["DomainArn"])["Tags"] == TAGS
