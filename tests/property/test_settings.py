"""A settings file in any state: it is read, or refused with a sentence; nothing else comes out."""

from __future__ import annotations

import contextlib
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from node.cli.home import render_settings
from node.settings import FILE_NAME, Settings, load
from tests.property.test_decoders import QUICK, bent

WHOLE = render_settings(
    id_="420200", name="黄石市", profile="city", parent="420000", http_port=8080, grpc_port=8443,
    nats_port=4222, nats=True, database_url="", passphrase_file="", audit_digest="sha256",
).encode()
TABLES = sorted(set(Settings.model_fields) - {"home", "node"})
odd = st.recursive(
    st.booleans() | st.integers(-5, 2**70) | st.floats() | st.text(max_size=9)
    | st.sampled_from(("0.0.0.0", "::1", "../..", "tls://h:1", "file:///etc/passwd", "${HOME}")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(("port", "host", "of", "servers", "url", "issuer", "grants", "name")),
        inner, max_size=3), max_leaves=6)


@QUICK
@given(bent([WHOLE, WHOLE + b"\n[quota.of.420203]\nwords_bytes_day = 300000\n", b"a" + b".a" * 9]))
def test_a_bent_settings_file_is_read_or_refused_with_a_sentence(
    tmp_path: Path, data: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(data)
    found = None
    with contextlib.suppress(ValueError):  # what the command line turns into a sentence
        found = load(tmp_path)
    assert found is None or found.node.id


@settings(max_examples=300, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(TABLES), st.data())
def test_senseless_tables_of_settings_are_refused_by_the_name_of_the_field(
    tmp_path: Path, table: str, data: st.DataObject
) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'[node]\nid = "420200"\n')
    fields = getattr(Settings.model_fields[table].annotation, "model_fields", {"x": None})
    senseless = data.draw(st.dictionaries(
        st.sampled_from(sorted(fields)) | st.text(min_size=1, max_size=5), odd, max_size=4) | odd)
    named = []
    try:
        load(tmp_path, **{table: senseless})
    except ValidationError as refused:
        named = refused.errors()
    assert {item["loc"][0] for item in named} <= {table}


@pytest.mark.parametrize("text", [
    b"\xff\xfe", b'[node]\nid = "420200"\nid = "420201"\n', b"[" * 2_000, b"a = [" * 3_000,
    b'[node]\nid = "../../etc"\n', b'[node]\nid = "420200"\n[quota]\nof = 3\n',
    b'[node]\nid = "420200"\n[quota.of.420203]\nwords_bytes_day = 1\n',
])
def test_a_settings_file_that_nobody_can_mean_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(text)
    with pytest.raises((ValidationError, tomllib.TOMLDecodeError, UnicodeDecodeError)):
        load(tmp_path)
