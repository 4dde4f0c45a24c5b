"""Strict reading and canonical writing: against the reference libraries, and the ledger's hashes against their words."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from models.canonical import (
    JsonCode,
    Malformed,
    canonical,
    leaf_hash,
    leaf_preimage,
    read_json,
    sha256,
)
from models.malformed import read_slowly

SAFE = 2**53 - 1

FACT = {
    "kind": "receipt-accepted.v1",
    "event_id": "0198a7b2-1111-7000-8000-000000000001",
    "occurred_at": "2026-11-22T10:00:00.5+08:00",
    "manifest_no": "20263301000001",
    "vehicle": "浙A12345",
    "lines": [{"waste_code": "900-249-08", "mass_kg": "1234.50", "pieces": 12}, {"waste_code": "336-064-17"}],
    "remark": '过磅单 "88"\\二次\n🚛',
}

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-SAFE, SAFE) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def refused(raw: bytes) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        read_json(raw)
    assert caught.value.message
    assert str(caught.value) == f"{caught.value.message} at {caught.value.path}"
    return caught.value.code.value, caught.value.path


@pytest.mark.parametrize(
    ("raw", "code", "path"),
    [
        (b"\xff{}", "bad_utf8", "$"),
        (b'{"a":"\xed\xa0\x80"}', "bad_utf8", "$"),
        (b'{"a":"\xc0\x80"}', "bad_utf8", "$"),
        (b"\xef\xbb\xbf{}", "bad_utf8", "$"),
        ("{}".encode("utf-16"), "bad_utf8", "$"),
        (b"", "bad_json", "$"),
        (b"  \n", "bad_json", "$"),
        (b"{", "bad_json", "$"),
        (b'{"a":1,}', "bad_json", "$"),
        (b'{"a":1]', "bad_json", "$"),
        (b"[1,]", "bad_json", "$[1]"),
        (b"[1 2]", "bad_json", "$"),
        (b"[,1]", "bad_json", "$[0]"),
        (b"{a:1}", "bad_json", "$"),
        (b"{'a':1}", "bad_json", "$"),
        (b'{"a" 1}', "bad_json", "$.a"),
        (b"{}{}", "bad_json", "$"),
        (b"[01]", "bad_json", "$"),
        (b"[-]", "bad_json", "$[0]"),
        (b"[+1]", "bad_json", "$[0]"),
        (b"[.5]", "bad_json", "$[0]"),
        (b"[1.]", "bad_json", "$"),
        (b"[0x1]", "bad_json", "$"),
        (b"[NaN]", "bad_json", "$[0]"),
        (b"[-Infinity]", "bad_json", "$[0]"),
        (b"[tru]", "bad_json", "$[0]"),
        (b"[True]", "bad_json", "$[0]"),
        (b"[1]//x", "bad_json", "$"),
        (b'["a\tb"]', "bad_json", "$[0]"),
        (b'["\\x41"]', "bad_json", "$[0]"),
        (b'["\\u12g4"]', "bad_json", "$[0]"),
        (b'["abc', "bad_json", "$[0]"),
        (b"[\x0b1]", "bad_json", "$[0]"),
        ("[\u00a01]".encode(), "bad_json", "$[0]"),
        (b'{"a":1,"a":1}', "duplicate_key", "$.a"),
        (b'{"a":1,"\\u0061":2}', "duplicate_key", "$.a"),
        (b'[{"lines":[{},{"mass_kg":"1","mass_kg":"2"}]}]', "duplicate_key", "$[0].lines[1].mass_kg"),
        (b'{"a":{"b":[1]},"a":{"c":["x","y"]}}', "duplicate_key", "$.a"),
        (b'{"":1,"":2}', "duplicate_key", '$[""]'),
        (b'{"\\\\\\"":1,"\\\\\\"":2}', "duplicate_key", '$["\\\\\\""]'),
        (b'[{"mass_kg":12.5}]', "float", "$[0].mass_kg"),
        (b"[1.0]", "float", "$[0]"),
        (b"[1e2]", "float", "$[0]"),
        (b"[1E400]", "float", "$[0]"),
        (b"-0.0", "float", "$"),
        (b'{"a":"x\\u0000y"}', "nul", "$.a"),
        (b'{"a":"x\x00y"}', "nul", "$.a"),
        (b'{"a\\u0000":1}', "nul", "$"),
        (b'["\\\\\\u0000"]', "nul", "$[0]"),
        (b'["\\ud800"]', "surrogate", "$[0]"),
        (b'["\\ude00\\ud83d"]', "surrogate", "$[0]"),
        (b'{"\\udfff":1}', "surrogate", "$"),
        (b"[9007199254740992]", "number_too_large", "$[0]"),
        (b"[-9007199254740992]", "number_too_large", "$[0]"),
        (b"[18446744073709551616]", "number_too_large", "$[0]"),
        (b"[" + b"9" * 100_000 + b"]", "number_too_large", "$[0]"),
        (b"[" * 33 + b"]" * 33, "too_deep", "$" + "[0]" * 32),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "too_deep", "$" + ".a" * 32),
        (b"[" * 1_000_000, "too_deep", "$" + "[0]" * 32),
    ],
)
def test_what_is_not_strict_json_is_refused_with_its_code_and_place(raw: bytes, code: str, path: str) -> None:
    assert refused(raw) == (code, path)


def test_every_code_has_a_case_above() -> None:
    marks = test_what_is_not_strict_json_is_refused_with_its_code_and_place.pytestmark  # type: ignore[attr-defined]
    assert {case[1] for case in marks[0].args[1]} == {code.value for code in JsonCode}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"{}", {}),
        (b' \t\r\n{ "a" : [ 1 , null ] } \n', {"a": [1, None]}),
        (b"-0", 0),
        (b"[9007199254740991,-9007199254740991]", [SAFE, -SAFE]),
        (b'["\\ud83d\\ude9b","\\/","\\\\u0000"]', ["🚛", "/", "\\u0000"]),
        (b'["1.5","\\"a\\":1e3","NaN"]', ["1.5", '"a":1e3', "NaN"]),
        (b'{"a":{"a":1},"b":{"a":2}}', {"a": {"a": 1}, "b": {"a": 2}}),
        (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
        ('{"备注":"\u007f\ufeff\uffff"}'.encode(), {"备注": "\u007f\ufeff\uffff"}),
    ],
)
def test_what_is_strict_json_is_read(raw: bytes, value: object) -> None:
    assert read_json(raw) == value


def test_the_depth_allowed_is_a_parameter() -> None:
    assert read_json(b"[[1]]", max_depth=2) == [[1]]
    with pytest.raises(Malformed, match="deeper than 1"):
        read_json(b"[[1]]", max_depth=1)


def test_a_path_with_odd_or_endless_keys_stays_readable() -> None:
    assert refused(b'{"a b":[1.5]}') == ("float", '$["a b"][0]')
    assert len(refused(b'{"' + b"k" * 100_000 + b'":1.5}')[1]) < 100


@given(values, st.sampled_from([None, 1]), st.booleans())
def test_whatever_json_writes_is_read_back(value: object, indent: int | None, ascii_only: bool) -> None:
    raw = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    assert read_json(raw) == value


FRAGMENTS = [b" ", b"\xff", b"\x00", b"\x1f", "废".encode()]
FRAGMENTS += rb"""{ } [ ] , : "a" "\u0061" "\\" "\"" \ " 0 1 - . e 1.5 9007199254740992 true null""".split()
FRAGMENTS += rb"""{"a":1 ,"a":2} \u0000 \ud800 "\ud83d\ude9b" """.split()


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(b"".join))
@example(b'["\\\\",{"a":1,"a":2}]')
@example(b'{"a":{"b":1,"c":2},"a":1}')
def test_the_quick_reader_and_the_slow_one_give_the_same_verdict(raw: bytes) -> None:
    def verdict(read: Any) -> object:
        try:
            return read(raw, 32)
        except Malformed as error:
            return error.code, error.path

    assert verdict(read_json) == verdict(read_slowly)


@given(values)
def test_a_key_written_twice_is_found_wherever_it_stands(value: object) -> None:
    written = json.dumps(value)
    assert refused(f'[{{"k":{written},"x":{written},"k":1}}]'.encode()) == ("duplicate_key", "$[0].k")


@given(values)
@example({"\ue000": 1, "\U00010000": 2})
@example({"a": {"\ufffd": 1, "😀": {"é": 1, "e": "😀"}}})
@example("".join(map(chr, range(1, 0x100))))
def test_canonical_bytes_are_those_of_rfc_8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_canonical_bytes_do_not_depend_on_the_spelling_received(value: object) -> None:
    raw = json.dumps(value, indent=1, ensure_ascii=True).encode()
    assert canonical(read_json(raw)) == canonical(value)
    assert canonical(read_json(canonical(value))) == canonical(value)


def test_masses_are_kept_as_spelled() -> None:
    assert b'"mass_kg":"1234.50"' in canonical(FACT)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        [1.5],
        {"a": {"b": [1.5]}},
        float("nan"),
        SAFE + 1,
        -SAFE - 1,
        2**70,
        {1: "a"},
        {"a": {1}},
        b"x",
        "\ud800",
    ],
)
def test_what_is_not_in_the_value_set_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match="cannot be written as canonical json"):
        canonical(value)


def test_sha256_of_nothing_is_the_known_one() -> None:
    assert sha256(b"").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_leaf_can_be_recomputed_with_nothing_but_json_and_sha256() -> None:
    data = canonical(FACT)
    leaf = leaf_hash(
        ledger_id="zj",
        seq=4711,
        recorded_at=1_795_312_800_000_000,
        stated_by="91330100M000100Y43",
        event_id="0198a7b2-1111-7000-8000-000000000001",
        kind="receipt-accepted.v1",
        data=data,
    )
    written = (
        '{"data_sha256":"' + hashlib.sha256(data).hexdigest() + '",'
        '"event_id":"0198a7b2-1111-7000-8000-000000000001","kind":"receipt-accepted.v1","ledger_id":"zj",'
        '"recorded_at":"1795312800000000","seq":"4711","stated_by":"91330100M000100Y43"}'
    )
    assert leaf == hashlib.sha256(b"\x00" + written.encode()).digest()


LEAF = st.fixed_dictionaries(
    {
        "ledger_id": texts,
        "seq": st.integers(1, 2**62),
        "recorded_at": st.integers(0, 2**62),
        "stated_by": texts,
        "event_id": texts,
        "kind": texts,
        "data": st.binary(max_size=50),
    }
)


@given(LEAF)
def test_what_a_leaf_hashes_is_canonical_json_of_seven_strings(leaf: dict[str, Any]) -> None:
    words = {name: str(value) for name, value in leaf.items() if name != "data"}
    words["data_sha256"] = hashlib.sha256(leaf["data"]).hexdigest()
    assert leaf_preimage(**leaf) == rfc8785.dumps(words)
    assert leaf_hash(**leaf) == hashlib.sha256(b"\x00" + leaf_preimage(**leaf)).digest()


@pytest.mark.parametrize("name", ["ledger_id", "seq", "recorded_at", "stated_by", "event_id", "kind", "data"])
def test_no_part_of_a_leaf_can_be_changed_unseen(name: str) -> None:
    leaf: dict[str, Any] = {
        "ledger_id": "a", "seq": 1, "recorded_at": 2, "stated_by": "b", "event_id": "c", "kind": "d", "data": b"e",
    }  # fmt: skip
    changed = leaf | {name: leaf[name] + type(leaf[name])(leaf[name])}
    assert leaf_hash(**leaf) != leaf_hash(**changed)
