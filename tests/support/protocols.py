"""Clients of CloudWatch in each of the protocols that it speaks, as SDKs of different ages are."""

from botocore.serialize import create_serializer

PROTOCOLS = ("json", "smithy-rpc-v2-cbor", "query")


def speaking(client, protocol):
    """Return a client as an SDK makes it that prefers this protocol."""
    model = client.meta.service_model
    model.__dict__["resolved_protocol"] = protocol
    client._serializer = create_serializer(protocol)
    if protocol == "query":  # the model of now has dropped what the older one said
        model.metadata.pop("awsQueryCompatible", None)
        for name in model.operation_names:
            if shape := model.operation_model(name).output_shape:
                shape.serialization["resultWrapper"] = f"{name}Result"
    return client
