"""Denials in AWS's words and in each protocol's form. Pure."""

from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element, SubElement, tostring

from slipway.cloud import faults
from slipway.cloud.authorization.asked import protocol
from slipway.cloud.faults import Fault
from slipway.cloud.iam.evaluate import EXPLICIT_DENY, Decision
from slipway.cloud.identity import Identity
from slipway.cloud.wire import Request, Response

POLICIES = {
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "resource": "resource-based policy",
    "endpoint": "VPC endpoint policy",
}
AN = ("identity",)  # those with "an" before them
INVALID = "The security token included in the request is invalid"
EXPIRED = "The security token included in the request is expired"


@dataclass(frozen=True)
class Denied(Exception):
    """A request that its policies do not allow."""

    who: Identity
    action: str
    resource: str
    decision: Decision

    def words(self, quoted: bool = False) -> str:
        """Return AWS's sentence; S3 puts the resource in quotation marks."""
        action = (
            self.action.replace("sns:", "SNS:") if self.action.startswith("sns:") else self.action
        )
        named = self.who.arn or self.who.service
        resource = f'"{self.resource}"' if quoted else self.resource
        on = "" if self.resource == "*" else f" on resource: {resource}"
        policy = POLICIES[self.decision.by]
        if self.decision.outcome == EXPLICIT_DENY:
            why = f"with an explicit deny in {'an' if self.decision.by in AN else 'a'} {policy}"
        else:
            why = f"because no {policy} allows the {action} action"
        return f"User: {named} is not authorized to perform: {action}{on} {why}"


def denied(denial: Denied, service: str, request: Request) -> Response:
    """Return a denial as its service answers it."""
    words = denial.words(quoted=service == "s3")
    if service == "ec2":
        text = f"You are not authorized to perform this operation. {words}"
        return answer(Fault(403, "UnauthorizedOperation", text), service, request)
    if service == "sns":
        return answer(Fault(403, "AuthorizationError", words), service, request)
    if service == "s3" or protocol(service) in ("query", "rest-xml", ""):
        return answer(Fault(403, "AccessDenied", words), service, request)
    status = 403 if protocol(service) == "rest-json" else 400
    return answer(Fault(status, "AccessDeniedException", words), service, request)


def unknown(service: str, request: Request, anonymous: bool) -> Response:
    """Return the refusal of a request whose access key nobody has, or that has none."""
    if service == "s3":
        text = "The AWS Access Key Id you provided does not exist in our records."
        fault = Fault(403, "InvalidAccessKeyId", text)
    elif service == "ec2":
        text = "AWS was not able to validate the provided access credentials"
        fault = Fault(401, "AuthFailure", text)
    elif by_query(service):
        fault = Fault(403, "InvalidClientTokenId", f"{INVALID}.")
        if anonymous:
            fault = Fault(
                403, "MissingAuthenticationToken", "Request is missing Authentication Token"
            )
    else:
        status = 403 if protocol(service) == "rest-json" else 400
        fault = Fault(status, "UnrecognizedClientException", f"{INVALID}.")
        if anonymous:
            fault = Fault(
                403, "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
    return answer(fault, service, request)


def expired(service: str, request: Request) -> Response:
    """Return the refusal of credentials that are past their time."""
    if service == "s3":
        fault = Fault(400, "ExpiredToken", "The provided token has expired.")
    elif service == "ec2":
        fault = Fault(400, "RequestExpired", "Request has expired.")
    elif by_query(service):
        fault = Fault(403, "ExpiredToken", EXPIRED)
    else:
        status = 403 if protocol(service) == "rest-json" else 400
        fault = Fault(status, "ExpiredTokenException", EXPIRED)
    return answer(fault, service, request)


def by_query(service: str) -> bool:
    """Tell whether a service answers in XML."""
    return protocol(service) in ("query", "ec2", "rest-xml", "")


def answer(fault: Fault, service: str, request: Request) -> Response:
    """Return a refusal in the request's protocol."""
    made = faults.response(fault, request, service)
    return replace(made, body=(ec2_form(fault),)) if protocol(service) == "ec2" else made


def ec2_form(fault: Fault) -> bytes:
    """Return an error document as EC2's clients read it."""
    root = Element("Response")
    error = SubElement(SubElement(root, "Errors"), "Error")
    SubElement(error, "Code").text = fault.code
    SubElement(error, "Message").text = fault.message
    return tostring(root)
