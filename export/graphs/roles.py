"""Which graphs a codec has: two, or three with a context; and an encoder that is told captions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import onnx
from torch import nn

from tcsdk.export.graphs.caption_graphs import (
    CaptionedAnalysisGraph,
    CaptionedContextGraph,
    CaptionGraph,
    export_caption,
    export_captioned_analysis,
    export_captioned_context,
)
from tcsdk.export.graphs.context_graphs import (
    ContextAnalysisGraph,
    ContextSynthesisGraph,
    ResidualGraph,
    export_context_analysis,
    export_context_synthesis,
    export_residual,
)
from tcsdk.export.graphs.float_graphs import (
    AnalysisGraph,
    SynthesisGraph,
    export_analysis,
    export_synthesis,
)
from tcsdk.model.graphs import ANALYSIS, CAPTION, RESIDUAL, SYNTHESIS
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.grouped import GroupedCodec


@dataclass(frozen=True)
class Role:
    """One of a codec's graphs.

    Attributes:
        module: makes its torch form of a codec.
        export: makes its float ONNX form of a codec.
    """

    module: Callable[[Any], nn.Module]
    export: Callable[[Any], onnx.ModelProto]


ROLES = {
    ANALYSIS: Role(AnalysisGraph, export_analysis),
    SYNTHESIS: Role(SynthesisGraph, export_synthesis),
}
CONTEXT_ROLES = {
    ANALYSIS: Role(ContextAnalysisGraph, export_context_analysis),
    RESIDUAL: Role(ResidualGraph, export_residual),
    SYNTHESIS: Role(ContextSynthesisGraph, export_context_synthesis),
}
_CAPTION = Role(CaptionGraph, export_caption)
# Of what an encoder has of its own that is told captions.
TOLD_ROLES = {
    CAPTION: _CAPTION,
    ANALYSIS: Role(CaptionedAnalysisGraph, export_captioned_analysis),
}
TOLD_CONTEXT_ROLES = {
    CAPTION: _CAPTION,
    ANALYSIS: Role(CaptionedContextGraph, export_captioned_context),
}


def roles_of(codec: Codec) -> Mapping[str, Role]:
    """Return the graphs of a codec by their roles, in the order in which they run."""
    return CONTEXT_ROLES if isinstance(codec, GroupedCodec) else ROLES


def told_roles_of(codec: Codec) -> Mapping[str, Role]:
    """Return the graphs by their roles of an encoder that is told captions, what it has itself."""
    return TOLD_CONTEXT_ROLES if isinstance(codec, GroupedCodec) else TOLD_ROLES
