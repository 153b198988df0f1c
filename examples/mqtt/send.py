"""Send a camera's picture over MQTT in packets of a few hundred bytes.

    python examples/mqtt/send.py camera.png --device gate [--host HOST] [--max-packets 3]
        [--payload 222] [--parity 0.3] [--text read]

Each packet is a message of its own on tcsdk/DEVICE/packet: a gateway between a radio and MQTT hands
on what has arrived, in any order. receive.py is the other side. Needs the extra [links].
"""

from __future__ import annotations

import argparse

import paho.mqtt.client as mqtt

import tcsdk
from tcsdk import packets

TOPIC = "tcsdk/{device}/packet"


def packets_of(image: object, payload: int, parity: float | str, **options: object) -> list[bytes]:
    """Encode a picture as a small stream and cut it."""
    stream = tcsdk.encode(image, small=True, payload=payload, **options)
    return packets.split(stream, payload, parity)


def publish(client: mqtt.Client, device: str, sent: list[bytes]) -> None:
    """Publish packets, and wait until the broker has them."""
    topic = TOPIC.format(device=device)
    for message in [client.publish(topic, packet, qos=1) for packet in sent]:
        message.wait_for_publish(10)


def connected(host: str, port: int) -> mqtt.Client:
    """Return a client that is connected and runs in a thread of its own."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect(host, port)
    client.loop_start()
    return client


def main() -> None:
    """Encode, cut, publish."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("image")
    parser.add_argument("--device", default="camera", help="names the sender, in topics too")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--max-packets", type=int, default=3)
    parser.add_argument("--payload", type=int, default=packets.DEFAULT_PAYLOAD)
    parser.add_argument("--parity", default=packets.DEFAULT_PARITY)
    parser.add_argument("--text", default="states", help="read, codes or states")
    args = parser.parse_args()
    parity = args.parity if "at" in str(args.parity) else float(args.parity)
    options = {"max_packets": args.max_packets, "text": args.text}
    sent = packets_of(args.image, args.payload, parity, **options)
    client = connected(args.host, args.port)
    publish(client, args.device, sent)
    client.loop_stop()
    print(f"{len(sent)} packets, {sum(map(len, sent))} bytes")


if __name__ == "__main__":
    main()
