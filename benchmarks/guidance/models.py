"""Our models as this measurement needs them: one encoder for all arms, and a decoder that draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import tcsdk
from benchmarks.codecs.ours import DEVICE, model_version
from benchmarks.sets import Picture
from tcsdk.codec.sent_text import SentLine
from tcsdk.model.find import find_model
from tcsdk.model.folder import CodecFolder


@dataclass
class Model:
    """A model, loaded when it first codes.

    Attributes:
        folder: Of the model.
        precision: That it codes with.
    """

    folder: CodecFolder
    precision: str
    _read: dict[str, list[SentLine]] = field(default_factory=dict, repr=False)

    @classmethod
    def find(cls, name: str) -> Model:
        """Find a model by its id or folder.

        Raises:
            UnknownModelError: No model is called so.
        """
        folder, named = find_model(name)
        return cls(folder, folder.precision_for(DEVICE, named))

    @property
    def name(self) -> str:
        """Family and precision: what rows call it, wherever its folder lies."""
        return f"{self.folder.family}-{self.precision}"

    @property
    def version(self) -> str:
        """The digest of its files."""
        return model_version(self.folder, self.precision)

    @property
    def draws(self) -> bool:
        """Whether it draws sent text into its pictures."""
        return self.folder.drawing is not None

    @cached_property
    def encoder(self) -> tcsdk.Encoder:
        """What codes with it."""
        return tcsdk.Encoder(self.folder.path, device=DEVICE, precision=self.precision)

    @cached_property
    def decoder(self) -> tcsdk.Decoder:
        """What shows its streams, with what is drawn."""
        return tcsdk.Decoder(DEVICE, precision=self.precision, models=[self.folder.path])

    @cached_property
    def undrawn(self) -> tcsdk.Decoder:
        """What shows its streams as they are coded alone."""
        return tcsdk.Decoder(
            DEVICE, precision=self.precision, models=[self.folder.path], drawing=False
        )

    def sent(self, picture: Picture) -> list[SentLine]:
        """The lines that a device sends with a picture, read once; none of one that draws none.

        They are those of a stream: on the format's grid, and only letters that are small.
        """
        if not self.draws:
            return []
        if picture.digest not in self._read:
            text = tcsdk.inspect(self.encoder.encode(picture.image, quality=0, scale=1.0)).text
            self._read = {picture.digest: list(text.lines) if text else []}
        return self._read[picture.digest]
