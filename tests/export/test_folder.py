"""A model folder made from random weights: complete, exact where promised, refused when damaged."""

import hashlib
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the [train] extra: make test-train")

import tcsdk  # noqa: E402
from tcsdk._kernels import Bundle  # noqa: E402
from tcsdk.export.folder import (  # noqa: E402
    MANIFEST,
    PRIVATE_WIRE_ID,
    canonical_digest,
    load_checkpoint,
    write_folder,
)
from tcsdk.export.scale_network import to_integers, torch_twin  # noqa: E402
from tcsdk.export.verify import verify_graphs, verify_scale_network  # noqa: E402
from tcsdk.models.edge import EdgeCodec  # noqa: E402
from tcsdk.quant.static import StaticQuantiser  # noqa: E402

pytestmark = pytest.mark.train


def gradient(height, width):
    """A smooth picture (3, H, W) float32 in 0..1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.stack([x / width, y / height, 0.5 + 0.5 * np.sin(x / 9)])


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    torch.manual_seed(3)
    codec = EdgeCodec()
    with torch.no_grad():  # gains far from one, so that a gain in the wrong place shows
        codec.gains.log_z_gain.uniform_(-1.0, 1.5)
    root = tmp_path_factory.mktemp("export")
    torch.save({k: v.half() for k, v in codec.state_dict().items()}, root / "weights.pt")
    checkpoint = load_checkpoint(root)
    folder = root / "zoo" / "mine"
    pictures = [gradient(64, 128), 1 - gradient(64, 128)]
    quantise = StaticQuantiser(checkpoint.codec, pictures)
    write_folder(checkpoint, "mine", folder, quantise, pictures)
    return checkpoint, folder


def test_graphs_and_scale_network_equal_torch(exported):
    checkpoint, folder = exported
    results = [
        *verify_graphs(checkpoint, folder, gradient(128, 192)[None]),
        verify_scale_network(checkpoint, folder),
    ]
    assert [r for r in results if not r.ok] == []
    assert {"fp32 x_hat (dB)", "int8 x_hat (dB)", "scale indexes"} <= {r.name for r in results}


def test_integer_network_stays_close_to_the_float_one(exported):
    checkpoint, folder = exported
    bundle = Bundle((folder / "entropy.tcsb").read_bytes())
    network = to_integers(checkpoint.codec.scales, bundle.z_inverse_gain)
    z_hat = np.random.default_rng(1).integers(-4, 5, (32, 5, 6)).astype(np.int8)
    with torch.no_grad():
        dequantised = (
            torch.from_numpy(z_hat.astype(np.float32))
            * torch.tensor(bundle.z_inverse_gain[2])[:, None, None]
        )
        real = checkpoint.codec.scales(dequantised[None])[0].numpy()
    assert np.abs(torch_twin(network, z_hat, 2) - real).max() < 1.0


def test_manifest_lists_every_file_with_its_hash(exported):
    _, folder = exported
    manifest = json.loads((folder / MANIFEST).read_text())
    names = {p.name for p in folder.iterdir()} - {MANIFEST}
    assert set(manifest["sha256"]) == names
    for name in names:
        assert manifest["sha256"][name] == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    for entry in manifest["precisions"].values():
        assert set(entry["files"]) <= names


def test_families_of_ones_own_get_a_private_wire_id(exported):
    checkpoint, folder = exported
    bundle = Bundle((folder / "entropy.tcsb").read_bytes())
    assert bundle.wire_id == PRIVATE_WIRE_ID
    assert bundle.digest == checkpoint.digest


def test_digest_depends_on_values_and_names_alone(exported):
    checkpoint, _ = exported
    reordered = dict(sorted(checkpoint.values.items(), reverse=True))
    assert canonical_digest(reordered) == checkpoint.digest
    name = next(iter(reordered))
    changed = {**reordered, name: reordered[name] + np.float16(0.25)}
    assert canonical_digest(changed) != checkpoint.digest


def test_checkpoint_is_read_back_from_the_model_folder(exported):
    checkpoint, folder = exported
    assert load_checkpoint(folder).digest == checkpoint.digest


def test_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"weights\.pt"):
        load_checkpoint(tmp_path)


def test_int8_form_is_small(exported):
    _, folder = exported
    files = json.loads((folder / MANIFEST).read_text())["precisions"]["int8"]["files"]
    assert sum((folder / name).stat().st_size for name in files) <= 3_000_000


def test_exported_model_codes_pictures(exported):
    _, folder = exported
    picture = (gradient(100, 150).transpose(1, 2, 0) * 255).astype(np.uint8)
    for precision in ("fp32", "int8"):
        data = tcsdk.Encoder(folder, precision=precision, quality=40).encode(picture)
        assert tcsdk.Decoder(models=[folder]).decode(data).shape == picture.shape


def test_failed_export_leaves_the_old_folder(exported, tmp_path):
    checkpoint, _ = exported
    target = tmp_path / "kept"
    target.mkdir()
    (target / "old").write_text("old")

    def fail(role, model):
        raise RuntimeError("calibration failed")

    with pytest.raises(RuntimeError, match="calibration failed"):
        write_folder(checkpoint, "mine", target, fail, [gradient(64, 64)])
    assert [p.name for p in target.iterdir()] == ["old"]
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]
