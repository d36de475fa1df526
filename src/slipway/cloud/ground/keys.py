"""Private keys that a replayed request makes: the same ones again, from the journal."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from slipway.cloud.ground.outside import current
from slipway.cloud.ground.variant import variant


def variants() -> list[ModuleType]:
    """Return cryptography's modules `rsa` and `ec`, which then record the keys that they generate."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    return [
        variant(module, generate_private_key=recorded(module.generate_private_key))
        for module in (rsa, ec)
    ]


def recorded(generate: Callable[..., Any]) -> Callable[..., Any]:
    """Return `generate` as a function whose result the journal keeps."""
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    def generate_private_key(*args: Any, **kwargs: Any) -> Any:
        def make() -> bytes:
            key = generate(*args, **kwargs)
            made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            return made

        pem = current().take("private key", make)
        return load_pem_private_key(pem or make(), password=None)

    return generate_private_key
