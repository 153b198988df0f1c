"""examples/meshtastic: a picture through Meshtastic's own package, over radios that are simulated.

Meshtastic ships a simulator of its firmware, which is no Python package: here the two sides are its
`MeshInterface`, and what stands between them takes and gives the protobufs that a radio does.
"""

from __future__ import annotations

import queue
from importlib.util import find_spec

import pytest
from support.scripts import load_script
from support.small_model import MODEL, smooth_picture

import tcsdk
from tcsdk import packets

pytestmark = [
    pytest.mark.links,
    pytest.mark.skipif(find_spec("meshtastic") is None, reason="needs meshtastic: extra [links]"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


class Air:
    """What radios hear of each other; loses the packets whose turn is in `lost`."""

    def __init__(self, lost):
        self.lost, self.radios, self.heard = lost, [], 0

    def radio(self, number):
        """A radio of a number, as its interface in Python."""
        from meshtastic.mesh_interface import MeshInterface
        from meshtastic.protobuf import mesh_pb2

        air = self

        class Radio(MeshInterface):
            """An interface whose radio is simulated."""

            def _sendToRadioImpl(self, toRadio):  # noqa: N802, N803 - Meshtastic's names
                if toRadio.HasField("packet"):
                    air.send(self, toRadio.packet)
                    status = mesh_pb2.QueueStatus(free=15, maxlen=16)
                    status.mesh_packet_id = toRadio.packet.id
                    self._handleFromRadio(
                        mesh_pb2.FromRadio(queueStatus=status).SerializeToString()
                    )

        radio = Radio(noProto=False)
        radio.number = number
        radio.isConnected.set()
        self.radios.append(radio)
        return radio

    def send(self, sender, packet):
        """Give a packet to all other radios."""
        from meshtastic.protobuf import mesh_pb2

        self.heard += 1
        if self.heard - 1 in self.lost:
            return
        copy = mesh_pb2.MeshPacket()
        copy.CopyFrom(packet)
        setattr(copy, "from", sender.number)
        for radio in self.radios:
            if radio is not sender:
                radio._handleFromRadio(mesh_pb2.FromRadio(packet=copy).SerializeToString())


@pytest.fixture
def link():
    return load_script("examples/meshtastic/link.py")


def test_a_picture_arrives_though_packets_are_lost(link):
    streams = queue.Queue()
    receiver = link.Receiver(lambda stream, sender: streams.put((stream, sender)))
    air = Air(lost={1, 2})
    camera, _ = air.radio(77), air.radio(99)
    options = {"max_packets": 3, "payload": link.PAYLOAD}
    picture = smooth_picture(320, 240)
    stream = tcsdk.encode(picture, model=MODEL, small=True, **options)
    sent = packets.split(stream, link.PAYLOAD, "0.99 at 0.2")
    assert max(map(len, sent)) <= link.PAYLOAD == 233
    link.send(camera, sent, pause=0)
    came, sender = streams.get(timeout=30)
    assert (came, sender) == (stream, 77)
    assert tcsdk.decode(came, models=[MODEL]).shape == picture.shape
    assert air.heard == len(sent)
    assert receiver is not None  # pubsub holds no reference of its own


def test_what_another_program_sends_on_the_port_is_logged(link, caplog):
    receiver = link.Receiver(lambda stream, sender: pytest.fail("there is no stream"))
    packet = {"from": 5, "decoded": {"payload": b"x"}}
    receiver.on_packet(packet, interface=None)
    assert "from 5" in caplog.text
    assert "bytes of header" in caplog.text
