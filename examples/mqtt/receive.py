"""Receive what send.py sends, and show picture and text in Home Assistant.

    python examples/mqtt/receive.py [--host HOST] [--ocr]

From the packets on tcsdk/+/packet this makes, for each device:

    tcsdk/DEVICE/image   the picture, a PNG, retained
    tcsdk/DEVICE/state   JSON, retained: text, trust, lines, bytes, packets, quality, size
    homeassistant/image/tcsdk_DEVICE/config    how Home Assistant finds the two by itself
    homeassistant/sensor/tcsdk_DEVICE/config

Text is what was sent beside the picture (`encode(text=...)`), each line with its trust. With --ocr
what is seen in the picture is read too (extra [ocr]). Needs the extra [links].
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import paho.mqtt.client as mqtt

import tcsdk
from tcsdk import packets
from tcsdk.output import picture_bytes

PACKETS, PREFIX = "tcsdk/+/packet", "homeassistant"
MOST_STATE = 255  # characters of a state that Home Assistant takes
logger = logging.getLogger("tcsdk.mqtt")


@dataclass
class Receiver:
    """What joins packets, decodes, and publishes.

    Attributes:
        client: Where to publish.
        decoder: What shows streams.
        ocr: Whether to read the picture too.
        joiner: The packets that are here.
    """

    client: mqtt.Client
    decoder: tcsdk.Decoder
    ocr: bool = False
    joiner: packets.Joiner = field(default_factory=packets.Joiner)

    def on_message(self, _: mqtt.Client, __: object, message: mqtt.MQTTMessage) -> None:
        """Take a packet; one that is none, or a stream that does not decode, is logged."""
        device = message.topic.split("/")[1]
        try:
            joined = self.joiner.add(message.payload, sender=device)
            if joined.stream is not None:
                self._publish(device, joined)
        except tcsdk.TcsdkError as error:
            logger.warning("%s: %s: %s", device, type(error).__name__, error)

    def _publish(self, device: str, joined: packets.Joined) -> None:
        stream = joined.stream or b""
        pixels = self.decoder.decode(stream)
        state = state_of(stream, self.lines_of(stream), joined)
        for topic, config in discovery(device).items():
            self.client.publish(topic, json.dumps(config), qos=1, retain=True)
        self.client.publish(f"tcsdk/{device}/image", png_of(pixels), qos=1, retain=True)
        self.client.publish(f"tcsdk/{device}/state", json.dumps(state), qos=1, retain=True)

    def lines_of(self, stream: bytes) -> list[dict[str, Any]]:
        """Return the lines of text: those sent, and with `ocr` those seen."""
        if self.ocr:
            return [
                {"text": line.text, "source": line.source, "trust": line.trust}
                for line in tcsdk.read(stream, decoder=self.decoder)
            ]
        said = tcsdk.inspect(stream).text
        return [
            {"text": line.text, "source": "sent", "trust": line.state}
            for line in (said.lines if said else ())
            if line.text is not None
        ]


def state_of(
    stream: bytes, lines: list[dict[str, Any]], joined: packets.Joined
) -> dict[str, object]:
    """Return what Home Assistant is told of a stream."""
    info = tcsdk.inspect(stream)
    weakest = next((t for t in _TRUST if any(line["trust"] == t for line in lines)), "none")
    return {
        "text": " / ".join(line["text"] for line in lines)[:MOST_STATE],
        "trust": weakest,
        "lines": lines,
        "bytes": info.bytes,
        "packets": joined.needed,
        "quality": info.quality,
        "width": info.width,
        "height": info.height,
    }


# The weakest of several lines counts.
_TRUST = ("doubtful", "none", "unverified", "sent", "verified")


def discovery(device: str) -> dict[str, dict[str, object]]:
    """Return topic and payload of what makes Home Assistant know a device."""
    name = f"tcsdk_{device}"
    about = {"identifiers": [name], "name": device, "manufacturer": "tcsdk"}
    return {
        f"{PREFIX}/image/{name}/config": {
            "name": "Picture",
            "unique_id": f"{name}_image",
            "image_topic": f"tcsdk/{device}/image",
            "content_type": "image/png",
            "device": about,
        },
        f"{PREFIX}/sensor/{name}/config": {
            "name": "Text",
            "unique_id": f"{name}_text",
            "state_topic": f"tcsdk/{device}/state",
            "value_template": "{{ value_json.text }}",
            "json_attributes_topic": f"tcsdk/{device}/state",
            "device": about,
        },
    }


def png_of(pixels: np.ndarray) -> bytes:
    """Return pixels as a PNG."""
    return picture_bytes(pixels, ".png")


def main() -> None:
    """Receive until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--ocr", action="store_true", help="read the picture too (extra [ocr])")
    args = parser.parse_args()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    receiver = Receiver(client, tcsdk.Decoder(), args.ocr)
    client.on_message = receiver.on_message
    client.on_connect = lambda client, *_: client.subscribe(PACKETS, qos=1)
    client.connect(args.host, args.port)
    client.loop_forever()


if __name__ == "__main__":
    main()
