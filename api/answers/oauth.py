"""What OAuth libraries are told (RFC 8414, RFC 7517)."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class ServerMetadata(TypedDict):
    """RFC 8414: where and how tokens are given out."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    grant_types_supported: list[str]
    response_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    scopes_supported: list[str]
    access_token_signing_alg_values_supported: list[str]


class PublicKey(TypedDict):
    """RFC 7517: the public half of a signing key."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    alg: str
    use: str


class KeySet(TypedDict):
    """All keys that live tokens may be signed with."""

    keys: list[PublicKey]


class AccessToken(TypedDict):
    """RFC 6749 5.1: an access token, and how many seconds it is good for."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenRefused(TypedDict):
    """RFC 6749 5.2: why there is no token."""

    error: str
    error_description: NotRequired[str]
