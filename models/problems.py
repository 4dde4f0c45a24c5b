"""What can be wrong with a request: a closed set of codes, each with a JSON path and a message. Used by every door."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from models.access_meanings import ACCESS_TEXTS
from models.hook_texts import HOOK_TEXTS
from models.language import Both, Lang
from models.malformed import JsonCode
from models.office_meanings import OFFICE_TEXTS
from models.problem_texts import FACT_TEXTS
from models.problem_texts_request import REQUEST_TEXTS

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}").fullmatch
_KEY_CHARS_MAX: Final = 40


class Code(StrEnum):
    """Why something is refused; senders may rely on these. The first eight are models.malformed.JsonCode."""

    BAD_UTF8 = "bad_utf8"
    BAD_JSON = "bad_json"
    DUPLICATE_KEY = "duplicate_key"
    FLOAT = "float"
    NUL = "nul"
    SURROGATE = "surrogate"
    TOO_DEEP = "too_deep"
    NUMBER_TOO_LARGE = "number_too_large"

    # About the request as a whole.
    UNAUTHENTICATED = "unauthenticated"
    KEY_EXPIRED = "key_expired"
    ADDRESS_NOT_ALLOWED = "address_not_allowed"
    TOO_MANY_WRONG_SECRETS = "too_many_wrong_secrets"
    TOO_MANY_REQUESTS = "too_many_requests"
    TOO_SLOW = "too_slow"
    FORBIDDEN = "forbidden"
    SCOPE_NOT_OF_ROLE = "scope_not_of_role"
    TOO_MANY_LIVE_KEYS = "too_many_live_keys"
    KEY_OVER = "key_over"
    NOT_DELEGATED = "not_delegated"
    DELEGATION_OVER = "delegation_over"
    FOREIGN_FORM = "foreign_form"
    STALE_FORM = "stale_form"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNKNOWN_PARAMETER = "unknown_parameter"
    REPEATED_PARAMETER = "repeated_parameter"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    NOT_JSON = "not_json"
    NOT_ACCEPTABLE = "not_acceptable"
    EMPTY_BATCH = "empty_batch"
    TOO_MANY_FACTS = "too_many_facts"
    TOO_MANY_TO_FOLD = "too_many_to_fold"
    OTHER_FORM = "other_form"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"

    # About webhooks, e-mail and feeds.
    HOOK_URL_REFUSED = "hook_url_refused"  # Not https, or its name leads where we do not post to.
    TOO_MANY_HOOKS = "too_many_hooks"
    TOO_MANY_SUBSCRIPTIONS = "too_many_subscriptions"
    MAIL_ADDRESS_REFUSED = "mail_address_refused"
    MAIL_NOT_SENT = "mail_not_sent"

    # About one fact, by its body alone.
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_FIELD = "unknown_field"
    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    BAD_FORMAT = "bad_format"
    NOT_ONE_OF = "not_one_of"
    OUT_OF_RANGE = "out_of_range"
    WRONG_LENGTH = "wrong_length"
    BAD_INSTANT = "bad_instant"
    BAD_DATE = "bad_date"
    BAD_MASS = "bad_mass"
    BAD_MONEY = "bad_money"
    NO_AMOUNT = "no_amount"
    DUPLICATE_LINE = "duplicate_line"
    CONTRADICTION = "contradiction"
    INVALID = "invalid"
    IN_THE_FUTURE = "in_the_future"
    ROLE_MAY_NOT_STATE = "role_may_not_state"
    NOT_YOUR_SIDE = "not_your_side"
    NOT_YOUR_SITE = "not_your_site"
    REGULATOR_MAY_NOT_STATE = "regulator_may_not_state"
    OUTSIDE_REGION = "outside_region"
    NOT_MEDICAL = "not_medical"

    # Decided under the ledger's lock.
    EVENT_ID_REUSED = "event_id_reused"
    UNKNOWN_FACT = "unknown_fact"
    CORRECT_THE_ORIGINAL = "correct_the_original"
    REPLACEMENT_DIFFERS = "replacement_differs"
    NEEDS_APPROVAL = "needs_approval"
    NO_APPROVAL_NEEDED = "no_approval_needed"
    NOTHING_TO_CHANGE = "nothing_to_change"
    MAY_NOT_REQUEST = "may_not_request"
    MAY_NOT_DECIDE = "may_not_decide"
    UNKNOWN_REQUEST = "unknown_request"
    REQUEST_WITHOUT_BODY = "request_without_body"
    REQUEST_STALE = "request_stale"
    REQUEST_DECIDED = "request_decided"

    # About an uploaded file, one of its sheets, or a row.
    NOT_A_TABLE = "not_a_table"
    UNSAFE_FILE = "unsafe_file"
    EMPTY_FILE = "empty_file"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_UPLOADS = "too_many_uploads"
    UPLOAD_NOT_READY = "upload_not_ready"
    UPLOAD_ENDED = "upload_ended"
    UNKNOWN_SHEET = "unknown_sheet"
    UNKNOWN_COLUMN = "unknown_column"
    DUPLICATE_COLUMN = "duplicate_column"
    MISSING_COLUMN = "missing_column"
    NO_UNIT = "no_unit"
    FORMULA = "formula"
    MANGLED_NUMBER = "mangled_number"
    DUPLICATE_ROW = "duplicate_row"
    SPLIT_DOCUMENT = "split_document"


class Warned(StrEnum):
    """What is doubtful and accepted all the same; by the body, and by when it was recorded, so that a retry warns alike."""

    WASTE_CODE_UNLISTED = "waste_code.unlisted"
    WASTE_CODE_CATEGORY_NOT_IN_USE = "waste_code.category_not_in_use"
    TREATMENT_UNKNOWN = "treatment.unknown"
    CREDIT_CODE_CHECK_DIGIT = "credit_code.check_digit"
    REGION_UNKNOWN = "region.unknown"
    EXEMPTION_UNKNOWN = "exemption.unknown"
    EXEMPTION_NOT_IN_FORCE = "exemption.not_in_force"
    EVENT_ID_NOT_V7 = "event_id.not_v7"
    TIME_ASSUMED = "time.assumed"  # A row of an upload gave a day only; 00:00 Beijing time was taken.
    SITE_UNREGISTERED = "site.unregistered"  # By the register too: a retry after registration is not warned.
    MASS_OVER_ONE_VEHICLE = "mass.over_one_vehicle"
    MASS_SMALL_FOR_WEIGHBRIDGE = "mass.small_for_weighbridge"
    PIECES_WITHOUT_MASS = "pieces.without_mass"
    PLATE_UNKNOWN_FORM = "plate.unknown_form"
    MANIFEST_NO_YEAR = "manifest_no.year"
    MANIFEST_NO_PROVINCE = "manifest_no.province"
    INVOICE_NO_FORM = "invoice_no.form"
    FACT_LATE = "fact.late"


TEXTS: Final = {**FACT_TEXTS, **REQUEST_TEXTS, **OFFICE_TEXTS, **HOOK_TEXTS, **ACCESS_TEXTS}
_CODES: Final[dict[str, Code | Warned]] = {code.value: code for code in (*Code, *Warned)}


def told(text: str, /, **values: object) -> tuple[str, str]:
    """A text (`code`, or `code/variant`) in Chinese and in English, with its values filled in; KeyError for none."""
    zh, en = TEXTS[text]
    if any(isinstance(value, Both) for value in values.values()):
        return zh.format(**_in(0, values)), en.format(**_in(1, values))
    return zh.format(**values), en.format(**values)


def _in(place: int, values: dict[str, object]) -> dict[str, object]:
    return {name: value[place] if isinstance(value, Both) else value for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (or, with a code of Warned, doubtful); made by `problem`, which knows its words.

    `path` is like `$[3].lines[0].mass_kg`. `suggestion` is what was probably meant, where one value suggests itself.
    """

    path: str
    code: Code | Warned
    message: str
    zh: str = ""
    suggestion: str | None = None

    def under(self, prefix: str) -> "Problem":
        """The same problem where the value it is about stands at `prefix` (such as `$[3]`) of a larger one."""
        return replace(self, path=prefix + self.path.removeprefix("$"))

    def say(self, lang: Lang) -> str:
        """The message in a language."""
        return self.zh if lang is Lang.ZH and self.zh else self.message

    def wire(self, lang: Lang = Lang.EN) -> dict[str, Any]:
        """As it is sent."""
        found = {"path": self.path, "code": str(self.code), "message": self.say(lang)}
        return found if self.suggestion is None else {**found, "suggestion": self.suggestion}


def problem(path: str, text: str, suggestion: str | None = None, /, **values: object) -> Problem:
    """A problem at a path, by its text; what stands before the slash is its code."""
    zh, en = told(text, **values)
    return Problem(path, _CODES[text.partition("/")[0]], en, zh, suggestion)


def json_path(steps: Iterable[str | int], root: str = "$") -> str:
    """`$[3].lines[0].mass_kg`; keys that are no plain names are quoted, and cut where they are long."""
    return root + "".join(map(_step, steps))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_KEY(step):
        return f".{step}"
    cut = step if len(step) <= _KEY_CHARS_MAX else step[:_KEY_CHARS_MAX] + "…"
    return '["' + cut.replace("\\", "\\\\").replace('"', '\\"') + '"]'


assert {code.value for code in JsonCode} <= {code.value for code in Code}
