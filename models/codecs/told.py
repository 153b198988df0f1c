"""Codecs whose encoder may be told what a picture shows: where in g_a a caption is taken in."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from torch import Tensor, nn

from tcsdk.models.codecs.base import Codec, CodecConfig
from tcsdk.models.codecs.caption_encoder import TEXT_ENCODERS
from tcsdk.models.codecs.caption_taker import CaptionTaker, no_caption
from tcsdk.models.codecs.text_adapter import AdapterConfig, TextAdapter
from tcsdk.models.codecs.text_mixer import MixerConfig, TextMixer
from tcsdk.models.text.caption import Caption


class Places(NamedTuple):
    """Where features and captions meet: how many layers of g_a come before.

    Attributes:
        inject: before the fine features ask the caption.
        exchange: before the caption asks the coarse features, and they it; not behind those that
            the detector sees.
    """

    inject: int
    exchange: int


class ToldConfig(CodecConfig, Protocol):
    """What a net's configuration says of captions beside the rest."""

    @property
    def adapter(self) -> AdapterConfig | MixerConfig | None:
        """What takes captions in; None for a net that takes none."""

    @property
    def text(self) -> str:
        """What makes states of captions, a key of TEXT_ENCODERS."""

    @property
    def caption_tokens(self) -> int:
        """Tokens of a caption at most."""


class ToldCodec(Codec):
    """A codec whose encoder takes captions where its configuration has an adapter.

    What decodes knows nothing of them.

    Attributes:
        adapter: takes captions into the features of g_a; None where the net takes none.
        captions: makes states of captions; None likewise.
        places: where in g_a.
    """

    config: ToldConfig
    adapter: CaptionTaker | None
    captions: nn.Module | None
    places: Places

    def take_captions(self, places: Places) -> None:
        """Make what takes captions, if the configuration has it.

        Args:
            places: of g_a.
        """
        self.places, adapter = places, self.config.adapter
        self.adapter = _taker(adapter) if adapter else None
        text = TEXT_ENCODERS[self.config.text].make
        self.captions = text(adapter.tokens, self.config.caption_tokens) if adapter else None

    def analyse(self, x: Tensor, caption: Caption | None = None) -> tuple[Tensor, Tensor]:
        """Return y and the features that it is made of, as `Codec.analyse`.

        Args:
            x: (N, 3, H, W), centred on zero.
            caption: of the pictures; None for none.

        Raises:
            ValueError: the net takes no caption.
        """
        if self.adapter is None:
            return super().analyse(x, caption)
        caption = caption or no_caption(len(x), self.adapter.config)
        parts = self.g_a, self.feature_layers, self.adapter, self.places
        return told(*parts, x, caption.to(x.device))


def _taker(config: AdapterConfig | MixerConfig) -> CaptionTaker:
    return TextMixer(config) if isinstance(config, MixerConfig) else TextAdapter(config)


def told(
    g_a: nn.Sequential,
    feature_layers: int,
    adapter: CaptionTaker,
    places: Places,
    x: Tensor,
    caption: Caption,
) -> tuple[Tensor, Tensor]:
    """Return y and the features that it is made of, of pictures with captions.

    Args:
        g_a: of a net.
        feature_layers: how many of its layers make the detector's features.
        adapter: between its features and the captions.
        places: where these meet.
        x: (N, 3, H, W), as g_a takes them.
        caption: of the pictures; a mask of zeros for none.
    """
    caption = adapter.filled(caption)
    fine = adapter.inject(g_a[: places.inject](x), caption)
    coarse = adapter.exchange(g_a[places.inject : places.exchange](fine), caption)
    features = g_a[places.exchange : feature_layers](coarse)
    return g_a[feature_layers:](features), features
