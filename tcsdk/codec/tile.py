"""The codec: two graphs and one kernel call, for one tile.

encode:  picture[, caption] -> [analysis graph] -> z_hat, residual[, text] -> [kernel] -> payload
decode:  payload -> [kernel] -> z_hat, r -> [synthesis graph] -> picture

Encoding has a third graph where the model has a context (tcsdk/codec/context.py).

What is exact is z_hat, r <-> payload: integers and tables, the same on every machine. The graphs
compute in floats, which move a pixel a little from machine to machine and never break a decode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Bundle, decode_tile, encode_tile, inverse_gain
from tcsdk.codec.blending import activity
from tcsdk.codec.captioning import Captioner, CaptionStates
from tcsdk.codec.context import Surroundings, predicted
from tcsdk.codec.guidance import Guidance, Painter, painter_of
from tcsdk.codec.joining import PackedTile
from tcsdk.codec.quality_map import Offsets
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import (
    Analysed,
    Decoded,
    analysis_window,
    crop_synthesis,
    synthesis_window,
)
from tcsdk.engines import ChosenEngine, Graph
from tcsdk.engines.base import AnyArrays, Arrays
from tcsdk.errors import EngineError
from tcsdk.model.folder import CodecFolder
from tcsdk.model.graphs import (
    ANALYSIS,
    CONTEXT_ANALYSIS,
    GRAPHS,
    OFFSETS,
    PROBABILITY,
    RESIDUAL,
    SYNTHESIS,
    TEXT,
    X_HAT,
    Z_GAIN,
    Z_INVERSE_GAIN,
    X,
    checked_outputs,
    planes_of,
)
from tcsdk.model.grids import Y_STRIDE


@dataclass(frozen=True)
class TileEncoder:
    """The encoding half of a loaded model.

    Attributes:
        bundle: Tables of the entropy path.
        analysis: The analysis graph.
        halo: Pixels of the picture that the graph sees around a tile.
        detects_text: Whether the graph says where text is.
        adaptive: Whether it says too how much finer blocks want to be coded.
        captioner: Makes states of captions; None for a model that is told none.
        residual: The graph that makes r of a model with a context; None of others.
    """

    bundle: Bundle
    analysis: Graph
    halo: int
    detects_text: bool
    adaptive: bool
    captioner: Captioner | None = None
    residual: Graph | None = None

    @classmethod
    def load(cls, model: CodecFolder, precision: str, engine: ChosenEngine) -> TileEncoder:
        """Load what encoding needs of a model folder."""
        graph, residual = engine.load(model.graph_file(precision, ANALYSIS)), None
        if model.has_context:
            residual = engine.load(model.graph_file(precision, RESIDUAL))
        captioner = Captioner.load(model, precision, engine)
        flags = model.detects_text, model.adaptive
        return cls(model.load_bundle(), graph, model.halo, *flags, captioner, residual)

    def analyse(
        self,
        pixels: NDArray[np.uint8],
        area: Box,
        z_level: int,
        *,
        concurrent: bool,
        caption: CaptionStates | None = None,
    ) -> tuple[Mapping[str, NDArray[np.float32]], Box]:
        """Picture -> z_hat, residual, and where text is if the model says so.

        Args:
            pixels: (H, W, 3) uint8, the whole picture.
            area: The tile or tiles to analyse; their surroundings are looked at too.
            z_level: How finely z is quantised.
            concurrent: Other tiles or pictures are analysed at the same time.
            caption: What the picture shows, for a model that is told; None for no caption.

        Returns:
            What `crop_analysis` takes: the graph's outputs, and the part of the picture it saw.

        Raises:
            EngineError: The runtime failed, or the graph's outputs are not as they should be.
        """
        x, window = analysis_window(pixels, area, self.halo)
        inputs = {X: x, **self.analysis_inputs(z_level, caption)}
        return self.checked(self.analysis.run(inputs, concurrent=concurrent)), window

    def analysis_inputs(self, z_level: int, caption: CaptionStates | None = None) -> Arrays:
        """What the analysis graph takes beside the pixels."""
        inputs = {Z_GAIN: _per_channel(self.bundle.z_gain[z_level])}
        if Z_INVERSE_GAIN in GRAPHS[self._role].inputs:
            inputs[Z_INVERSE_GAIN] = _per_channel(self.bundle.z_inverse_gain[z_level])
        if self.captioner is not None:
            inputs |= (caption or self.captioner.none()).inputs
        return inputs

    @property
    def _role(self) -> str:
        return ANALYSIS if self.residual is None else CONTEXT_ANALYSIS

    def checked(self, said: Arrays) -> Mapping[str, NDArray[np.float32]]:
        """The analysis graph's outputs, if they are what they should be."""
        outputs = checked_outputs(self._role, said)
        planes = planes_of(ANALYSIS, TEXT, outputs)
        promised = {PROBABILITY: self.detects_text, OFFSETS: self.adaptive}
        if any(given and plane not in planes for plane, given in promised.items()):
            raise EngineError(
                "the analysis graph does not say of text what its manifest says it "
                "does: the model is damaged"
            )
        if not all(np.isfinite(values).all() for values in outputs.values()):
            raise EngineError("the analysis graph gave NaN or infinity: the model is damaged")
        return outputs

    def predicted(
        self, tile: Analysed, quality: int, around: Surroundings, *, concurrent: bool
    ) -> Analysed:
        """Return a tile as `code` takes it: with r, where the model has a context.

        Args:
            tile: What the analysis graph says.
            quality: 0..63.
            around: Tiles and offsets of the picture.
            concurrent: Other tiles or pictures are encoded at the same time.

        Raises:
            EngineError: The runtime failed, or the graph gave NaN or infinity.
        """
        if self.residual is None or tile.seen is None:
            return tile
        r = predicted(self.bundle, self.residual, tile.seen, around, quality, concurrent=concurrent)
        return replace(tile, residual=r)

    def code(self, tile: Analysed, quality: int, roi: Offsets | None) -> bytes:
        """z_hat, residual -> payload.

        Args:
            tile: What the graphs say.
            quality: 0..63.
            roi: (h, w) offsets to the quality of each 16x16 block, or None.
        """
        return encode_tile(self.bundle, tile.z_hat, tile.residual, quality, roi=roi)

    def coded_activity(self, tile: PackedTile, box: Box, quality: int) -> NDArray[np.int32]:
        """Payload -> activity of each block, as a decoder will see it.

        Args:
            tile: What `code` made.
            box: Where the tile lies.
            quality: 0..63.

        Returns:
            (ceil(h/16), ceil(w/16)) int32, see `tcsdk.codec.blending.activity`.
        """
        size = box.on_grid(Y_STRIDE)
        _, r = decode_tile(
            self.bundle, tile.payload, quality, size.height, size.width, roi=tile.offsets
        )
        return activity(r)


@dataclass(frozen=True)
class TileDecoder:
    """The decoding half of a loaded model.

    Attributes:
        bundle: Tables of the entropy path.
        synthesis: The synthesis graph.
        halo: Pixels around a tile whose latents the graph sees too.
        painter: Paints sent text into pictures; None for a model that shows them as they are.
    """

    bundle: Bundle
    synthesis: Graph
    halo: int
    painter: Painter | None = None

    @classmethod
    def load(
        cls, model: CodecFolder, precision: str, engine: ChosenEngine, *, drawing: bool = True
    ) -> TileDecoder:
        """Load what decoding needs of a model folder.

        Args:
            model: The model folder.
            precision: Of its graphs.
            engine: Runs them.
            drawing: Whether sent text is drawn where the model does that.
        """
        graph = engine.load(model.graph_file(precision, SYNTHESIS))
        painter = painter_of(model, engine) if drawing else None
        return cls(model.load_bundle(), graph, model.halo, painter)

    def unpack(self, payload: memoryview, tile: Box, quality: int, roi: Offsets | None) -> Decoded:
        """Payload -> z_hat, r.

        Args:
            payload: The tile's bytes.
            tile: Where it lies.
            quality: 0..63.
            roi: (h, w) offsets as the encoder had them, or None.

        Raises:
            CorruptStreamError: The payload is damaged.
        """
        size = tile.on_grid(Y_STRIDE)
        z_hat, r = decode_tile(self.bundle, payload, quality, size.height, size.width, roi=roi)
        gains = partial(inverse_gain, self.bundle, quality, roi)
        return Decoded(z_hat, r, roi is not None, gains)

    def synthesise(
        self,
        area: Box,
        grid: TileGrid,
        tiles: Mapping[int, Decoded],
        quality: int,
        part: Box,
        *,
        concurrent: bool,
        guidance: Guidance | None = None,
    ) -> NDArray[np.uint8]:
        """z_hat, r -> picture.

        Args:
            area: What to look at, and as much around it as the graph sees: a tile, or another part
                whose x and y are multiples of 64.
            grid: The picture's tiles.
            tiles: Those of the area and their neighbours.
            quality: 0..63.
            part: What to return of the area.
            concurrent: Other tiles or pictures are synthesised at the same time.
            guidance: Text that was sent with the picture, for a model that draws it.

        Returns:
            (part.height, part.width, 3) uint8 RGB.

        Raises:
            EngineError: The runtime failed.
        """
        latents, window = self.latents(area, grid, tiles, quality, self.halo)
        inputs = {name: array.astype(np.float32) for name, array in latents.items()}
        outputs = checked_outputs(SYNTHESIS, self.synthesis.run(inputs, concurrent=concurrent))
        x_hat = outputs[X_HAT]
        if self.painter is not None and guidance is not None:
            x_hat = self.painter.paint(x_hat, window, part, guidance, concurrent=concurrent)
        return crop_synthesis(x_hat, part, window)

    def latents(
        self, area: Box, grid: TileGrid, tiles: Mapping[int, Decoded], quality: int, halo: int
    ) -> tuple[AnyArrays, Box]:
        """What the synthesis graph takes, in its own types, and what of the picture it makes."""
        inputs, window = synthesis_window(area, grid, halo, tiles)
        z_level = int(self.bundle.z_level_of_quality[quality])
        inputs[Z_INVERSE_GAIN] = _per_channel(self.bundle.z_inverse_gain[z_level])
        return inputs, window


def _per_channel(gains: NDArray[np.float32]) -> NDArray[np.float32]:
    """(C,) -> (1, C, 1, 1)."""
    return gains.reshape(1, -1, 1, 1)
