"""The one graph of CDistNet as float ONNX: what is seen once, then a character per round of a Loop.

The loop ends when all words of the batch have. A round computes the newest place alone. What the
first block's places ask depends on no character, so that what they see is there for all of them
before the first round; keys and values of places and of characters are kept from round to round;
those of a character come from tables, as they are a sum of the character's and of its place's.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import onnx
import torch
from torch import Tensor, nn

from tcsdk.export.graphs.float_graphs import exported
from tcsdk.export.graphs.loops import Rounds, in_rounds
from tcsdk.export.graphs.whole_net import WholeNet, named_as_in_net
from tcsdk.model.graphs import CHARACTER_LOGITS, CLASS_BIAS, WORD_PIXELS
from tcsdk.model.grids import WORD_SIZE
from tcsdk.models.layers.transformer import (
    HIDDEN,
    AttentionBlock,
    MultiHeadAttention,
    causal_mask,
    positions,
)
from tcsdk.models.recognition.cdistnet import BEGIN, CLASSES, END, LONGEST, Cdistnet, MdcdpBlock

Tensors = tuple[Tensor, ...]


class Seen(NamedTuple):
    """What rounds take of what was done before them: T = LONGEST places, B blocks of h heads.

    Attributes:
        bias: (N, classes).
        answers: (N, T, C) what the first block's places see.
        asked: (T, C) what they asked.
        keys, values: (classes, B h, d) of a character that was read.
        place_keys, place_values: (T, B h, d) of its place.
        seen_keys, seen_values: (B - 1, N, h, d, S) and (B - 1, N, h, S, d) of what is seen.
    """

    bias: Tensor
    answers: Tensor
    asked: Tensor
    keys: Tensor
    values: Tensor
    place_keys: Tensor
    place_values: Tensor
    seen_keys: Tensor
    seen_values: Tensor


class Kept(NamedTuple):
    """What a round hands on to the next.

    Attributes:
        ended: (N,) whether a word has.
        last: (N,) the character before.
        read_keys, read_values: (N, B h, d, T) and (N, B h, T, d) of the characters so far.
        places_keys, places_values: (B - 1, N, h, d, T) and (B - 1, N, h, T, d) of the places.
    """

    ended: Tensor
    last: Tensor
    read_keys: Tensor
    read_values: Tensor
    places_keys: Tensor
    places_values: Tensor


def _heads(rows: Tensor, attention: MultiHeadAttention) -> Tensor:
    """(..., C) -> (..., heads, C / heads)."""
    return rows.reshape(*rows.shape[:-1], attention.heads, rows.shape[-1] // attention.heads)


def _blocks(net: Cdistnet) -> list[MdcdpBlock]:
    return [cast("MdcdpBlock", block) for block in net.blocks]


class SeenGraph(WholeNet):
    """Words and a bias of classes -> SEEN, and KEPT as it is before the first round."""

    def forward(self, crops: Tensor, bias: Tensor) -> Tensors:
        """Return them of crops (N, 3, 32, 128) and a bias (N, classes, 1, 1)."""
        net = cast("Cdistnet", self.net)
        seen = net.visual(crops)
        channels = seen.shape[2]
        waves = positions(LONGEST, channels)
        place = net.place_norm(waves + net.place(waves))[None]
        first, *others = _blocks(net)
        asked = first.itself(place, place, causal_mask(LONGEST, waves.device))
        answers = first.seen(asked.expand(seen.shape[0], -1, -1), seen)
        read = [block.read.attention for block in _blocks(net)]
        characters = net.embedding.weight * channels**0.5
        looks = [block.seen.attention for block in others]
        return (
            bias.flatten(1),
            answers,
            asked[0],
            torch.cat([_heads(a.key(characters), a) for a in read], 1),
            torch.cat([_heads(a.value(characters), a) for a in read], 1),
            torch.cat([_heads(a.key(waves) - a.key.bias, a) for a in read], 1),
            torch.cat([_heads(a.value(waves) - a.value.bias, a) for a in read], 1),
            torch.stack([_heads(a.key(seen), a).permute(0, 2, 3, 1) for a in looks]),
            torch.stack([_heads(a.value(seen), a).transpose(1, 2) for a in looks]),
            *self._first(seen.shape[0]),
        )

    def _first(self, count: int) -> Tensors:
        c = cast("Cdistnet", self.net).config
        width, rest = c.channels // c.heads, c.blocks - 1
        read = c.blocks * c.heads
        return (
            torch.zeros(count, dtype=torch.bool),
            torch.full((count,), BEGIN),
            torch.zeros(count, read, width, LONGEST),
            torch.zeros(count, read, LONGEST, width),
            torch.zeros(rest, count, c.heads, width, LONGEST),
            torch.zeros(rest, count, c.heads, LONGEST, width),
        )


def _attend(
    block: AttentionBlock, asked: Tensor, keys: Tensor, values: Tensor, mask: Tensor
) -> Tensor:
    """Do what `AttentionBlock` does for one query of each word, (N, C), with keys at hand."""
    attention = block.attention
    q = _heads(attention.query(asked), attention)[:, :, None]
    taken = torch.softmax(q @ keys * q.shape[-1] ** -0.5 + mask, -1) @ values
    x = block.norm_attention(asked + attention.project(taken.flatten(1)))
    made: Tensor = block.norm_feed_forward(x + block.contract(torch.relu(block.expand(x))))
    return made


class RoundGraph(WholeNet):
    """One character of every word."""

    def forward(self, number: Tensor, kept: Tensors, seen: Tensors) -> Tensors:
        """Read the character of place `number`, ().

        Returns:
            Whether a word goes on, (); what is kept for the next round; and logits (N, classes).
        """
        net, t, places = cast("Cdistnet", self.net), number.reshape(1), torch.arange(LONGEST)
        before, given = Kept(*kept), Seen(*seen)
        here, mask = places == t, torch.where(places > t, HIDDEN, 0.0)
        keys = given.keys[before.last] + given.place_keys[t]
        values = given.values[before.last] + given.place_values[t]
        read_keys = torch.where(here, keys[..., None], before.read_keys)
        read_values = torch.where(here[:, None], values[:, :, None], before.read_values)
        query, visual = given.asked[t], given.answers[:, t].flatten(1)
        heads, place, made = net.config.heads, query, []
        for index, block in enumerate(_blocks(net)):
            if index:
                own = block.itself.attention
                k, v = _heads(own.key(place), own)[..., None], _heads(own.value(place), own)
                k = torch.where(here, k, before.places_keys[index - 1])
                v = torch.where(here[:, None], v[:, :, None], before.places_values[index - 1])
                made.append((k, v))
                query = _attend(block.itself, place, k, v, mask)
                k, v = given.seen_keys[index - 1], given.seen_values[index - 1]
                visual = _attend(block.seen, query, k, v, torch.zeros(1))
            some = slice(index * heads, (index + 1) * heads)
            semantic = _attend(block.read, query, read_keys[:, some], read_values[:, some], mask)
            share = torch.sigmoid(net.gate(torch.cat([visual, semantic], -1)))
            place = share * semantic + (1 - share) * visual
        logits = net.classes(place) + given.bias
        best = logits.argmax(-1)
        ended = before.ended | (best == END)
        stacked = [torch.stack(each) for each in zip(*made, strict=True)]
        return ~ended.all(), ended, best, read_keys, read_values, *stacked, logits


def export_words(net: nn.Module) -> onnx.ModelProto:
    """Float ONNX of CDistNet: any number of words."""
    n = torch.export.Dim("n")
    words, bias = torch.rand(2, 3, *WORD_SIZE), torch.zeros(2, CLASSES, 1, 1)
    seen_graph, names = SeenGraph(net), [WORD_PIXELS, CLASS_BIAS]
    firsts = [f"{name}.first" for name in Kept._fields]
    given = [*Seen._fields, *firsts]
    before = exported(seen_graph, (words, bias), ({0: n}, {0: n}), names, given)
    with torch.no_grad():
        made = seen_graph(words, bias)
    size = len(Seen._fields)
    seen, kept = made[:size], made[size:]
    # The batch is the first axis, of what has a block for each the second; tables have none.
    axes = {"answers": 0, "bias": 0, "seen_keys": 1, "seen_values": 1}
    axes |= dict.fromkeys(Kept._fields, 0) | {"places_keys": 1, "places_values": 1}
    dims = [
        tuple({axes[name]: n} if name in axes else {} for name in fields)
        for fields in (Kept._fields, Seen._fields)
    ]
    taken = ["number", *Kept._fields, *Seen._fields]
    handed = ["more", *(f"{name}.next" for name in Kept._fields), "logits"]
    round_ = exported(RoundGraph(net), (torch.tensor(0), kept, seen), ({}, *dims), taken, handed)
    rounds = Rounds(LONGEST, firsts, CHARACTER_LOGITS)
    return in_rounds(named_as_in_net(before), named_as_in_net(round_), rounds)
