"""Packets: streams cut for links of small payloads that lose some of them.

>>> from tcsdk import packets
>>> stream = bytes(range(1, 250)) * 2
>>> sent = packets.split(stream, payload=222, parity=0.3)
>>> [len(packet) for packet in sent]
[168, 168, 168, 168]
>>> joiner = packets.Joiner()
>>> for packet in (sent[3], sent[0], sent[1]):  # one is lost, the order is another
...     joined = joiner.add(packet)
>>> joined.fate, joined.stream == stream
('whole', True)

docs/use/packets.md says how to choose, docs/reference/packets.md has the bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tcsdk import _kernels
from tcsdk.arguments import whole
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import SentText, sent_text_in
from tcsdk.packet_sizes import DEFAULT_PAYLOAD, END, MOST_PAYLOAD, room

__all__ = ["Joined", "Joiner", "parity_packets", "room", "split", "text_in"]

DEFAULT_PARITY = 0.3
_TARGET = re.compile(r"\s*(0?\.\d+)\s*at\s*(0?\.\d+)\s*")


def split(
    stream: bytes,
    payload: int = DEFAULT_PAYLOAD,
    parity: float | str = DEFAULT_PARITY,
    *,
    preview: bytes = b"",
) -> list[bytes]:
    """Cut a stream into packets; any of them, as many as there are of data, give it back.

    Args:
        stream: What `encode` made, or other bytes that do not begin with C0.
        payload: Most bytes of a packet, its header of 2 or 3 included.
        parity: Packets to add: the share of those of data, rounded up (0 for none), or what is to
            be reached, such as "0.99 at 0.2": of 100 streams 99 arrive whole where every fifth
            packet is lost.
        preview: A stream that shows something alone, such as a smaller one of the same picture;
            the first packet holds it whole. b"" for none.

    Returns:
        Packets of data in order, then those of parity.

    Raises:
        ValueError: The payload is too small for so many bytes, or for the preview; the parity is
            none.
    """
    whole("payload", payload, 4, MOST_PAYLOAD)
    count, before = 0, -1
    while count != before:  # a longer header may make one more packet
        before = count
        size = len(stream) + END + (len(preview) + 3 if preview else 0)
        data, _ = _kernels.cut_message(size, payload, count)
        count = max(count, parity_packets(data, parity))
    return _kernels.split_message(stream, payload, count, preview)


def parity_packets(data: int, parity: float | str) -> int:
    """Return how many packets of parity a number of packets of data gets.

    Args:
        data: 1..128.
        parity: As for `split`.

    Raises:
        ValueError: Neither a share nor a target.

    >>> parity_packets(3, 0.3), parity_packets(3, "0.99 at 0.2")
    (1, 4)
    """
    if isinstance(parity, str):
        match = _TARGET.fullmatch(parity)
        if match is None:
            raise ValueError(
                f"expected parity as a share or a target such as '0.99 at 0.2', got {parity!r}"
            )
        return _kernels.parity_for_delivery(data, float(match[1]), float(match[2]))
    return _kernels.parity_of_share(data, float(parity))


@dataclass(frozen=True)
class Joined:
    """What became of a packet, and what is here of its stream.

    Attributes:
        fate: "whole": the stream is complete. "added": it is not yet. Of packets that are not
            needed: "duplicate", it was here already; "late", the stream was complete already.
            "mixed": with it a stream would be complete and is none, so that it is of another one,
            or damaged; it opens a stream anew.
        number: Of the stream, 0..255; another one may have the same.
        index: Of the packet, from 0; from `needed` on one of parity.
        held: Packets of the stream that are here.
        needed: Packets that it takes, whichever.
        missing: Packets of data that are not here; () where it is whole.
        stream: The whole stream; None before.
        start: What is here of the stream from its first byte on, without a gap.
        preview: The preview that came along, or None: a stream that decodes alone.
    """

    fate: str
    number: int
    index: int
    held: int
    needed: int
    missing: tuple[int, ...]
    stream: bytes | None
    start: bytes
    preview: bytes | None


class Joiner:
    """Join packets, in any order, of several senders and streams at once.

    Args:
        streams: Most streams to keep, complete ones too, by which late packets are known.
        max_bytes: Most bytes of their packets to keep. What came last of the sender that has most
            stays.
    """

    def __init__(self, *, streams: int = 64, max_bytes: int = 1 << 22) -> None:
        whole("streams", streams, 1)
        whole("max_bytes", max_bytes, 1)
        self._joiner = _kernels.PacketJoiner(messages=streams, bytes=max_bytes)

    def add(self, packet: bytes, sender: str | bytes = b"") -> Joined:
        """Take a packet.

        Args:
            packet: As `split` made it.
            sender: Whatever tells senders apart: an address, a name. The same number of two of
                them is two streams.

        Raises:
            TruncatedStreamError: Too short to be a packet.
            StreamLimitError: Too long to be one.
        """
        key = sender.encode() if isinstance(sender, str) else bytes(sender)
        joined = self._joiner.add(packet, key)
        is_whole = joined.fate == "whole"
        return Joined(
            fate=joined.fate,
            number=joined.number,
            index=joined.index,
            held=joined.held,
            needed=joined.data,
            missing=tuple(joined.missing),
            stream=joined.message if is_whole else None,
            start=joined.message,
            preview=joined.preview or None,
        )


def text_in(start: bytes) -> SentText | None:
    """Read the text that was sent beside a picture from the first bytes of its stream.

    Nothing but the link's own checks says that they are sound: a small stream's check is over all
    of it, and can be looked at when it is whole.

    Args:
        start: `Joined.start`.

    Returns:
        The text, or None where there is none, or not all of it is here.

    Raises:
        BitstreamError: These are not the first bytes of a stream, or the text is damaged.
    """
    header, chunks = _kernels.parse(start, lenient=True)
    sizes = Sizes.of((header.width, header.height), header.shown)
    return sent_text_in(start, chunks, sizes)
