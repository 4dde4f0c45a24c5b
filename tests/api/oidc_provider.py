"""An identity provider for tests, in a process of its own: Authlib's server side over Starlette, signing with joserfc.

`python -m tests.api.oidc_provider PORT`. Whoever comes to /authorize is logged in at once as the person that POST
/person named last; POST /tamper spoils the identity tokens that follow, as a hostile or broken provider would.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CLIENT_ID = "feilian"
CLIENT_SECRET = "a secret of the tests"


class Client:
    """The one client: Feilian."""

    client_id = CLIENT_ID
    id_token_signed_response_alg = "ES256"

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str | None:
        return None

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri.endswith("/login/oidc/back")

    def check_client_secret(self, secret: str) -> bool:
        return secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in {"client_secret_basic", "client_secret_post"}

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code:
    """An authorization code that was given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    person: dict[str, Any]

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> str | None:
        return None

    def get_amr(self) -> list[str] | None:
        return None


@dataclass
class Provider:
    """What this provider knows."""

    issuer: str
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}))
    person: dict[str, Any] = field(default_factory=dict)
    tamper: str = ""
    codes: dict[str, Code] = field(default_factory=dict)


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server, its requests and answers being Starlette's."""

    provider: Provider

    def query_client(self, client_id: str) -> Client | None:
        return Client() if client_id == CLIENT_ID else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nobody asks with the access token."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: tuple[Request, dict[str, str]]) -> OAuth2Request:
        given, form = request
        made = OAuth2Request(given.method, str(given.url), headers=given.headers)
        made.payload = BasicOAuth2Payload({**given.query_params, **form})
        made.__class__ = Sent
        made.sent = form
        return made

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
        content = orjson.dumps(body) if isinstance(body, dict) else body or b""
        return Response(content, status, dict(headers))


class Sent(OAuth2Request):  # type: ignore[misc]
    """A request whose form was read."""

    sent: dict[str, str]

    @property
    def args(self) -> dict[str, str]:
        return dict(self.payload.data)

    @property
    def form(self) -> dict[str, str]:
        return self.sent


class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
    """Codes are kept in the provider that the server belongs to."""

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        provider, asked = self.server.provider, request.payload.data
        provider.codes[code] = Code(
            code,
            asked["redirect_uri"],
            asked["scope"],
            asked.get("nonce", ""),
            asked["code_challenge"],
            asked["code_challenge_method"],
            dict(provider.person),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found: Code | None = self.server.provider.codes.get(code)
        return found

    def delete_authorization_code(self, code: Code) -> None:
        self.server.provider.codes.pop(code.code, None)

    def authenticate_user(self, code: Code) -> dict[str, Any]:
        return code.person


class Identity(OpenIDCode):  # type: ignore[misc]
    """Identity tokens, spoiled where that is asked for."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        return False

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": [CLIENT_ID]}

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        return {"alg": "ES256", "kid": self.provider.key.kid}

    def resolve_client_private_key(self, client: Client) -> ECKey:
        return self.provider.key

    def generate_user_info(self, user: dict[str, Any], scope: str) -> dict[str, Any]:
        return user

    def process_token(self, grant: Any, response: Any) -> Any:
        token = super().process_token(grant, response)
        if self.provider.tamper:
            token["id_token"] = spoiled(self.provider, token["id_token"])
        return token


class Pages:
    """What the provider answers."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.server = Server()
        self.server.provider = provider
        self.server.register_token_generator("default", BearerTokenGenerator(lambda **_: "t" * 40))
        self.server.register_grant(Grant, [CodeChallenge(required=True), Identity(provider)])

    async def discovery(self, _request: Request) -> Response:
        at = self.provider.issuer
        return JSONResponse(
            {
                "issuer": at + ("/other" if self.provider.tamper == "issuer_of_discovery" else ""),
                "authorization_endpoint": f"{at}/authorize",
                "token_endpoint": f"{at}/token",
                "jwks_uri": f"{at}/jwks",
            }
        )

    async def jwks(self, _request: Request) -> Response:
        return JSONResponse(KeySet([self.provider.key]).as_dict(private=False))

    async def authorize(self, request: Request) -> Response:
        made, person = self.server.create_oauth2_request((request, {})), self.provider.person
        grant = self.server.get_consent_grant((request, {}), person)
        answer: Response = self.server.create_authorization_response(made, person, grant=grant)
        return answer

    async def token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        answer: Response = self.server.create_token_response((request, form))
        return answer

    async def person(self, request: Request) -> Response:
        self.provider.person = await request.json()
        return Response(status_code=204)

    async def tamper(self, request: Request) -> Response:
        self.provider.tamper = (await request.body()).decode()
        if self.provider.tamper == "new_key":
            self.provider.key, self.provider.tamper = ECKey.generate_key("P-256", {"kid": "two"}), ""
        return Response(status_code=204)


def make_app(provider: Provider) -> Starlette:
    """The provider over HTTP."""
    pages = Pages(provider)
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", pages.discovery),
            Route("/jwks", pages.jwks),
            Route("/authorize", pages.authorize),
            Route("/token", pages.token, methods=["POST"]),
            Route("/person", pages.person, methods=["POST"]),
            Route("/tamper", pages.tamper, methods=["POST"]),
        ]
    )


def spoiled(provider: Provider, token: str) -> str:
    """The same token with one thing wrong that a client has to notice."""
    claims = dict(jwt.decode(token, provider.key, algorithms=["ES256"]).claims)
    now, how = int(time.time()), provider.tamper
    changes: dict[str, dict[str, Any]] = {
        "nonce": {"nonce": "another"},
        "no_nonce": {"nonce": None},
        "audience": {"aud": "somebody"},
        "several_audiences": {"aud": [CLIENT_ID, "somebody"], "azp": "somebody"},
        "issuer": {"iss": "https://other.example"},
        "expired": {"exp": now - 600},
        "no_expiry": {"exp": None},
        "from_tomorrow": {"nbf": now + 86_400},
        "issued_tomorrow": {"iat": now + 86_400},
        "no_subject": {"sub": None},
        "subject_is_a_number": {"sub": 7},
        "access_token": {"at_hash": "x" * 22},
    }
    claims.update(changes.get(how, {}))
    claims = {name: value for name, value in claims.items() if value is not None}
    if how == "unsigned":
        return ".".join([_part({"alg": "none"}), _part(claims), ""])
    if how == "symmetric":
        public = orjson.dumps(provider.key.as_dict(private=False))
        header, key, algorithms = {"alg": "HS256"}, OctKey.import_key(public), ["HS256"]
        return jwt.encode(header, claims, key, algorithms)
    if how == "foreign_key":
        foreign = ECKey.generate_key("P-256", {"kid": "one"})
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, foreign, ["ES256"])
    if how == "no_token":
        return ""
    if how == "nonsense":
        return "a.b.c"
    return jwt.encode({"alg": "ES256", "kid": provider.key.kid}, claims, provider.key, ["ES256"])


def _part(value: dict[str, Any]) -> str:
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


if __name__ == "__main__":
    port = int(sys.argv[1])
    uvicorn.run(make_app(Provider(f"http://127.0.0.1:{port}")), port=port, log_level="warning")
