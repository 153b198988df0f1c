"""The edge backbone: pixel-unshuffle by 8, depthwise/1x1 blocks, latent at 1/16, hyper at 1/64."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import nn

from tcsdk.codec.caption import CAPTION_PIECES
from tcsdk.models.codecs.text_adapter import AdapterConfig
from tcsdk.models.codecs.text_mixer import MixerConfig
from tcsdk.models.codecs.told import Places, ToldCodec
from tcsdk.models.layers.blocks import blocks, upsample


@dataclass(frozen=True)
class EdgeConfig:
    """Widths and depths of the edge net; the defaults are the shipped size."""

    width: int = 128  # at 1/8
    wide: int = 192  # at 1/16
    latent: int = 192  # M
    hyper: int = 32  # C_z
    analysis_blocks: tuple[int, int] = (3, 3)  # at 1/8, at 1/16
    synthesis_blocks: tuple[int, int] = (4, 4)  # at 1/8, at 1/16
    kernels: tuple[int, int] = (3, 5)  # of the depthwise layers at 1/8, at 1/16
    adaptive: bool = False  # the detector says how many steps finer a block wants to be coded
    # Beyond the border of what g_a and g_s convolve (torch.nn.Conv2d's modes). Zeros are mid-grey
    # to them and pull the rim of all that is not grey towards it.
    padding: str = "zeros"
    guided: bool = False  # sent text guides what is shown
    frame: bool = False  # and paints the whole frame, not where the text reaches
    adapter: AdapterConfig | MixerConfig | None = None  # of captions that the encoder takes
    text: str = "pieces"  # what makes states of them, a key of TEXT_ENCODERS
    caption_tokens: int = CAPTION_PIECES  # of a caption at most


# The next `tfic`'s: the shipped one has zeros.
REPLICATE = EdgeConfig(adaptive=True, padding="replicate")
# `tfic`'s with TACO's adapter at a reduced width, for tokens of 64 channels.
ADAPTER = AdapterConfig(128, 192, 64, heads=4, inner=64)
CAPTIONED = EdgeConfig(adaptive=True, adapter=ADAPTER)
# The same with text encoders that others trained, and for captions of up to 512 pieces.
SPACY_CAPTIONED = replace(CAPTIONED, adapter=replace(ADAPTER, tokens=96), text="spacy")
MINILM_CAPTIONED = replace(CAPTIONED, adapter=replace(ADAPTER, tokens=384), text="minilm")
CLIP_CAPTIONED = replace(CAPTIONED, adapter=replace(ADAPTER, tokens=512), text="clip")
LONG_CAPTIONED = replace(CAPTIONED, caption_tokens=512)
KEPT = 64  # Linformer's k, of which the report says nothing
# Of TACO's studies: long captions by Linformer, and captions by as many weights of convolutions.
LINFORMER = replace(LONG_CAPTIONED, adapter=replace(ADAPTER, few=(KEPT, 512)))
MIXED = replace(CAPTIONED, adapter=MixerConfig(128, 192, 64, hidden=20))
PLACES = Places(2, 4)  # behind the blocks at 1/8, and behind those at 1/16


class EdgeCodec(ToldCodec):
    """The edge codec: 6.9 kMAC/px to encode, 10.9 to decode, 2.74 million parameters.

    With the detector of `REPLICATE` 7.2 to encode; with 9 blocks at 1/8 16.2 to decode.
    """

    config: EdgeConfig

    def __init__(self, config: EdgeConfig | None = None) -> None:
        c = config or EdgeConfig()
        narrow, wide = c.kernels
        pad = c.padding
        g_a = nn.Sequential(
            nn.Conv2d(3, c.width, 8, stride=8),
            blocks(c.width, c.analysis_blocks[0], narrow, pad),
            nn.Conv2d(c.width, c.wide, 3, stride=2, padding=1, padding_mode=pad),
            blocks(c.wide, c.analysis_blocks[1], wide, pad),
            nn.Conv2d(c.wide, c.latent, 1),
        )
        g_s = nn.Sequential(
            nn.Conv2d(c.latent, c.wide, 1),
            blocks(c.wide, c.synthesis_blocks[1], wide, pad),
            upsample(c.wide, c.width),
            blocks(c.width, c.synthesis_blocks[0], narrow, pad),
            nn.Conv2d(c.width, 192, 3, padding=1, padding_mode=pad),
            nn.PixelShuffle(8),
        )
        super().__init__(c, g_a, g_s, feature_layers=4, features=c.wide)
        self.take_captions(PLACES)
