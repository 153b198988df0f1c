"""What a manifest holds: one row per field, and one table of fields per task of a model.

docs/reference/model-folder.md is made from these tables (tests/makers/make_folder_page.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tcsdk.model.graphs import (
    ANALYSIS,
    CAPTION,
    FUSION,
    RECOGNITION,
    RESIDUAL,
    SUPER_RESOLUTION,
    SYNTHESIS,
    WORD_RECOGNITION,
)

CODEC: Final = "codec"
DRAWING: Final = "drawing"
CAPTIONED: Final = "captioned"
# What recognisers read, and the contract of their graphs (tcsdk/model/graphs.py).
LINES, WORDS = "lines", "words"
READS = {LINES: RECOGNITION, WORDS: WORD_RECOGNITION}
# What cuts captions into tokens: ourselves (tcsdk/codec/caption.py), the package `tokenizers` by a
# vocabulary of the model's, or ourselves by rules of a spaCy model (codec/spacy_tokeniser.py).
PIECES, VOCABULARY, SPACY = "pieces", "vocabulary", "spacy"
TOKENISERS = (PIECES, VOCABULARY, SPACY)
MOST_TOKENS = 512


@dataclass(frozen=True)
class Kind:
    """What a field has to hold: in words, and as a test."""

    words: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True)
class Field:
    """A field of a manifest.

    Attributes:
        kind: What it has to hold.
        meaning: In a sentence, for the page.
        default: What stands for it where a folder of before there was such a field lacks it;
            None where it has to be there.
        optional: Whether it may be missing, and nothing then stands for it.
    """

    kind: Kind
    meaning: str
    default: Any = None
    optional: bool = False


@dataclass(frozen=True)
class TaskRow:
    """What models of one task are made of.

    Attributes:
        roles: Of its graphs, in the order in which they run (tcsdk/model/graphs.py).
        fields: Of its manifest, beside those of every model.
        what: Such a model in words.
        runs: What runs it.
        optional: Those of its roles that a model may lack, in all of its precisions.
    """

    roles: tuple[str, ...]
    fields: Mapping[str, Field]
    what: str
    runs: str
    optional: tuple[str, ...] = ()

    @property
    def table(self) -> dict[str, Field]:
        """All fields of a manifest of this task, in the order in which they are written."""
        return {**_FIRST, **self.fields, **_LAST}

    @property
    def precision(self) -> dict[str, Field]:
        """The fields of a precision: a file for each role, and all files."""
        graphs = {
            role: Field(_FILE, f"Graph of the role `{role}`.", optional=role in self.optional)
            for role in self.roles
        }
        return {**graphs, "files": Field(_FILES, "All files that it needs, its graphs included.")}

    def roles_of(self, precisions: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
        """Return the roles that a model's graphs have, in the order in which they run.

        Args:
            precisions: Of its manifest.
        """
        there = {role for row in precisions.values() for role in row}
        return tuple(r for r in self.roles if r not in self.optional or r in there)


def _whole(low: int, high: int, step: int = 1) -> Kind:
    words = f"a whole number {low}..{high}" + (f", a multiple of {step}" if step > 1 else "")
    return Kind(words, lambda v: type(v) is int and low <= v <= high and v % step == 0)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_file(value: Any) -> bool:
    """A name that stays within its folder, wherever that lies."""
    plain = _is_text(value) and value.isprintable() and value not in (".", "..")
    return plain and "/" not in value and "\\" not in value


def _is_object(value: Any, key: Callable[[Any], bool], entry: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(key(k) and entry(v) for k, v in value.items())


def _is_digest(value: Any) -> bool:
    return _is_text(value) and re.fullmatch("[0-9a-f]{64}", value) is not None


_TEXT = Kind("a text", _is_text)
_FILE = Kind("the plain name of a file in the folder", _is_file)
_FILES = Kind("a list of plain file names", lambda v: isinstance(v, list) and all(map(_is_file, v)))
_BOOL = Kind("true or false", lambda v: isinstance(v, bool))
_DIGEST = Kind("64 hex digits", _is_digest)

# Of every model, whatever its task: before the fields of the task, and behind them.
_FIRST: dict[str, Field] = {
    "family": Field(_TEXT, "Name of the model; ids are `family` and `family-precision`."),
    "licence": Field(_TEXT, "SPDX name of the licence of its weights."),
}
_LAST: dict[str, Field] = {
    "default_precision": Field(
        Kind("an object of precisions by device", lambda v: _is_object(v, _is_text, _is_text)),
        "Kind of device (`cpu`, `cuda`, ...) -> the precision it takes where none is named.",
    ),
    "checkpoint": Field(
        _DIGEST, "SHA-256 of the FP16 weights that it was exported from.", optional=True
    ),
    "precisions": Field(
        Kind(
            "an object of at least one precision",
            lambda v: _is_object(v, _is_text, lambda row: isinstance(row, dict)) and bool(v),
        ),
        "Name of a precision -> its files: see below.",
    ),
    "sha256": Field(
        Kind(
            "an object of 64 hex digits by plain file name",
            lambda v: _is_object(v, _is_file, _is_digest),
        ),
        "SHA-256 of every file; a file that is not listed is not opened.",
    ),
}
_CODEC_FIELDS: dict[str, Field] = {
    "wire_id": Field(_whole(0, 0xFFFF), "Its number in streams; 61440 and above are private."),
    "latent": Field(_whole(1, 0xFFFF), "Channels of r, as in the bundle."),
    "hyper": Field(_whole(1, 0xFFFF), "Channels of z_hat, as in the bundle."),
    "halo": Field(_whole(0, 0xFFC0, 64), "Pixels of context that graphs see around a tile."),
    "default_quality": Field(_whole(0, 63), "Quality of an encoder that names none."),
    "detects_text": Field(_BOOL, "Whether analysis says where text is.", default=False),
    "adaptive": Field(_BOOL, "Whether it says too which offsets blocks want.", default=False),
    "bundle": Field(_FILE, "The entropy bundle."),
}
_RECOGNITION_FIELDS: dict[str, Field] = {
    "characters": Field(
        Kind("a text of characters, each once", lambda v: _is_text(v) and len(set(v)) == len(v)),
        "What it can read. Of lines character k is class k + 1, class 0 is blank; of words it is "
        "class k, and two more begin and end a word.",
    ),
    "reads": Field(
        Kind(" or ".join(map(repr, READS)), lambda v: isinstance(v, str) and v in READS),
        "What its graph takes: a line of any width (tensors as of `recognition` below), or one word"
        " (`word_recognition`).",
        default=LINES,
    ),
}
_DRAWING_FIELDS: dict[str, Field] = {
    "wire_id": _CODEC_FIELDS["wire_id"],
    "default_quality": _CODEC_FIELDS["default_quality"],
    "backbone": Field(_FILE, "Folder beside this one of the codec that makes the pictures."),
    "backbone_bundle": Field(
        _DIGEST, "SHA-256 of that codec's entropy bundle, which is of one set of weights."
    ),
    "atlas": Field(_FILE, "The letters that are drawn."),
    "frame": Field(
        _BOOL,
        "Whether the net paints the whole picture that text was sent with, not its places alone.",
        default=False,
    ),
}
_CAPTIONED_FIELDS: dict[str, Field] = {
    "backbone": Field(_FILE, "Folder beside this one of the codec that decodes its streams."),
    "backbone_bundle": _DRAWING_FIELDS["backbone_bundle"],
    "tokeniser": Field(
        Kind(" or ".join(map(repr, TOKENISERS)), lambda v: isinstance(v, str) and v in TOKENISERS),
        "What cuts captions: `pieces` needs no file, `vocabulary` is a tokenizer.json of the "
        "package `tokenizers`, `spacy` is rules of a spaCy model.",
    ),
    "vocabulary": Field(_FILE, "That file.", optional=True),
    "tokens": Field(_whole(1, MOST_TOKENS), "Most tokens of a caption."),
    "channels": Field(_whole(1, 0xFFFF), "Of a token's states."),
}
TASKS: dict[str, TaskRow] = {
    CODEC: TaskRow(
        (ANALYSIS, RESIDUAL, SYNTHESIS),
        _CODEC_FIELDS,
        "a codec",
        "tcsdk.Encoder and tcsdk.Decoder run it",
        optional=(RESIDUAL,),
    ),
    SUPER_RESOLUTION: TaskRow(
        (SUPER_RESOLUTION,), {}, "a net that enlarges text", "tcsdk.SuperResolver runs it"
    ),
    RECOGNITION: TaskRow(
        (RECOGNITION,), _RECOGNITION_FIELDS, "a recogniser of text", "tcsdk.Recognizer runs it"
    ),
    DRAWING: TaskRow(
        (FUSION,),
        _DRAWING_FIELDS,
        "what draws sent text into a codec's pictures",
        "tcsdk.Encoder and tcsdk.Decoder run it with its codec",
    ),
    CAPTIONED: TaskRow(
        (CAPTION, ANALYSIS),
        _CAPTIONED_FIELDS,
        "an encoder that is told what a picture shows, over a codec's decoder",
        "tcsdk.Encoder runs it with its codec",
    ),
}
