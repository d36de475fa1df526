"""Requests to S3 through a cloud that enforces IAM."""

import pytest
from botocore import UNSIGNED

from guarding import ACCOUNT, allow, deny, document, new, refused


@pytest.fixture(scope="module")
def bucket(guarded):
    s3 = guarded.client("s3")
    name = new()
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="raw/a.tsv", Body=b"a")
    s3.put_object(Bucket=name, Key="features/a.csv", Body=b"a")
    return name


def test_s3_says_it_with_quotation_marks(guarded, bucket):
    s3 = guarded.allowed("s3", allow("s3:GetObject", f"arn:aws:s3:::{bucket}/features/*"))
    assert s3.get_object(Bucket=bucket, Key="features/a.csv")["Body"].read() == b"a"
    code, message, status = refused(s3.get_object, Bucket=bucket, Key="raw/a.tsv")
    assert (code, status) == ("AccessDenied", 403)
    assert f's3:GetObject on resource: "arn:aws:s3:::{bucket}/raw/a.tsv" because' in message
    assert refused(s3.head_object, Bucket=bucket, Key="raw/a.tsv")[0] == "403"


def test_who_may_not_list_does_not_learn_that_an_object_is_absent(guarded, bucket):
    read = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    s3 = guarded.allowed("s3", read)
    assert refused(s3.get_object, Bucket=bucket, Key="none")[0] == "AccessDenied"
    s3 = guarded.allowed("s3", read, allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    assert refused(s3.get_object, Bucket=bucket, Key="none")[0] == "NoSuchKey"


def test_a_deleted_object_of_a_versioned_bucket_is_as_absent_as_any(guarded):
    own, name = guarded.client("s3"), new()
    own.create_bucket(Bucket=name)
    own.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    own.put_object(Bucket=name, Key="features/a.csv", Body=b"a")
    own.delete_object(Bucket=name, Key="features/a.csv")
    read = allow("s3:GetObject", f"arn:aws:s3:::{name}/*")
    some = {"StringLike": {"s3:prefix": "features/*"}}
    s3 = guarded.allowed("s3", read, allow("s3:ListBucket", f"arn:aws:s3:::{name}", Condition=some))
    assert refused(s3.head_object, Bucket=name, Key="features/a.csv")[0] == "403"
    s3 = guarded.allowed("s3", read, allow("s3:ListBucket", f"arn:aws:s3:::{name}"))
    assert refused(s3.head_object, Bucket=name, Key="features/a.csv")[0] == "404"


def test_listing_is_known_by_its_prefix(guarded, bucket):
    only = {"StringLike": {"s3:prefix": "features/*"}}
    s3 = guarded.allowed("s3", allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", Condition=only))
    assert s3.list_objects_v2(Bucket=bucket, Prefix="features/")["KeyCount"] == 1
    assert refused(s3.list_objects_v2, Bucket=bucket, Prefix="raw/")[0] == "AccessDenied"
    assert refused(s3.list_objects_v2, Bucket=bucket)[0] == "AccessDenied"


def test_a_copy_takes_reading_and_writing_and_a_deletion_every_key(guarded, bucket):
    s3 = guarded.allowed(
        "s3", allow(["s3:PutObject", "s3:DeleteObject"], f"arn:aws:s3:::{bucket}/x/*")
    )
    source = {"Bucket": bucket, "Key": "raw/a.tsv"}
    _, message, _ = refused(s3.copy_object, Bucket=bucket, Key="x/a", CopySource=source)
    assert "s3:GetObject on resource" in message
    s3.put_object(Bucket=bucket, Key="x/a", Body=b"")
    both = {"Objects": [{"Key": "x/a"}, {"Key": "raw/a.tsv"}]}
    assert "raw/a.tsv" in refused(s3.delete_objects, Bucket=bucket, Delete=both)[1]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": both["Objects"][:1]})


def test_a_bucket_speaks_for_itself(guarded):
    own, name, role = guarded.client("s3"), new(), guarded.role()
    own.create_bucket(Bucket=name)
    own.put_object(Bucket=name, Key="k", Body=b"k")
    s3 = guarded.as_role("s3", role)
    assert refused(s3.get_object, Bucket=name, Key="k")[0] == "AccessDenied"
    objects = f"arn:aws:s3:::{name}/*"
    grant = allow("s3:GetObject", objects) | {"Principal": {"AWS": role}}
    own.put_bucket_policy(Bucket=name, Policy=document(grant))
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"k"
    elsewhere = {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}
    forbid = deny("s3:*", objects, Condition=elsewhere) | {"Principal": "*"}
    own.put_bucket_policy(Bucket=name, Policy=document(grant, forbid))
    _, message, _ = refused(s3.get_object, Bucket=name, Key="k")
    assert message.endswith("with an explicit deny in a resource-based policy")
    open_to_all = allow("s3:GetObject", objects) | {"Principal": "*"}
    own.put_bucket_policy(Bucket=name, Policy=document(open_to_all))
    anonymous = guarded.client("s3", signature_version=UNSIGNED)
    assert anonymous.get_object(Bucket=name, Key="k")["Body"].read() == b"k"
    assert refused(anonymous.delete_object, Bucket=name, Key="k")[0] == "AccessDenied"


def test_calls_from_a_vpc_go_through_its_endpoint(guarded, bucket):
    ec2, name = guarded.client("ec2"), new()
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    role = guarded.role(allow("s3:*"), allow("sagemaker:ListModels"))
    inside = guarded.as_role("s3", role, subnets=(subnet,))
    guarded.client("s3").create_bucket(Bucket=name)
    only = allow("s3:*", f"arn:aws:s3:::{name}/*") | {"Principal": "*"}
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", PolicyDocument=document(only)
    )["VpcEndpoint"]["VpcEndpointId"]
    forbid = deny("s3:PutObject", f"arn:aws:s3:::{name}/*",
                  Condition={"StringNotEquals": {"aws:SourceVpce": made}})  # fmt: skip
    guarded.client("s3").put_bucket_policy(
        Bucket=name, Policy=document(forbid | {"Principal": {"AWS": role}})
    )
    inside.put_object(Bucket=name, Key="k", Body=b"")
    outside = guarded.as_role("s3", role)
    assert "resource-based policy" in refused(outside.put_object, Bucket=name, Key="k")[1]
    _, message, _ = refused(inside.get_object, Bucket=bucket, Key="raw/a.tsv")
    assert message.endswith("because no VPC endpoint policy allows the s3:GetObject action")
    assert guarded.as_role("sagemaker", role, subnets=(subnet,)).list_models()


def test_objects_under_a_key_take_the_right_to_use_it(guarded):
    own, name = guarded.client("s3"), new()
    key = guarded.client("kms").create_key()["KeyMetadata"]["Arn"]
    own.create_bucket(Bucket=name)
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    }
    own.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={"Rules": [rule | {"BucketKeyEnabled": True}]},
    )
    may = allow("s3:*", [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"])
    s3 = guarded.allowed("s3", may)
    assert "kms:GenerateDataKey" in refused(s3.put_object, Bucket=name, Key="k", Body=b"")[1]
    own.put_object(Bucket=name, Key="k", Body=b"k")
    assert "kms:Decrypt" in refused(s3.get_object, Bucket=name, Key="k")[1]
    through = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com",
                                "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{name}"}}  # fmt: skip
    s3 = guarded.allowed(
        "s3", may, allow(["kms:Decrypt", "kms:GenerateDataKey"], key, Condition=through)
    )
    s3.put_object(Bucket=name, Key="k", Body=b"k")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"k"


def test_an_access_point_decides_for_those_who_come_through_it(guarded):
    own, control, name = guarded.client("s3"), guarded.client("s3control"), new()
    own.create_bucket(Bucket=name)
    own.put_object(Bucket=name, Key="team/k", Body=b"k")
    own.put_object(Bucket=name, Key="other/k", Body=b"k")
    point = new("door")
    control.create_access_point(AccountId=ACCOUNT, Name=point, Bucket=name)
    found = control.get_access_point(AccountId=ACCOUNT, Name=point)
    door, alias = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/{point}", found["Alias"]
    role = guarded.role()
    s3 = guarded.as_role("s3", role)
    assert door in refused(s3.get_object, Bucket=alias, Key="team/k")[1]
    grant = allow("s3:GetObject", f"{door}/object/team/*") | {"Principal": {"AWS": role}}
    control.put_access_point_policy(AccountId=ACCOUNT, Name=point, Policy=document(grant))
    assert s3.get_object(Bucket=alias, Key="team/k")["Body"].read() == b"k"
    assert refused(s3.get_object, Bucket=alias, Key="other/k")[0] == "AccessDenied"
    assert refused(s3.get_object, Bucket=name, Key="team/k")[0] == "AccessDenied"
    forbid = deny("s3:GetObject", f"arn:aws:s3:::{name}/*") | {"Principal": "*"}
    own.put_bucket_policy(Bucket=name, Policy=document(forbid))
    assert "explicit deny" in refused(s3.get_object, Bucket=alias, Key="team/k")[1]
