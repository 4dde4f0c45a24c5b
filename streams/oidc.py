"""Login at an identity provider (OpenID Connect): authorization code with PKCE, state and nonce. Used by api/pages/oidc.

Who somebody is, is told by the provider's signed token alone; what they may do is decided here, by the user it is
mapped to. Blocks; the provider is asked with short time-outs, and never while a database is held.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from models.errors import FeilianError
from models.settings import Settings
from streams.clock import local_now

with warnings.catch_warnings():
    # It would rather have httpx2, which we do not, and says so at every start.
    warnings.simplefilter("ignore")
    from authlib.integrations.httpx_client import OAuth2Client

SCOPE: Final = "openid email profile"
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]
_FRESH_SECONDS: Final = 600.0
_TIMEOUT_SECONDS: Final = 5.0
_ANSWER_BYTES_MAX: Final = 256 * 1024
_LEEWAY_S: Final = 60
_SECOND_US: Final = 1_000_000
# What a provider says (RFC 8176) when more than a password was asked for.
_STRONG: Final = frozenset({"mfa", "otp", "hwk", "sc", "swk", "fido"})


class OidcRefused(FeilianError):
    """The provider cannot be reached, or what it says does not hold."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What the provider vouches for. `subject` is unique with its issuer; `email` is empty unless it is verified."""

    subject: str
    email: str
    name: str
    is_strong: bool


@dataclass(frozen=True, slots=True)
class Start:
    """What has to be remembered from the way out for the way back."""

    nonce: str
    verifier: str
    redirect_uri: str


class Provider:
    """One identity provider by its issuer; its addresses and keys are looked up and kept for ten minutes."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        _check_address(self.issuer, "issuer")
        self._client_id = settings.oidc_client_id
        self._secret = _secret(settings)
        self._lock = threading.Lock()
        self._found: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._fresh_until = 0.0

    def way_out(self, state: str, start: Start) -> str:
        """The address at the provider to which the browser is sent."""
        with self._client(start.redirect_uri) as client:
            address, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=state,
                nonce=start.nonce,
                code_challenge=create_s256_code_challenge(start.verifier),
                code_challenge_method="S256",
            )
        return str(address)

    def way_back(self, code: str, issuer: str | None, start: Start) -> Claims:
        """Who it is: the code is exchanged, and the token's signature and claims are checked; OidcRefused else."""
        if issuer is not None and issuer != self.issuer:
            raise OidcRefused("the answer is of another issuer")  # RFC 9207: mixed up.
        token = self._exchange(code, start)
        return self._claims(token, start.nonce)

    def _exchange(self, code: str, start: Start) -> dict[str, Any]:
        try:
            with self._client(start.redirect_uri) as client:
                token = client.fetch_token(
                    self._endpoint("token_endpoint"), code=code, code_verifier=start.verifier
                )
        except (OAuthError, httpx.HTTPError, ValueError) as error:
            raise OidcRefused(f'the provider gave no token: "{type(error).__name__}"') from None
        if not isinstance(token, dict) or not isinstance(token.get("id_token"), str):
            raise OidcRefused("the provider gave no identity token")
        return token

    def _claims(self, token: Mapping[str, Any], nonce: str) -> Claims:
        try:
            decoded = self._decoded(token["id_token"])
            options = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client_id},
            }
            params = {"nonce": nonce, "client_id": self._client_id, "access_token": token.get("access_token")}
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(now=local_now() // _SECOND_US, leeway=_LEEWAY_S)
            return _vouched(self.issuer, decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise OidcRefused(f'the identity token does not hold: "{type(error).__name__}"') from None

    def _decoded(self, token: str) -> jwt.Token:
        """The token, its signature checked; with a key that we do not know the keys are looked up once more."""
        self._look_up(anew=False)
        try:
            return jwt.decode(token, self._key_set(), algorithms=_ALGORITHMS)
        except (ValueError, InvalidKeyIdError):
            self._look_up(anew=True)
            return jwt.decode(token, self._key_set(), algorithms=_ALGORITHMS)

    def _key_set(self) -> KeySet:
        if self._keys is None:
            raise OidcRefused("the provider has no keys")
        return self._keys

    def _endpoint(self, name: str) -> str:
        self._look_up(anew=False)
        address = self._found.get(name)
        if not isinstance(address, str):
            raise OidcRefused(f'the provider tells no "{name}"')
        _check_address(address, name)
        return address

    def _look_up(self, *, anew: bool) -> None:
        with self._lock:
            if monotonic() < self._fresh_until and not anew:
                return
            found = _asked(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                raise OidcRefused("the provider says that it is another")
            address = str(found.get("jwks_uri", ""))
            _check_address(address, "jwks_uri")
            try:
                self._keys = KeySet.import_key_set(_asked(address))  # type: ignore[arg-type]
            except (JoseError, ValueError, TypeError, KeyError):
                raise OidcRefused("the provider's keys cannot be read") from None
            self._found, self._fresh_until = found, monotonic() + _FRESH_SECONDS

    def _client(self, redirect_uri: str) -> OAuth2Client:
        return OAuth2Client(
            self._client_id,
            self._secret,
            redirect_uri=redirect_uri,
            scope=SCOPE,
            timeout=_TIMEOUT_SECONDS,
            follow_redirects=False,
        )


def _vouched(issuer: str, claims: Mapping[str, Any]) -> Claims:
    subject, email = claims["sub"], claims.get("email")
    if not (isinstance(subject, str) and 0 < len(subject) <= 255):
        raise ValueError("no subject")
    name = claims.get("name")
    methods = claims.get("amr")
    is_verified = claims.get("email_verified") is True and isinstance(email, str)
    return Claims(
        subject=f"{issuer} {subject}",
        email=str(email) if is_verified else "",
        name=name if isinstance(name, str) else "",
        is_strong=isinstance(methods, list) and not _STRONG.isdisjoint(map(str, methods)),
    )


def _asked(address: str) -> dict[str, Any]:
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS) as client, client.stream("GET", address) as answer:
            answer.raise_for_status()
            body = b""
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _ANSWER_BYTES_MAX:
                    raise OidcRefused("the provider's answer is too long")
        found = httpx.Response(200, content=body).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise OidcRefused(f'the provider cannot be reached: "{type(error).__name__}"') from None
    if not isinstance(found, dict):
        raise OidcRefused("the provider's answer is no object")
    return found


def _check_address(address: str, what: str) -> None:
    """Only https, or http to this machine itself for trying things out."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
        raise OidcRefused(f'the provider\'s {what} is not https: "{address[:100]}"')


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _secret(settings: Settings) -> str:
    if settings.oidc_client_secret_file is not None:
        return settings.oidc_client_secret_file.read_text(encoding="utf-8").strip()
    return settings.oidc_client_secret.get_secret_value()
