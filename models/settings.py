"""What can be set from outside, by environment variables with the prefix FEILIAN_; read once by each command."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.networks import networks
from models.topics import SHARDS_DEFAULT

Positive = Annotated[int, Field(ge=1)]


class Settings(BaseSettings):
    """One setting each for database, broker and clock; the rest are bounds. Unknown variables are ignored.

    `database` is empty for SQLite (ledger.db and state.db in `data_dir`), or an address such as
    `postgresql://user@host/name`. `kafka` is empty for the embedded loop, or a list of bootstrap servers. `clock` and
    `shards` matter only to `feilian init`: afterwards the ledger's own meta row says what it is (D2, D10).
    """

    model_config = SettingsConfigDict(env_prefix="FEILIAN_", frozen=True)

    database: str = ""
    data_dir: Path = Path("data")
    kafka: str = ""
    clock: Literal["database", "driven"] = "database"
    shards: Positive = SHARDS_DEFAULT

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    # Where relay, worker and publisher show their metrics; 0 is nowhere. The API has them at /metrics.
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0

    # Argon2id for passwords (RFC 9106); a password is hashed anew at the next login after these changed.
    argon2_passes: Positive = 3
    argon2_kib: Annotated[int, Field(ge=8)] = 64 * 1024
    argon2_lanes: Positive = 4
    # A file of passwords that are refused, one a line, beside those that are refused by their form.
    passwords_refused: Path | None = None
    session_idle_minutes: Positive = 30
    session_hours_max: Positive = 12
    invite_hours: Positive = 72
    # Login at an identity provider; none where the issuer is empty. The secret may stand in a file.
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_client_secret_file: Path | None = None
    oidc_name: str = ""  # What the button says.
    # Where set, whoever the provider vouches for and nobody knows becomes a reader of this organisation.
    oidc_new_users_org: str = ""
    oidc_new_users_role: str = ""

    pool_size: Positive = 5
    pool_overflow: Annotated[int, Field(ge=0)] = 10
    connect_timeout_s: Positive = 3

    body_bytes_max: Positive = 1024 * 1024
    body_seconds_max: Positive = 30
    batch_facts_max: Positive = 1000
    group_facts_max: Positive = 2000
    waiting_facts_max: Positive = 20_000
    key_cache_ms: Annotated[int, Field(ge=0)] = 3000
    # What one key may send, and how much of it at once after it was silent.
    facts_per_second: Positive = 2_000
    facts_burst: Positive = 20_000
    requests_per_second: Positive = 500
    requests_burst: Positive = 2_000
    # Wrong secrets from one address, or for one key, before the next has to wait; the wait doubles up to its most.
    wrong_secrets_max: Positive = 10
    lock_seconds_max: Positive = 900
    # How long a question may take before it is answered 503.
    read_seconds_max: Positive = 30
    # Requests under way at once; what comes on top is answered 503.
    connections_max: Positive = 2_000
    # Addresses (CIDR, separated by blanks) of our own proxies: what they say in X-Forwarded-For is believed.
    trusted_proxies: str = ""
    page_rows_max: Positive = 500
    # Other spellings of the national system's field names, by ours: {"wfycdwdm": "ycdwdm"} (docs/interchange.md).
    national_names: dict[str, str] = {}
    stream_queue_max: Positive = 1000
    stream_clients_max: Positive = 1000
    stream_poll_ms: Positive = 100
    heartbeat_s: Positive = 15
    # Who read what is gathered so long, and of so many different things at most, before it is stated to the ledger.
    reads_flush_ms: Positive = 3000
    reads_waiting_max: Positive = 20_000

    # Webhooks. Names may lead to public addresses only, and to these networks (comma-separated, such as an intranet's
    # 10.20.0.0/16); http is for a loopback listed here, in development and sandboxes.
    hook_networks: str = ""
    hook_ports: str = "443,8443"
    # Authorities beside the system's that may sign a receiver's certificate (PEM).
    hook_ca_file: Path | None = None
    hooks_max: Positive = 20  # Of one organisation.
    hook_connect_s: Positive = 5
    hook_answer_s: Positive = 15
    hook_backoff_ms: Positive = 5_000  # After the first failure; each further one waits three times as long.
    hook_backoff_s_max: Positive = 4 * 3600
    # After so many failures of one message it is put aside, if the endpoint then takes a ping.
    hook_attempts_max: Positive = 8
    hook_disable_hours: Positive = 120  # Of failing without a break.
    hook_secret_overlap_s: Positive = 24 * 3600  # How long a secret that was replaced still signs.
    notify_concurrency: Positive = 64  # Posts under way at a time.
    notify_poll_ms: Positive = 250

    # E-mail; without a host none is sent. The password is in a file, so that no listing of variables shows it.
    smtp_host: str = ""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    smtp_from: str = ""
    smtp_timeout_s: Positive = 20
    mail_subscriptions_max: Positive = 100  # Of one organisation.
    mail_confirm_hours: Positive = 72
    # Where people and programs find us, for links in mails and as issuer of tokens, such as https://feilian.example;
    # empty: the address that was asked, and tokens are issued by the name of the ledger.
    public_url: str = ""

    # Feeds by long poll.
    poll_clients_max: Positive = 500
    poll_wait_s_max: Positive = 60
    # How many rows of a feed are looked through for one answer; where they do not suffice `next` has moved all the same.
    poll_scan_max: Positive = 50_000

    # An uploaded workbook or CSV: its size as sent, and as its packed parts would unfold; rows of all its sheets.
    upload_bytes_max: Positive = 64 * 1024 * 1024
    upload_unpacked_bytes_max: Positive = 768 * 1024 * 1024
    upload_rows_max: Positive = 200_000
    # How long sending one may take; how many of an organisation may wait; how many are read at once by a process.
    upload_seconds_max: Positive = 900
    uploads_waiting_max: Positive = 10
    uploads_at_once: Positive = 1
    # Files and results are thrown away after so many days; what they stated stays in the ledger.
    upload_days_kept: Positive = 30

    @field_validator("database")
    @classmethod
    def _with_driver(cls, address: str) -> str:
        """PostgreSQL is always reached by psycopg 3, whichever of the usual spellings is given."""
        for scheme in ("postgres://", "postgresql://"):
            if address.startswith(scheme):
                return "postgresql+psycopg://" + address.removeprefix(scheme)
        if address and not address.startswith("postgresql+psycopg://"):
            raise ValueError(f'database "{address.partition(":")[0]}" is neither empty nor postgresql')
        return address

    @field_validator("trusted_proxies")
    @classmethod
    def _ranges(cls, ranges: str) -> str:
        """Refused when read, and not when the first request comes."""
        networks(ranges.split())
        return ranges

    @property
    def on_postgres(self) -> bool:
        """Whether ledger and state live in one PostgreSQL database."""
        return bool(self.database)
