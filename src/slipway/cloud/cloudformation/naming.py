"""The physical names that CloudFormation makes. Pure."""

import hashlib

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def physical(stack_name: str, logical_id: str, token: str, most: int = 63) -> str:
    """Return `STACK-LOGICALID-XXXXXXXXXXXX`, at most so long; the end depends on the token alone."""
    number = int.from_bytes(hashlib.sha256(f"{logical_id}/{token}".encode()).digest()[:8], "big")
    end = "".join(ALPHABET[number >> 5 * place & 31] for place in range(12))
    room = most - len(end) - 2
    second = logical_id[: max(room // 2, room - len(stack_name))]
    return f"{stack_name[: room - len(second)]}-{second}-{end}"
