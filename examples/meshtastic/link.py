"""Send a picture over a Meshtastic mesh, and receive it.

    python examples/meshtastic/link.py send camera.png [--max-packets 3] [--parity "0.99 at 0.2"]
    python examples/meshtastic/link.py receive FOLDER

The radio is on USB, or at --host. Packets go out on the port of private programs (256), each a
message of at most 233 bytes, without acknowledgements: parity stands in for them, which a broadcast
to several receivers could not have. A mesh has little room: at the usual speed (LongFast) a packet
of 230 bytes is on the air for two seconds, and --pause keeps others their share. Needs the extra
[links].
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from meshtastic.mesh_interface import MeshInterface
from meshtastic.protobuf import mesh_pb2, portnums_pb2
from pubsub import pub

import tcsdk
from tcsdk import packets
from tcsdk.output import write_file

PAYLOAD = int(mesh_pb2.Constants.DATA_PAYLOAD_LEN)
PORT = portnums_pb2.PortNum.PRIVATE_APP
TOPIC = "meshtastic.receive.data.PRIVATE_APP"
EVERYBODY = "^all"
logger = logging.getLogger("tcsdk.meshtastic")


def send(
    interface: MeshInterface,
    sent: Sequence[bytes],
    destination: str | int = EVERYBODY,
    pause: float = 4.0,
) -> None:
    """Hand packets to a radio, with seconds between them."""
    for index, packet in enumerate(sent):
        if index:
            time.sleep(pause)
        interface.sendData(packet, destination, portNum=PORT)


class Receiver:
    """What joins the packets that radios hear.

    Args:
        on_stream: Called with a stream and the number of the node that sent it.
    """

    def __init__(self, on_stream: Callable[[bytes, int], None]) -> None:
        self._on_stream, self._joiner = on_stream, packets.Joiner()
        pub.subscribe(self.on_packet, TOPIC)

    def on_packet(self, packet: dict[str, Any], interface: MeshInterface) -> None:
        """Take a packet; others may use the same port, so one that is none is logged alone."""
        sender = packet["from"]
        try:
            joined = self._joiner.add(packet["decoded"]["payload"], sender=str(sender))
        except tcsdk.BitstreamError as error:
            logger.warning("from %d, heard by %s: %s", sender, interface, error)
            return
        logger.info("from %d: %s, %d of %d", sender, joined.fate, joined.held, joined.needed)
        if joined.stream is not None:
            self._on_stream(joined.stream, sender)


def opened(host: str | None) -> MeshInterface:
    """Return the radio at a host, or on USB."""
    if host is not None:
        from meshtastic.tcp_interface import TCPInterface

        return TCPInterface(hostname=host)
    from meshtastic.serial_interface import SerialInterface

    return SerialInterface()


def main() -> None:
    """Send or receive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("send", "receive"))
    parser.add_argument("path", type=Path, help="a picture, or the folder for what is received")
    parser.add_argument("--host", help="of a radio on the network; without it the one on USB")
    parser.add_argument("--max-packets", type=int, default=3)
    parser.add_argument("--parity", default="0.99 at 0.2")
    parser.add_argument("--pause", type=float, default=4.0, help="seconds between packets")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    interface = opened(args.host)
    if args.what == "send":
        options = {"max_packets": args.max_packets, "payload": PAYLOAD}
        stream = tcsdk.encode(args.path, small=True, **options)
        send(interface, packets.split(stream, PAYLOAD, args.parity), pause=args.pause)
        return
    Receiver(lambda stream, sender: write_file(args.path / f"{sender:08x}.tcs", stream))
    while True:
        time.sleep(1)


if __name__ == "__main__":
    main()
