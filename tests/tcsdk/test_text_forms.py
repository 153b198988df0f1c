"""Bytes as text: base64, base91 and Z85."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import check_rejects
from tcsdk import text_forms

# Of the specifications: RFC 4648, basE91's own page, ZeroMQ RFC 32.
KNOWN = [
    ("base64", b"foobar", "Zm9vYmFy"),
    ("base91", b"test", "fPNKd"),
    ("z85", b"\x86\x4f\xd2\x6f\xb5\x59\xf7\x5b", "HelloWorld"),
]


@pytest.mark.parametrize(("form", "data", "text"), KNOWN)
def test_texts_of_the_specifications(form, data, text):
    assert text_forms.encode(data, form) == text
    assert text_forms.decode(f" {text}\n", form) == data


@pytest.mark.parametrize("form", text_forms.FORMS)
@given(data=st.binary(max_size=300))
def test_any_bytes_come_back(form, data):
    text = text_forms.encode(data, form)
    assert text.isascii()
    assert not set(text) & set(" \n\t")
    assert text_forms.decode(text, form) == data


@pytest.mark.parametrize("form", text_forms.FORMS)
@given(text=st.text(max_size=40))
def test_other_lines_are_refused_or_the_one_spelling(form, text):
    try:
        data = text_forms.decode(text, form)
    except ValueError:
        return
    assert text_forms.encode(data, form) == text.strip()


def test_how_long_a_packet_of_222_bytes_is():
    lengths = {form: len(text_forms.encode(bytes(222), form)) for form in text_forms.FORMS}
    assert lengths == {"base64": 296, "base91": 254, "z85": 278}


def test_an_unknown_form_is_named():
    check_rejects(lambda: text_forms.encode(b"a", "base32"), ValueError, "base91", "'base32'")
