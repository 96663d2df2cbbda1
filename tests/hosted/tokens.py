"""Access tokens as a hosted project signs them: ES256, verified with the key that its JWKS tells."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

LEEWAY = 30
"""Seconds that PostgREST lets clocks differ."""


class TokenRefused(Exception):
    """`expired` or not to be trusted at all; the text is the reason as PostgREST words it."""

    def __init__(self, reason: str, *, expired: bool = False) -> None:
        super().__init__(reason)
        self.expired = expired


class Signer:
    """A project's signing key. Times inside tokens are the server's: `skew` seconds ahead of this machine's."""

    def __init__(self) -> None:
        self.kid = str(uuid4())
        self._key = ec.generate_private_key(ec.SECP256R1())

    def jwks(self) -> dict[str, Any]:
        """The public half."""
        jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [jwk | {"kid": self.kid, "alg": "ES256", "use": "sig", "key_ops": ["verify"]}]}

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self.kid})

    def verify(self, token: str, *, skew: float = 0.0, leeway: float = 0.0) -> dict[str, Any]:
        """The claims. Raises TokenRefused."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["ES256"],
                audience="authenticated",
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
        except jwt.InvalidSignatureError:
            raise TokenRefused("No suitable key or wrong key type") from None
        except jwt.PyJWTError:
            raise TokenRefused("JWT cryptographic operation failed") from None
        if claims["exp"] + leeway <= time.time() + skew:
            raise TokenRefused("JWT expired", expired=True)
        return claims
