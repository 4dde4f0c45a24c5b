"""Every metric of Feilian, with what it counts; processes raise them, GET /metrics shows those of its own process."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_REQUEST_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_BATCH_FACTS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)

# The door.
HTTP_REQUESTS: Final = Counter(
    "feilian_http_requests_total", "Requests answered.", ["route", "method", "code"]
)
HTTP_SECONDS: Final = Histogram(
    "feilian_http_request_duration_seconds",
    "Time to the end of an answer.",
    ["route"],
    buckets=_REQUEST_SECONDS,
)
FACTS_ACCEPTED: Final = Counter("feilian_facts_accepted_total", "New facts committed.", ["kind"])
FACTS_KNOWN: Final = Counter("feilian_facts_known_total", "Facts sent again and recognised.")
FACTS_REFUSED: Final = Counter(
    "feilian_facts_refused_total", "Requests refused, by their first problem.", ["code"]
)
ACCEPT_GROUP_FACTS: Final = Histogram(
    "feilian_accept_group_facts", "New facts that shared one transaction.", buckets=_BATCH_FACTS
)
ACCEPT_GROUP_SECONDS: Final = Histogram(
    "feilian_accept_group_duration_seconds", "Time of one accepting transaction.", buckets=_REQUEST_SECONDS
)
ACCEPT_WAITING_FACTS: Final = Gauge("feilian_accept_waiting_facts", "Facts waiting for the accepting thread.")
LEDGER_SEQ: Final = Gauge("feilian_ledger_seq", "The last seq that this process has seen.")

# People.
CREDENTIAL_EVENTS: Final = Counter(
    "feilian_credential_events_total",
    "What was done with credentials: logins, failures, locks, invitations, keys, delegations.",
    ["act", "outcome"],
)
PASSWORD_SECONDS: Final = Histogram(
    "feilian_password_check_duration_seconds",
    "Time to check one password, waiting for its turn included.",
    buckets=_REQUEST_SECONDS,
)

# Ticks, relay, judge, publisher.
TICKS: Final = Counter("feilian_ticks_total", "Ticks given by this process.")
TICK_TIME: Final = Gauge(
    "feilian_tick_time_seconds", "Ledger time of the last tick, in seconds since the epoch."
)
RELAY_SEQ: Final = Gauge("feilian_relay_seq", "The last seq that the relay has sent.")
RELAY_MESSAGES: Final = Counter("feilian_relay_messages_total", "Messages sent to the broker.", ["topic"])
RELAY_ERRORS: Final = Counter("feilian_relay_errors_total", "Sends that failed and were tried again.")
JUDGED_FACTS: Final = Counter(
    "feilian_judged_facts_total", "Facts judged, once for each concern.", ["concern"]
)
JUDGE_BATCH_SECONDS: Final = Histogram(
    "feilian_judge_batch_duration_seconds",
    "Time of one judging transaction.",
    ["concern"],
    buckets=_REQUEST_SECONDS,
)
JUDGE_DUPLICATES: Final = Counter(
    "feilian_judge_duplicates_total", "Deliveries skipped as already judged.", ["concern"]
)
JUDGE_GAPS: Final = Counter("feilian_judge_gaps_total", "Gaps healed from the ledger.", ["concern"])
JUDGE_REFOLDS: Final = Counter(
    "feilian_judge_refolds_total", "Keys folded again from their facts.", ["concern"]
)
JUDGE_LAW_KEYS: Final = Counter(
    "feilian_judge_law_keys_total",
    "Keys that stood under an older edition of the law when a new one came, by what it did to them.",
    ["concern", "touch"],
)
JUDGE_APPLIED_SEQ: Final = Gauge("feilian_judge_applied_seq", "The last seq judged.", ["concern", "shard"])
JUDGE_FENCED: Final = Counter(
    "feilian_judge_fenced_total", "Batches given up to another worker.", ["concern"]
)
PARKED_KEYS: Final = Gauge("feilian_parked_keys", "Keys whose rule crashed and that wait for a retry.")
ALERT_CHANGES: Final = Counter("feilian_alert_changes_total", "Changes of alerts.", ["kind", "change"])
CHANGE_NO: Final = Gauge("feilian_change_no", "The last change number published.")

# Readers.
STREAM_CLIENTS: Final = Gauge("feilian_stream_clients", "Open alert streams (SSE).")
STREAM_SENT: Final = Counter("feilian_stream_events_total", "Events written to alert streams.")
STREAM_LAGGED: Final = Counter(
    "feilian_stream_lagged_total", "Times a slow stream was sent back to the database."
)
POLL_CLIENTS: Final = Gauge("feilian_poll_clients", "Requests that wait in a long-poll feed.", ["feed"])

# Notify.
READS_NOTED: Final = Counter(
    "feilian_reads_noted_total", "Reads of others' records, by what was read.", ["what"]
)
READS_LOST: Final = Counter("feilian_reads_lost_total", "Reads that could not be kept for the access log.")
WEBHOOKS: Final = Counter("feilian_webhooks_total", "Webhook posts by outcome.", ["outcome"])
WEBHOOK_SECONDS: Final = Histogram(
    "feilian_webhook_duration_seconds", "Time of one webhook post.", buckets=_REQUEST_SECONDS
)
HOOKS: Final = Gauge("feilian_hooks", "Webhook endpoints.", ["state"])
HOOKS_FAILING: Final = Gauge("feilian_hooks_failing", "Active endpoints whose last post failed.")
HOOK_LAG: Final = Gauge(
    "feilian_hook_lag", "How far the active endpoint that is furthest behind is from the end.", ["stream"]
)
HOOK_DEAD_LETTERS: Final = Gauge("feilian_hook_dead_letters", "Messages put aside and not delivered since.")
MAILS: Final = Counter("feilian_mails_total", "Mails by outcome.", ["outcome"])
NOTIFY_GAPS: Final = Counter(
    "feilian_notify_gaps_total", "Times waste.alerts left something out that was then read from SQL."
)
