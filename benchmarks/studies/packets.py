"""Packets: what hostile ones do, what is delivered, and what the work beside the codec takes.

    python -m benchmarks.studies.packets hostile [--packets 1000000] [--seed 1]
    python -m benchmarks.studies.packets delivery [--streams 20000]
    python -m benchmarks.studies.packets parity
    python -m benchmarks.studies.packets time [--repeats 200]

`hostile` gives one joiner packets of small streams, all of them damaged, forged or exchanged, among
a few sound ones, and counts what became of them; a stream that comes out whole and was not sent
("silent") ends it with exit code 1. `delivery` loses packets and compares with the binomial.
`parity` prints the table of docs/use/packets.md. `time` prints medians of milliseconds.
Rows of `hostile`, `delivery` and `time` go to benchmarks/results/packets_WHAT.csv.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator

from benchmarks.paths import LABEL, RESULTS
from benchmarks.speed.timing import milliseconds
from tcsdk import _kernels, packets
from tcsdk.errors import BitstreamError

Row = dict[str, object]
PARITY = "0.99 at 0.2"


def small_stream(dice: random.Random) -> bytes:
    """A sound small stream of random bytes."""
    header = _kernels.Header(
        width=dice.randint(1, 512),
        height=dice.randint(1, 512),
        quality=20,
        wire_id=1,
        small=True,
        bundle_check=0x1234,
    )
    return _kernels.write(header, [(1, dice.randbytes(dice.randint(20, 600)))])


def is_sound(stream: bytes) -> bool:
    """Whether a reader would take it: its check is that of the bundle."""
    try:
        return _kernels.parse(stream)[0].bundle_check == 0x1234
    except BitstreamError:
        return False


def hostile_packet(dice: random.Random, sound: list[bytes], other: list[bytes]) -> bytes:
    """One that was never sent so: changed, cut, made up, or with another one's header."""
    packet = dice.choice(sound)
    kind = dice.randrange(5)
    if kind == 0:
        at = dice.randrange(len(packet))
        return packet[:at] + bytes([packet[at] ^ dice.randint(1, 255)]) + packet[at + 1 :]
    if kind == 1:
        return packet[: dice.randrange(len(packet))]
    if kind == 2:
        return dice.randbytes(dice.randint(0, 230))
    if kind == 3:
        return packet[:2] + dice.randbytes(len(packet) - 2)
    return packet[:2] + dice.choice(other)[2:]


def hostile_rows(args: argparse.Namespace) -> Iterator[Row]:
    """A row: what became of so many packets."""
    dice, joiner = random.Random(args.seed), packets.Joiner(streams=32, max_bytes=1 << 16)
    fates: Counter[str] = Counter()
    sent: set[bytes] = set()
    streams = [small_stream(dice) for _ in range(4)]
    cut = [packets.split(stream, 222, 0.5) for stream in streams]
    sent.update(streams)
    for count in range(args.packets):
        if count % 50 == 0:
            which = dice.randrange(4)
            streams[which] = small_stream(dice)
            cut[which] = packets.split(streams[which], 222, 0.5)
            sent.add(streams[which])
        sound, other = dice.sample(cut, 2)
        hostile = dice.random() < 0.9
        packet = hostile_packet(dice, sound, other) if hostile else dice.choice(sound)
        try:
            joined = joiner.add(packet, dice.choice("ab"))
        except BitstreamError as error:
            fates[type(error).__name__] += 1
            continue
        fates[joined.fate] += 1
        if joined.stream is None or joined.stream in sent:
            continue
        fates["whole, refused by its check"] += 1
        fates["silent"] += is_sound(joined.stream)
    yield {
        "packets": args.packets,
        "seed": args.seed,
        "silent": fates.pop("silent", 0),
        **dict(sorted(fates.items())),
    }


def at_least(data: int, count: int, arrives: float) -> float:
    """The chance that `data` of `count` packets arrive."""
    return sum(
        math.comb(count, k) * arrives**k * (1 - arrives) ** (count - k)
        for k in range(data, count + 1)
    )


def delivery_rows(args: argparse.Namespace) -> Iterator[Row]:
    """A row per number of data packets: the share of streams that arrive whole, as measured."""
    dice = random.Random(args.seed)
    for data in (1, 3, 5, 10):
        header = _kernels.packet_header_size(data, 1)
        stream = dice.randbytes(20 * data).replace(b"\xc0", b"\x01").replace(b"\0", b"\x01")
        stream = stream.replace(b"\x80", b"\x01")
        for parity in (1, packets.parity_packets(data, PARITY)):
            sent = _kernels.split_message(stream, 20 + header, parity, b"")
            whole = 0
            for _ in range(args.streams):
                joiner = packets.Joiner()
                arrived = [packet for packet in sent if dice.random() >= 0.2]
                whole += any(joiner.add(packet).stream == stream for packet in arrived)
            chance = at_least(data, len(sent), 0.8)
            spread = 1.96 * math.sqrt(chance * (1 - chance) / args.streams)
            yield {
                "data": data,
                "parity": len(sent) - data,
                "loss": 0.2,
                "streams": args.streams,
                "delivered": f"{whole / args.streams:.4f}",
                "binomial": f"{chance:.4f}",
                "95 % interval": f"{spread:.4f}",
            }


def parity_rows(args: argparse.Namespace) -> Iterator[Row]:
    """A row per number of data packets: parity packets by loss and target."""
    for data in range(1, 11):
        counts = {
            f"{delivery} at {loss}": packets.parity_packets(data, f"{delivery} at {loss}")
            for delivery in (0.9, 0.99, 0.999)
            for loss in (0.05, 0.1, 0.2, 0.3)
        }
        yield {"data": data, "0.3": packets.parity_packets(data, 0.3), **counts}


def time_rows(args: argparse.Namespace) -> Iterator[Row]:
    """A row per step beside the codec: medians."""
    import tcsdk

    stream = tcsdk.encode(LABEL, small=True, max_packets=3)
    sent = packets.split(stream, 222, PARITY)
    header, chunks = _kernels.parse(stream)
    parts = [(c.type, stream[c.offset : c.offset + c.length]) for c in chunks]

    def join() -> None:
        joiner = packets.Joiner()
        for packet in sent[-header_of(sent) :]:
            joiner.add(packet)

    steps: dict[str, Callable[[], object]] = {
        "write a small stream": lambda: _kernels.write(header, parts),
        "parse it": lambda: _kernels.parse(stream),
        "split": lambda: packets.split(stream, 222, PARITY),
        "join, the first packets lost": join,
    }
    for name, step in steps.items():
        times = [milliseconds(step) for _ in range(args.repeats)]
        yield {
            "step": name,
            "repeats": args.repeats,
            "median, ms": f"{statistics.median(times):.4f}",
        }


def header_of(sent: list[bytes]) -> int:
    """Packets of data of a message."""
    return _kernels.read_packet_header(sent[0])[1]


WHAT: dict[str, Callable[[argparse.Namespace], Iterator[Row]]] = {
    "hostile": hostile_rows,
    "delivery": delivery_rows,
    "parity": parity_rows,
    "time": time_rows,
}


def main() -> int:
    """Print the rows as a table and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=WHAT)
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--streams", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rows = []
    for row in WHAT[args.what](args):
        if not rows:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print("| " + " | ".join(map(str, row.values())) + " |", flush=True)
        rows.append(row)
    if args.what != "parity":
        with (RESULTS / f"packets_{args.what}.csv").open("w", newline="", encoding="ascii") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return 1 if any(row.get("silent") for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
