"""OAuth 2 client credentials (RFC 6749 4.4): a key's id and secret for an access token of 15 minutes at most.

The grant is Authlib's; what it asks of us is who a client is, and what a token is made of (streams.access_tokens).
Refusals are OAuth's own (RFC 6749 5.2), since OAuth libraries read them; too many wrong secrets are a problem like
everywhere.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, unquote_plus

import orjson
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidScopeError, OAuth2Error
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from api.acting import HEADER
from api.address import address_of
from api.answers.oauth import AccessToken, KeySet, ServerMetadata, TokenRefused
from api.auth import check_throttle
from api.described import DescribedRoute
from api.door import bounded_body
from api.parts import Parts, parts_of
from models.access import Scope
from models.facts.base import Role
from streams.access_tokens import ALGORITHM
from streams.delegations import acting_for
from streams.key_ring import KeyRefused
from streams.keys import PREFIX, Holder

router = APIRouter(route_class=DescribedRoute)
FORM: Final = "application/x-www-form-urlencoded"
TOKEN_PATH: Final = "/v1/oauth/token"
_BODY_BYTES_MAX: Final = 8 * 1024
_FIELDS_MAX: Final = 20
_GRANT: Final = "client_credentials"
_URN: Final = "urn:feilian:org:"
_TARGET: Final = re.compile(r"([0-9A-HJ-NPQRTUWXY]{18})(?:\s*;\s*role=([a-z]+))?").fullmatch
_KEY_ID: Final = re.compile(r"[0-9a-f]{12}").fullmatch
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]
    """RFC 8707: the organisation that is to be acted for is none, or has not delegated that."""

    error = "invalid_target"


class _Client(ClientMixin):  # type: ignore[misc]
    """A key as an OAuth client. Every id is one at first, so that nothing tells ids that exist from others."""

    def __init__(self, parts: Parts, address: str, client_id: str) -> None:
        self._parts, self._address, self.client_id = parts, address, client_id
        self.holder: Holder | None = None

    def check_client_secret(self, secret: str) -> bool:
        """Whether it is the key's, and the key is good now and from here."""
        try:
            self.holder = self._parts.keys.recognise(f"{PREFIX}_{self.client_id}_{secret}", self._address)
        except KeyRefused:
            return False
        return self.holder is not None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """By Basic or in the form."""
        return endpoint == "token" and method in ("client_secret_basic", "client_secret_post")

    def check_grant_type(self, grant_type: str) -> bool:
        """Only this one."""
        return grant_type == _GRANT


class _Grant(ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, form: dict[str, str], headers: Mapping[str, str]) -> None:
        # TLS ends at the proxy, and Authlib refuses plain HTTP by the address alone.
        super().__init__("POST", f"https://localhost{TOKEN_PATH}", headers=headers)
        self._form = form
        self.payload = BasicOAuth2Payload(form)

    @property
    def form(self) -> dict[str, str]:
        return self._form


class _Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server over our keys, for one request."""

    def __init__(self, parts: Parts, address: str, target: str | None) -> None:
        super().__init__()
        self._parts, self._address, self._target = parts, address, target
        self.client: _Client | None = None
        self.register_grant(_Grant)
        self.register_token_generator("default", self._token)

    def query_client(self, client_id: str) -> _Client:
        self.client = _Client(self._parts, self._address, client_id)
        return self.client

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        return Response(orjson.dumps(body), status, dict(headers), "application/json")

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def save_token(self, token: Any, request: Any) -> None:
        """Tokens are not kept: they are recognised by their signature."""

    def _token(self, *, client: _Client, scope: str | None, **_others: Any) -> dict[str, Any]:
        holder = client.holder
        assert holder is not None  # The grant has checked the secret.
        speaker = self._speaker(holder)
        scopes = _narrowed(speaker, scope)
        token, seconds = self._parts.access_tokens().give(
            speaker, scopes, speaker.org if speaker is not holder else None
        )
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": seconds,
            "scope": " ".join(sorted(scopes)),
        }

    def _speaker(self, holder: Holder) -> Holder:
        if self._target is None:
            return holder
        found = _TARGET(self._target.removeprefix(_URN).strip())
        if found is None or (found[2] is not None and found[2] not in _ROLES):
            raise InvalidTargetError("resource must be a credit code, or urn:feilian:org: and a credit code")
        org, role = found[1], Role(found[2]) if found[2] else None
        if org == holder.org and role in (None, holder.role):
            return holder
        try:
            return acting_for(holder, org, role, self._parts.delegations.look_up(holder.org, org))
        except KeyRefused as error:
            raise InvalidTargetError(str(error).replace('"', "'")) from None


def _narrowed(holder: Holder, scope: str | None) -> frozenset[Scope]:
    """The scopes asked for, all that there are where none are; invalid_scope for one that the key has not."""
    if not scope:
        return holder.scopes
    wanted = set(scope.split())
    if not wanted <= holder.scopes:
        raise InvalidScopeError
    return frozenset(Scope(word) for word in wanted)


class TokenRequest(BaseModel):
    """RFC 6749 4.4.2, with the target of RFC 8707; a client may authenticate by Basic instead of by its two fields."""

    grant_type: Literal["client_credentials"]
    client_id: str | None = None
    client_secret: str | None = None
    scope: str | None = None
    resource: str | None = None


@router.post(
    TOKEN_PATH,
    response_model=AccessToken,
    responses={400: {"model": TokenRefused}, 401: {"model": TokenRefused}},
    # The body is read by its own bounds, so that its description has to be given.
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {FORM: {"schema": TokenRequest.model_json_schema()}},
        }
    },
)
async def token(request: Request) -> Response:
    """An access token for a key (`client_id` its id, `client_secret` its secret, by Basic or in the form).

    `scope` narrows it; `resource` (or the header Feilian-For) names the organisation that it is to act for.
    """
    parts, address = parts_of(request), address_of(request)
    try:
        form = _form(request, await bounded_body(request, _BODY_BYTES_MAX, parts.settings.body_seconds_max))
    except ValueError as error:
        return _refused("invalid_request", str(error))
    client_id = _client_id(request, form)
    check_throttle(parts.throttle, address, client_id)
    if form.get("grant_type") is None:
        return _refused("invalid_request", "grant_type is missing")
    server = _Server(parts, address, form.get("resource") or request.headers.get(HEADER))
    response: Response = await asyncio.to_thread(
        server.create_token_response, _Request(form, _titled(request.headers))
    )
    if server.client is not None:
        counted = parts.throttle.right if server.client.holder is not None else parts.throttle.wrong
        counted(address, client_id)
    response.headers.update(_NO_STORE)
    return response


def _form(request: Request, body: bytes) -> dict[str, str]:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != FORM:
        raise ValueError(f"content-type must be {FORM}")
    pairs = parse_qsl(
        body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=_FIELDS_MAX
    )
    form = dict(pairs)
    if len(form) != len(pairs):
        raise ValueError("a parameter is given twice")  # RFC 6749 3.2
    return form


def _client_id(request: Request, form: Mapping[str, str]) -> str:
    """Whose secret is tried: what is no key's id shares one name, or strangers would fill the throttle with inventions."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    found = form.get("client_id", "")
    if scheme.lower() == "basic":
        try:
            found = unquote_plus(base64.b64decode(encoded, validate=True).decode().partition(":")[0])
        except (binascii.Error, UnicodeDecodeError):
            found = ""
    return found if _KEY_ID(found) else ""


def _titled(headers: Mapping[str, str]) -> dict[str, str]:
    """Authlib asks for `Authorization`."""
    return {"Authorization": headers["authorization"]} if "authorization" in headers else {}


def _refused(error: str, description: str) -> Response:
    body = {"error": error, "error_description": description.replace('"', "'")[:200]}
    return Response(orjson.dumps(body), 400, _NO_STORE, "application/json")


# What libraries ask first


@router.get("/.well-known/oauth-authorization-server", response_model=ServerMetadata)
def metadata(request: Request) -> dict[str, Any]:
    """Where tokens are given out and how (RFC 8414)."""
    parts = parts_of(request)
    base = parts.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return {
        "issuer": parts.access_tokens().issuer,
        "token_endpoint": base + TOKEN_PATH,
        "jwks_uri": base + "/.well-known/jwks.json",
        "grant_types_supported": [_GRANT],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": [scope.value for scope in Scope],
        "access_token_signing_alg_values_supported": [ALGORITHM],
    }


@router.get("/.well-known/jwks.json", response_model=KeySet)
def jwks(request: Request, response: Response) -> Response:
    """The public keys by which anyone can check our access tokens (RFC 7517)."""
    body = orjson.dumps(parts_of(request).access_tokens().public_keys())
    return Response(body, 200, {"Cache-Control": "public, max-age=300"}, "application/json")


_ROLES: Final = frozenset(role.value for role in Role)
