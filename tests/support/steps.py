"""Steps of definitions that tests write by hand."""

ROLE = "arn:aws:iam::123456789012:role/pipelines"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}


def processing(name, script, **arguments):
    """Return a Processing step that runs a line of Python in the scikit-learn image."""
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "ProcessingResources": {"ClusterConfig": CLUSTER},
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", "-c", script],
            },
            "RoleArn": ROLE,
            **arguments,
        },
    }
