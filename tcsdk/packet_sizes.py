"""How much of a stream fits a number of packets."""

from __future__ import annotations

from tcsdk import _kernels
from tcsdk.arguments import whole

DEFAULT_PAYLOAD = 222  # bytes: LoRaWAN from DR4 on, Meshtastic, Iridium and raw LoRa take them
MOST_PAYLOAD = 4096
MOST_PACKETS = 128  # of data
# Behind a stream whose last byte looks like filling one more is sent.
END = 1


def room(packets: int, payload: int = DEFAULT_PAYLOAD, step: int = 1) -> int:
    """Return the bytes of the largest stream that takes so many packets of data.

    Args:
        packets: 1..128.
        payload: Most bytes of a packet.
        step: What a packet's size is billed in: a packet then ends with its last whole step.

    Raises:
        ValueError: A number is out of its range, or no step fits the payload.

    >>> room(1, 222), room(3, 340, step=50)
    (219, 893)
    """
    whole("packets", packets, 1, MOST_PACKETS)
    whole("payload", payload, 4, MOST_PAYLOAD)
    whole("step", step, 1, payload)
    size = _kernels.packet_header_size(packets, 0)
    return packets * (payload - payload % step - size) - END
