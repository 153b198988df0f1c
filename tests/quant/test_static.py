import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the [train] extra: make test-train")

from tcsdk.export.graphs import export_analysis, export_synthesis  # noqa: E402
from tcsdk.models.edge import EdgeCodec  # noqa: E402
from tcsdk.quant.static import StaticQuantiser, float_nodes  # noqa: E402

pytestmark = pytest.mark.train


def test_calibration_refuses_no_pictures():
    with pytest.raises(ValueError, match="at least one picture"):
        StaticQuantiser(EdgeCodec(), [])


def test_calibration_refuses_pictures_of_several_shapes():
    pictures = [np.zeros((3, 64, 64), np.float32), np.zeros((3, 64, 128), np.float32)]
    with pytest.raises(ValueError, match="one shape"):
        StaticQuantiser(EdgeCodec(), pictures)


@pytest.mark.parametrize("export", [export_analysis, export_synthesis])
def test_means_network_and_latents_stay_float(export):
    model = export(EdgeCodec().eval())
    kept = set(float_nodes(model))
    for node in model.graph.node:
        means = any(name.startswith("means.") for name in node.input)
        layer = any(name.startswith(("g_a.", "g_s.", "h_a.")) for name in node.input)
        assert (node.name in kept) or not means
        assert (node.name not in kept) or not layer
