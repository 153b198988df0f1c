"""Model folders of encoders that are told what a picture shows, over the codec that decodes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

from tcsdk._kernels import Bundle
from tcsdk.errors import ModelFileError
from tcsdk.model.folder import CodecFolder, ModelFolder
from tcsdk.model.graphs import (
    ANALYSIS,
    CAPTION,
    CAPTIONED_ANALYSIS,
    CAPTIONED_CONTEXT_ANALYSIS,
)
from tcsdk.model.manifest import MANIFEST


@dataclass(frozen=True)
class CaptionedFolder(ModelFolder):
    """An encoder's own files: it is told what a picture shows, and a codec beside it decodes.

    Attributes:
        backbone: Name of the codec's folder.
        backbone_bundle: Hex digest of the codec's entropy bundle.
        tokeniser: What cuts captions: one of tcsdk.model.tasks.TOKENISERS.
        vocabulary: Name of the file that it needs, or None.
        tokens: Most tokens of a caption.
        channels: Of a token's states.
    """

    backbone: str
    backbone_bundle: str
    tokeniser: str
    vocabulary: str | None
    tokens: int
    channels: int

    def read_vocabulary(self) -> str:
        """Return the text of the file that its tokeniser needs.

        Raises:
            ModelFileError: The manifest names none, or as of a ModelFolder.
        """
        if self.vocabulary is None:
            raise ModelFileError(
                f"{self.path / MANIFEST}: expected the name of a vocabulary, which the tokeniser "
                f"{self.tokeniser!r} needs, got none: export the model again"
            )
        return self.read_checked(self.vocabulary).decode("utf-8", "replace")

    def with_codec(self, codec: CodecFolder) -> CaptionedCodec:
        """Return the codec as this encoder's: its own analysis, the codec's other parts.

        Raises:
            ModelFileError: The two have no precision in common.
        """
        rows = {
            name: {**codec.precisions[name], **row}
            for name, row in self.precisions.items()
            if name in codec.precisions
        }
        if not rows:
            raise ModelFileError(
                f"{self.path / MANIFEST}: expected a precision that {codec.family} has too "
                f"({', '.join(codec.precisions)}), got {', '.join(self.precisions)}"
            )
        own = {
            "path": self.path,
            "family": self.family,
            "precisions": rows,
            "default_precision": self.default_precision,
        }
        codecs = {part.name: getattr(codec, part.name) for part in fields(CodecFolder)}
        return CaptionedCodec(**{**codecs, **own}, told=self, decodes=codec)


@dataclass(frozen=True)
class CaptionedCodec(CodecFolder):
    """A codec whose encoder is told what a picture shows; its streams are those of `decodes`.

    Attributes:
        told: The encoder's own files.
        decodes: The codec, under its own name.
    """

    told: CaptionedFolder = field(kw_only=True)
    decodes: CodecFolder = field(kw_only=True)

    @property
    def roles(self) -> tuple[str, ...]:
        """What its graphs do, in the order in which they run."""
        return (CAPTION, *self.decodes.roles)

    def contract(self, role: str) -> str:
        """Return what the graph of a role takes and gives."""
        if role != ANALYSIS:
            return super().contract(role)
        return CAPTIONED_CONTEXT_ANALYSIS if self.has_context else CAPTIONED_ANALYSIS

    @property
    def size(self) -> int:
        """Bytes of all files that both manifests list, these included."""
        return self.told.size + self.decodes.size

    def graph_path(self, precision: str, role: str) -> Path:
        """Return where the graph of a role lies; nothing is looked at."""
        return self._holder(role).graph_path(precision, role)

    def graph_file(self, precision: str, role: str) -> Path:
        """Return the path of the graph of a role after checking all its files.

        Raises:
            ModelFileError: As of a ModelFolder.
        """
        return self._holder(role).graph_file(precision, role)

    def read_checked(self, name: str) -> bytes:
        """Return a file of the codec after comparing it with the manifest's hash.

        Raises:
            ModelFileError: As of a ModelFolder.
        """
        return self.decodes.read_checked(name)

    def load_bundle(self) -> Bundle:
        """Load the codec's entropy bundle.

        Raises:
            ModelFileError, BundleError: As of a CodecFolder.
        """
        return self.decodes.load_bundle()

    def _holder(self, role: str) -> ModelFolder:
        return self.told if role in self.told.roles else self.decodes
