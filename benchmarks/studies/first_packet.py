"""What the first packet of three should hold, so that it is useful alone.

    python -m benchmarks.studies.first_packet [--sets rendered figures] [--pictures 40]

Of each picture there are three packets of 222 bytes: one stream, whose first part is decoded as far
as it goes (`prefix`: hyper-latents and the first channels of r, the rest 0); a smaller stream in
the first packet and a better one in the others (`coarse`); and one stream with the text of its
lines in front (`text`). A row per set and way: accuracy of what the first packet gives, and of the
whole. Rows go to benchmarks/results/first_packet.csv; docs/studies/first-packet.md has them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.known_lines import read_known
from benchmarks.rate_accuracy.measures import compare
from benchmarks.readers import READERS
from benchmarks.record import record
from benchmarks.sets import SETS, Folders, Picture
from benchmarks.sets.folders import add_folder_options
from tcsdk import _kernels, packets
from tcsdk.codec.container import split_stream
from tcsdk.model.find import find_model
from tcsdk.model.grids import Y_STRIDE

PAYLOAD, COUNT = 222, 3
WAYS = ("prefix", "coarse", "text")
PREVIEW_FRAME = 3  # bytes before a preview
Row = dict[str, object]


class Measure:
    """Pictures to accuracies."""

    def __init__(self, caseless: bool) -> None:
        self.encoder, self.decoder = tcsdk.Encoder("tfic"), tcsdk.Decoder()
        self.bundle = find_model("tfic", None)[0].load_bundle()
        self.reader, self.caseless = READERS["ppocr"](), caseless

    def accuracies(self, picture: Picture) -> Iterator[tuple[str, float, float]]:
        """Way, accuracy of the first packet, accuracy of the whole."""
        room = packets.room(COUNT, PAYLOAD)
        whole = self._encode(picture, room)
        yield "prefix", self._seen(picture, self._prefix(whole)), self._seen(picture, whole)
        first = packets.room(1, PAYLOAD) - PREVIEW_FRAME
        rest = self._encode(picture, room - first - PREVIEW_FRAME)
        coarse = self._encode(picture, first)
        yield "coarse", self._seen(picture, coarse), self._seen(picture, rest)
        texts = self._read(picture, picture.image)
        lines = [(line.quad, text) for line, text in zip(picture.lines, texts, strict=True) if text]
        said = self._encode(picture, room, text=lines)
        start = packets.split(said, PAYLOAD, 0)[0]
        sent = packets.text_in(packets.Joiner().add(start).start)
        alone = self._accuracy(picture, texts) if sent is not None else 0.0
        yield "text", alone, self._seen(picture, said)

    def _encode(self, picture: Picture, most: int, **options: object) -> bytes:
        return self.encoder.encode(picture.image, max_bytes=most, small=True, **options)

    def _prefix(self, stream: bytes) -> bytes:
        """The stream with those channels of r alone that its first packet has."""
        parts = split_stream(stream)
        box, (tile,) = parts.grid[0].on_grid(Y_STRIDE), parts.first.tiles
        map_ = None
        if tile.quality_map is not None:
            map_ = _kernels.decode_quality_map(tile.quality_map, box.height, box.width)
        quality = parts.first.quality
        z_hat, r = _kernels.decode_tile(
            self.bundle, tile.payload, quality, box.height, box.width, roi=map_
        )
        here = PAYLOAD - 2 - (len(stream) - len(tile.payload))  # bytes of the payload

        def payload(channels: int) -> bytes:
            kept = r.copy()
            kept[channels:] = 0
            return _kernels.encode_tile(self.bundle, z_hat, kept, quality, roi=map_)

        empty = len(payload(0))
        without = self._bytes_of_z(z_hat, quality, box, map_)
        fits = 0
        for channels in range(len(r) + 1):  # what follows is all zeros, and takes its share
            zeros = (empty - without) * (1 - channels / len(r))
            fits = channels if len(payload(channels)) - zeros <= here else fits
        header, chunks = _kernels.parse(stream)
        rest = [(c.type, stream[c.offset : c.offset + c.length]) for c in chunks[:-1]]
        return _kernels.write(header, [*rest, (chunks[-1].type, payload(fits))])

    def _bytes_of_z(self, z_hat: object, quality: int, box: object, map_: object) -> int:
        nothing = np.zeros((self.bundle.latent, box.height, box.width), np.int16)
        return len(_kernels.encode_tile(self.bundle, z_hat, nothing, quality, roi=map_, skip=63))

    def _seen(self, picture: Picture, stream: bytes) -> float:
        return self._accuracy(picture, self._read(picture, self.decoder.decode(stream)))

    def _read(self, picture: Picture, pixels: object) -> list[str]:
        return [reading.text for reading in read_known(self.reader, picture.lines, pixels)]

    def _accuracy(self, picture: Picture, texts: Sequence[str]) -> float:
        rows = zip(picture.lines, texts, strict=True)
        return float(
            np.mean([compare(line.text, text, self.caseless).accuracy for line, text in rows])
        )


def rows(args: argparse.Namespace, folders: Folders) -> Iterator[Row]:
    """A row per set and way."""
    for name in args.sets:
        measure = Measure(SETS[name].caseless)
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for picture in SETS[name].make(args.pictures, folders):
            for way, first, whole in measure.accuracies(picture):
                found[way].append((first, whole))
        for way in WAYS:
            first, whole = np.mean(found[way], axis=0)
            yield {
                "set": name,
                "pictures": args.pictures,
                "way": way,
                "first packet": f"{first:.3f}",
                "whole": f"{whole:.3f}",
            }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", default=["rendered", "figures"], choices=SETS)
    parser.add_argument("--pictures", type=int, default=40)
    add_folder_options(parser)
    args = parser.parse_args()
    made = []
    for row in rows(args, Folders.from_options(args)):
        print(row, flush=True)
        made.append({name: str(value) for name, value in row.items()})
    record(RESULTS / "first_packet.csv", made, ("set", "way"))


if __name__ == "__main__":
    main()
