"""examples/mqtt: a camera's picture on one side, an image and JSON for Home Assistant on the other.

A real broker (Mosquitto) and real clients; a gateway that loses a packet stands between them.
"""

from __future__ import annotations

import io
import json
import queue
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image
from support.scripts import load_script
from support.small_model import MODEL, smooth_picture

import tcsdk

BROKER = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
pytestmark = [
    pytest.mark.links,
    pytest.mark.skipif(find_spec("paho") is None, reason="needs paho-mqtt: the [links] extra"),
    pytest.mark.skipif(BROKER is None, reason="needs a broker: apt-get install mosquitto"),
]
PICTURE = smooth_picture(160, 96)
QUAD = [(16, 16), (80, 16), (80, 40), (16, 40)]


@pytest.fixture
def broker(tmp_path):
    """Mosquitto on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    running = subprocess.Popen([BROKER, "-c", config], stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        running.terminate()
        running.wait(10)


@pytest.fixture
def arrived(broker):
    """Everything that is published, as (topic, payload), to a queue."""
    import paho.mqtt.client as mqtt

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    messages, ready = queue.Queue(), queue.Queue()
    client.on_message = lambda _, __, message: messages.put((message.topic, message.payload))
    client.on_subscribe = lambda *_: ready.put(True)
    client.connect("127.0.0.1", broker)
    client.subscribe("#", qos=1)
    client.loop_start()
    ready.get(timeout=20)
    yield messages
    client.loop_stop()


@pytest.fixture
def receiver(broker):
    """examples/mqtt/receive.py with the small model, running."""
    import paho.mqtt.client as mqtt

    script = load_script("examples/mqtt/receive.py")
    client, ready = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2), queue.Queue()
    receiver = script.Receiver(client, tcsdk.Decoder("cpu", models=[MODEL]))
    client.on_message = receiver.on_message
    client.on_subscribe = lambda *_: ready.put(True)
    client.connect("127.0.0.1", broker)
    client.subscribe(script.PACKETS, qos=1)
    client.loop_start()
    ready.get(timeout=20)
    yield receiver
    client.loop_stop()


def taken(messages, topic):
    """The payload of the next message on a topic."""
    while True:
        came, payload = messages.get(timeout=30)
        if came == topic:
            return payload


def test_a_picture_arrives_as_an_image_and_json_though_a_packet_is_lost(broker, arrived, receiver):
    send = load_script("examples/mqtt/send.py")
    options = {"model": MODEL, "max_packets": 3, "text": [(QUAD, "00482")]}
    sent = send.packets_of(PICTURE, 60, 0.5, **options)
    assert len(sent) > 3
    client = send.connected("127.0.0.1", broker)
    send.publish(client, "gate", [b"\x01", *sent[:0:-1]])  # no packet; then all but the first
    client.loop_stop()

    config = json.loads(taken(arrived, "homeassistant/image/tcsdk_gate/config"))
    assert config["image_topic"] == "tcsdk/gate/image"
    sensor = json.loads(taken(arrived, "homeassistant/sensor/tcsdk_gate/config"))
    assert sensor["state_topic"] == sensor["json_attributes_topic"] == "tcsdk/gate/state"
    assert sensor["unique_id"] != config["unique_id"]
    assert sensor["device"] == config["device"]
    with Image.open(io.BytesIO(taken(arrived, config["image_topic"]))) as image:
        shown = np.asarray(image)
    stream = tcsdk.encode(PICTURE, small=True, payload=60, **options)
    assert np.array_equal(shown, tcsdk.decode(stream, models=[MODEL]))
    state = json.loads(taken(arrived, sensor["state_topic"]))
    assert state["lines"] == [{"text": "00482", "source": "sent", "trust": "sent"}]
    assert (state["text"], state["trust"]) == ("00482", "sent")
    assert (state["bytes"], state["packets"]) == (len(stream), len(sent) - 2)
    assert (state["width"], state["height"]) == (160, 96)


def test_a_stream_that_does_not_decode_is_logged_and_the_next_one_arrives(
    broker, arrived, receiver, caplog
):
    send = load_script("examples/mqtt/send.py")
    good = send.packets_of(PICTURE, 222, 0, model=MODEL, quality=10)
    bad = tcsdk.packets.split(bytes(range(200, 0, -1)), 222, 0)
    client = send.connected("127.0.0.1", broker)
    send.publish(client, "gate", bad + good)
    client.loop_stop()
    assert taken(arrived, "tcsdk/gate/image").startswith(b"\x89PNG")
    assert "gate: NotATcsStreamError" in caplog.text
