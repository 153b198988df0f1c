"""The whole of it: an untrained codec with a context, a model that draws over it, and a peer."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont
from support.context_model import taught, write_context_model

from benchmarks.guidance.__main__ import main
from benchmarks.record import read
from tcsdk.export.drawing import write_drawing
from tcsdk.models.codecs.elic import ElicCodec, ElicConfig
from tcsdk.models.codecs.fusion import FusionBlock
from tcsdk.models.families import PRIVATE_WIRE_ID, DrawingFamily
from tcsdk.train.render.atlas import FONT
from tcsdk.train.run.weights import Origin, load_weights, save_weights

pytestmark = [pytest.mark.train, pytest.mark.ocr, pytest.mark.slow]
SAYS = ("Gate 24 opens at 0815", "Platform 7 to Harbour", "Mind the step 4071")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Folders of both, of random weights."""
    zoo = tmp_path_factory.mktemp("zoo")
    torch.manual_seed(1)
    config = ElicConfig(width=16, latent=24, groups=(4, 4, 16), hyper=8, context=(24, 16))
    write_context_model(zoo / "mine", taught(ElicCodec(config)))
    block = {f"fusion.{name}": value for name, value in FusionBlock().state_dict().items()}
    run = zoo / "run.safetensors"
    save_weights(run, {**load_weights(zoo / "mine"), **block}, Origin("guided", "drawn", 1, 1))
    row = DrawingFamily("guided", PRIVATE_WIRE_ID + 1, ("drawn",), "mine", 16)
    write_drawing(run, "drawn", row, zoo / "drawn")
    return zoo / "mine", zoo / "drawn"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder with one scene of three lines."""
    folder = tmp_path_factory.mktemp("data")
    image = Image.new("RGB", (448, 192), (224, 220, 210))
    draw, font, items = ImageDraw.Draw(image), ImageFont.truetype(str(FONT), 13), []
    for k, text in enumerate(SAYS):
        x0, y0, x1, y1 = draw.textbbox((20, 20 + 50 * k), text, font=font)
        draw.text((20, 20 + 50 * k), text, (20, 20, 30), font=font)
        items.append({"text": text, "poly": [x0, y0, x1, y0, x1, y1, x0, y1]})
    (folder / "dev" / "scene").mkdir(parents=True)
    image.save(folder / "dev" / "scene" / "a.png")
    with (folder / "dev" / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "width", "height", "transcript"))
        writer.writerow(("scene/a.png", *image.size, json.dumps({"items": items})))
    return folder


@pytest.mark.skipif(not FONT.is_file(), reason="needs Debian's fonts-dejavu-core")
def test_models_by_their_folders_are_measured_once(models, data, tmp_path):
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    mine, drawn = map(str, models)
    command = ["scene", "--codecs", mine, drawn, "webp", "--peer-points", "2", "--regions", mine]
    command += ["--qualities", "30", "--controls", "30", "--readers", "ppocr"]
    command += ["--data", str(data), "--cache", str(tmp_path / "cache"), "--results", str(tmp_path)]
    main([*command, "--minutes", "0"])
    assert not list(tmp_path.glob("*.csv"))
    main(command)
    rows = {(r["codec"], r["setting"]): r for r in read(tmp_path / "guidance_scene.csv")}
    name = "drawn-fp32"
    controls = [(f"{name}, {arm} strings", "q30") for arm in ("true", "wrong")]
    assert [key for key in rows if key[0] != "webp"] == [
        ("original", "png"), ("mine-fp32", "q30"), (name, "q30"), ("mine-fp32, roi", "q30"),
        *controls, (f"{name}, strings alone", ""),
    ]  # fmt: skip
    assert float(rows["original", "png"]["ppocr"]) > 0.9
    assert float(rows[f"{name}, strings alone", ""]["ppocr"]) > 0.3  # a sent place is larger
    assert float(rows[name, "q30"]["text_bytes"]) > 20
    assert float(rows["mine-fp32, roi", "q30"]["bytes"]) > float(rows["mine-fp32", "q30"]["bytes"])
    (trust,) = read(tmp_path / "guidance_scene_trust.csv")
    assert int(trust["wrong"]) > 0
    assert np.isclose(sum(int(v) for k, v in trust.items() if k.startswith("unguided")),
                      int(trust["wrong"]))  # fmt: skip
    cached = (tmp_path / "cache" / "scene.csv").read_bytes()
    main([*command, "--minutes", "0"])
    assert (tmp_path / "cache" / "scene.csv").read_bytes() == cached
    assert len(read(tmp_path / "guidance_scene.csv")) == len(rows)
