"""What an encoder holds until it is closed, and what it refuses before a picture is read."""

from __future__ import annotations

import os
import reprlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tcsdk._kernels import GlyphAtlas
from tcsdk.codec.encode import BaseLayer
from tcsdk.codec.joining import check_small
from tcsdk.codec.tile import TileEncoder
from tcsdk.engines import ChosenEngine
from tcsdk.errors import NoCaptionError, NoDetectorError
from tcsdk.given_text import CODES, READ
from tcsdk.model.find import find_model
from tcsdk.model.folder import CodecFolder
from tcsdk.request import Request

if TYPE_CHECKING:
    from tcsdk.reading.verification import Verifier
    from tcsdk.refining.refiner import Refiner


@dataclass(frozen=True)
class Loaded:
    """What an encoder holds until it is closed, and how it codes.

    Attributes:
        codec: Graph and tables of the first layer.
        base: The second layer, or None.
        verifier: What reads streams again, or None.
        refiner: What refines latents, or None.
        wire_id: Number of the first layer's model.
        bundle_hash: Short hash of its entropy bundle.
        atlas: Letters of sent text that the model draws into its pictures; None for one that draws
            none.
        quality: Of requests that name none.
        tile: Side of tiles, pixels.
        threads: That the engine has.
    """

    codec: TileEncoder
    base: BaseLayer | None
    verifier: Verifier | None
    refiner: Refiner | None
    wire_id: int
    bundle_hash: int
    atlas: GlyphAtlas | None
    quality: int
    tile: int
    threads: int

    @classmethod
    def load(
        cls,
        folder: CodecFolder,
        precision: str,
        engine: ChosenEngine,
        *,
        base: BaseLayer | None,
        verifier: Verifier | None,
        refiner: Refiner | None,
        quality: int,
        tile: int,
    ) -> Loaded:
        """Load a model to encode with.

        Args:
            folder: Of the first layer's model.
            precision: Which of its graphs.
            engine: Runs them.
            base: The second layer, or None.
            verifier: What reads streams again, or None.
            refiner: What refines latents, or None.
            quality: Of requests that name none.
            tile: Side of tiles, pixels.
        """
        return cls(
            codec=TileEncoder.load(folder, precision, engine),
            base=base,
            verifier=verifier,
            refiner=refiner,
            wire_id=folder.wire_id,
            bundle_hash=folder.bundle_hash,
            atlas=folder.drawing.folder.load_atlas() if folder.drawing else None,
            quality=quality,
            tile=tile,
            threads=engine.threads,
        )

    @property
    def draws(self) -> bool:
        """Whether the first layer's model draws sent text into its pictures."""
        return self.atlas is not None

    def check(self, request: Request, model: str) -> None:
        """Refuse what cannot be done.

        Args:
            request: What is asked for.
            model: Family and precision, for the message.

        Raises:
            ValueError: A small stream that is to carry what only others can.
            MissingRuntimeError: Text is to be read, and the reader is not installed.
            NoDetectorError: `text_boost` with a model that has no text detector.
            NoCaptionError: A caption for a model that is told none.
        """
        extras = bool(request.keep or request.user) or self.base is not None
        check_small(request.small, self.tile, extras)
        draws = request.reads_to_draw(self.draws)
        if (draws or request.text in (READ, CODES)) and self.verifier is None:
            from tcsdk.reading.reader import check_reader

            asked = f"text={request.text!r}"
            check_reader(f"model {model} without text= or text=None" if draws else asked)
        if request.text_boost and not self.codec.detects_text:
            raise NoDetectorError(
                f"model {model} has no text detector, so text_boost={request.text_boost} "
                "cannot know where text is; leave it out, give regions= or qmap=, or take a model "
                "that has one (tcsdk models)"
            )
        if request.caption is not None and self.codec.captioner is None:
            raise NoCaptionError(
                f"model {model} is told no caption, got {reprlib.repr(request.caption)}: leave it "
                "out, or take a model that is told one (tcsdk models)"
            )


def base_layer(
    engine: ChosenEngine, model: str | os.PathLike[str], precision: str | None, quality: int | None
) -> BaseLayer | None:
    """Load a second layer's model; None where there is to be one layer.

    Args:
        engine: Runs it.
        model: A name or folder.
        precision: For a model that names none.
        quality: Of the layer; None where there is to be none.
    """
    if quality is None:
        return None
    folder, named = find_model(model)
    runs, chosen = engine.for_model(folder, named or precision)
    codec = TileEncoder.load(folder, chosen, runs)
    return BaseLayer(codec, quality, folder.wire_id, folder.bundle_hash)
