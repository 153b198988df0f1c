"""CDistNet (Zheng et al., 2021): a word reader whose position asks what is seen and what is read.

Three branches: visual (rectifier, ResNet, transformer encoder), semantic (the characters so far)
and positional (the place of the next one). Each MDCDP block lets the positional branch ask the two
others and mixes the answers.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tcsdk.models.layers.thin_plate import PUBLISHED, Rectifier, RectifierConfig
from tcsdk.models.layers.thin_plate import SMALL as SMALL_RECTIFIER
from tcsdk.models.layers.transformer import AttentionBlock, causal_mask, positions

# What is read, digits and letters without case, and the two signs that frame a word.
CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
BEGIN, END = len(CHARACTERS), len(CHARACTERS) + 1
CLASSES = len(CHARACTERS) + 2
LONGEST = 25  # characters of a word
Stride = tuple[int, int]


@dataclass(frozen=True)
class CdistnetConfig:
    """Widths and depths; the defaults are the published size.

    Attributes:
        stem: channels of the first convolution.
        planes: channels of the five residual stages.
        depths: their blocks; 3, 4, 6, 6, 3 make the ResNet-45 of ASTER.
        strides: of each stage, rows and columns.
        closing: stride of a convolution behind the stages; None leaves it out.
        channels: C of the three branches.
        heads: of all attention.
        encoders: layers over what is seen.
        encoder_hidden: width of their feed-forward parts.
        blocks: of MDCDP.
        block_hidden: width of their feed-forward parts.
        rectifier: of the spatial transformer in front.
    """

    stem: int = 32
    planes: tuple[int, ...] = (32, 64, 128, 256, 512)
    depths: tuple[int, ...] = (3, 4, 6, 6, 3)
    strides: tuple[Stride, ...] = ((2, 2), (1, 1), (2, 2), (1, 1), (1, 1))
    closing: Stride | None = (2, 2)
    channels: int = 512
    heads: int = 8
    encoders: int = 3
    encoder_hidden: int = 2048
    blocks: int = 3
    block_hidden: int = 1024
    rectifier: RectifierConfig = PUBLISHED


# `cdistnet-s`: what is trained and shipped. What is seen of 32 x 128 is 2 x 32.
SMALL = CdistnetConfig(
    stem=24,
    planes=(24, 48, 96, 144, 192),
    depths=(1, 2, 3, 3, 2),
    strides=((2, 2), (2, 1), (2, 2), (2, 1), (1, 1)),
    closing=None,
    channels=192,
    heads=6,
    encoders=2,
    encoder_hidden=384,
    blocks=2,
    block_hidden=384,
    rectifier=SMALL_RECTIFIER,
)


class BasicBlock(nn.Module):
    """ReLU(shortcut(x) + 3x3(ReLU(1x1(x)))), each convolution normalised, (N, C, H, W)."""

    def __init__(self, channels_in: int, channels: int, stride: Stride) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(channels_in, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        same = channels_in == channels and stride == (1, 1)
        self.shortcut = (
            nn.Identity()
            if same
            else nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, channels, H / stride, W / stride)."""
        return (self.shortcut(x) + self.branch(x)).relu()


def resnet(c: CdistnetConfig) -> nn.Sequential:
    """Build the trunk: crops (N, 3, H, W) to features (N, C, h, w)."""
    layers: list[nn.Module] = [
        nn.Conv2d(3, c.stem, 3, padding=1, bias=False),
        nn.BatchNorm2d(c.stem),
        nn.ReLU(),
    ]
    width = c.stem
    for planes, depth, stride in zip(c.planes, c.depths, c.strides, strict=True):
        for i in range(depth):
            layers.append(BasicBlock(width, planes, (1, 1) if i else stride))
            width = planes
    if c.closing is not None:
        layers += [
            nn.Conv2d(width, c.channels, 3, c.closing, padding=1),
            nn.BatchNorm2d(c.channels),
            nn.ReLU(),
        ]
    return nn.Sequential(*layers)


class VisualBranch(nn.Module):
    """Crops (N, 3, 32, 128) to what is seen (N, S, C), column by column."""

    def __init__(self, c: CdistnetConfig) -> None:
        super().__init__()
        self.rectify = Rectifier(c.rectifier)
        self.trunk = resnet(c)
        self.encoders = nn.ModuleList(
            AttentionBlock(c.channels, c.heads, c.encoder_hidden) for _ in range(c.encoders)
        )

    def forward(self, crops: Tensor) -> Tensor:
        """Return (N, S, C)."""
        seen = self.trunk(self.rectify(crops) * 2 - 1).permute(0, 3, 2, 1).flatten(1, 2)
        seen = seen + positions(seen.shape[1], seen.shape[2], seen.device)
        for encoder in self.encoders:
            seen = encoder(seen, seen)
        return seen


class MdcdpBlock(nn.Module):
    """One step of the positional branch (Section 3.4): itself, what is seen, what was read."""

    def __init__(self, c: CdistnetConfig) -> None:
        super().__init__()
        self.itself, self.seen, self.read = (
            AttentionBlock(c.channels, c.heads, c.block_hidden) for _ in range(3)
        )

    def forward(
        self, place: Tensor, seen: Tensor, read: Tensor, mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return what places (N, T, C) ask, and learn of what is seen and of what was read."""
        asked = self.itself(place, place, mask)
        return asked, self.seen(asked, seen), self.read(asked, read, mask)


class Cdistnet(nn.Module):
    """Read words: crops in RGB, 0..1, of 32 x 128.

    | size | parameters | GMAC for a word of 25 characters at once |
    |---|---|---|
    | published, the default | 46.94 M | 4.9 |
    | `SMALL`, cdistnet-s | 4.74 M | 0.27 |

    The published count, 65.5 M, has 18.9 M in projections of its attention that no call uses.
    """

    def __init__(self, config: CdistnetConfig | None = None) -> None:
        super().__init__()
        c = config or CdistnetConfig()
        self.config = c
        self.visual = VisualBranch(c)
        self.embedding = nn.Embedding(CLASSES, c.channels)
        self.place = nn.Sequential(
            nn.Linear(c.channels, c.channels), nn.ReLU(), nn.Linear(c.channels, c.channels)
        )
        self.place_norm = nn.LayerNorm(c.channels)
        self.blocks = nn.ModuleList(MdcdpBlock(c) for _ in range(c.blocks))
        # All blocks mix by the same gate, as published.
        self.gate = nn.Linear(2 * c.channels, c.channels)
        self.classes = nn.Linear(c.channels, CLASSES, bias=False)
        nn.init.normal_(self.embedding.weight, std=c.channels**-0.5)

    def forward(self, crops: Tensor, characters: Tensor) -> Tensor:
        """Say what follows each character.

        Args:
            crops: (N, 3, 32, 128) float32.
            characters: (N, T) int64, `BEGIN` and then what is read so far.

        Returns:
            (N, T, CLASSES) logits, of the character behind each.
        """
        return self.next_characters(self.visual(crops), characters)

    def next_characters(self, seen: Tensor, characters: Tensor) -> Tensor:
        """Do the same from what is seen, (N, S, C)."""
        return self.classes(self._places(seen, characters)[0])

    def looked_at(self, seen: Tensor, characters: Tensor) -> Tensor:
        """Say where the last block looks for what follows each character.

        Returns:
            (N, T, S), the mean over heads, of sum 1 over what is seen.
        """
        _, asked = self._places(seen, characters)
        return self.blocks[-1].seen.attention.weights(asked, seen).mean(1)

    def _places(self, seen: Tensor, characters: Tensor) -> tuple[Tensor, Tensor]:
        """Return the positional branch behind the last block, and what that block asked."""
        length, channels = characters.shape[1], self.config.channels
        mask = causal_mask(length, seen.device)
        waves = positions(length, channels, seen.device)
        read = self.embedding(characters) * channels**0.5 + waves
        asked = place = self.place_norm(waves + self.place(waves)).expand(len(seen), -1, -1)
        for block in self.blocks:
            asked, visual, semantic = block(place, seen, read, mask)
            share = torch.sigmoid(self.gate(torch.cat([visual, semantic], -1)))
            place = share * semantic + (1 - share) * visual
        return place, asked

    @torch.no_grad()
    def read(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Read greedily, a character at a time.

        Returns:
            (N, 25) int64, the characters, END from where a word ends; and (N, 25) float32, the
            probability of each.
        """
        seen = self.visual(crops)
        characters = torch.full((len(crops), 1 + LONGEST), END, device=crops.device)
        characters[:, 0] = BEGIN
        sure = torch.ones((len(crops), LONGEST), device=crops.device)
        for place in range(LONGEST):
            so_far = characters[:, : place + 1]
            done = so_far[:, -1] == END
            if done.all():
                break
            best = self.next_characters(seen, so_far)[:, -1].softmax(-1).max(-1)
            characters[:, place + 1] = torch.where(done, END, best.indices)
            sure[:, place] = torch.where(done, 1.0, best.values)
        return characters[:, 1:], sure
