"""Where a training with a text encoder that others trained begins: a codec's weights and theirs.

    python -m tcsdk.train.codec.text_start zoo/tfic --text FOLDER --net edge-captioned-minilm -o RUN

FOLDER is in Hugging Face's layout, or a small spaCy model's for edge-captioned-spacy. The file is
what `--init` of a recipe of that net takes; its adapter is by chance and changes nothing yet. Their
weights are in it, in FP16: mind their licence.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from tcsdk.models.codecs.caption_encoder import TEXT_ENCODERS
from tcsdk.models.registry import CAPTIONED_NETS, NETS
from tcsdk.train.run.weights import WEIGHTS, Origin, load_origin, load_weights, save_weights

NETS_WITH_TEXT = sorted(net for net, text in CAPTIONED_NETS.items() if TEXT_ENCODERS[text].trained)


def started(codec: Path, text: Path, net: str, seed: int = 0) -> dict[str, Tensor]:
    """Return the weights of a captioned net over a codec, its text encoder trained.

    Args:
        codec: weights of the codec's net.
        text: folder of the text encoder.
        net: one of NETS_WITH_TEXT.
        seed: of the adapter.

    Raises:
        FileNotFoundError: a file is missing.
        ValueError: the codec or the text encoder are not the net's.
    """
    torch.manual_seed(seed)
    made = NETS[net]()
    state = made.state_dict()
    source = TEXT_ENCODERS[made.config.text].trained
    if source is None:
        raise ValueError(f"expected one of the nets {', '.join(NETS_WITH_TEXT)}, got {net}")
    theirs = source.encoder(text, made.config.caption_tokens).state_dict()
    given = {**load_weights(codec), **{f"captions.{name}": v for name, v in theirs.items()}}
    unlike = [n for n, v in given.items() if n not in state or state[n].shape != v.shape]
    missing = [n for n in state if n not in given and not n.startswith("adapter.")]
    if unlike or missing:
        raise ValueError(
            f"expected the weights of {net}, got others: {', '.join((unlike + missing)[:3])}"
        )
    return {**state, **given}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("codec", type=Path, help="model folder or run of the codec")
    parser.add_argument("--text", type=Path, required=True, help="folder of the text encoder")
    parser.add_argument("--net", choices=NETS_WITH_TEXT, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write")
    args = parser.parse_args(arguments)
    origin = load_origin(args.codec)
    args.output.mkdir(parents=True, exist_ok=True)
    weights = started(args.codec, args.text, args.net)
    save_weights(args.output / WEIGHTS, weights, Origin(args.net, origin.recipe, 0, 0))
    print(f"wrote {args.output / WEIGHTS}")


if __name__ == "__main__":
    main()
