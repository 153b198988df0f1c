"""Packets: cutting, losing, joining."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import check_rejects
from tcsdk import _kernels, packets
from tcsdk.errors import StreamLimitError, TruncatedStreamError

SEEDED = random.Random(25)


def bytes_of(size, seed=1):
    """Bytes that look like a stream's."""
    return random.Random(seed).randbytes(size).replace(b"\xc0", b"\xc1") if size else b""


def joined(given_packets, **options):
    """What becomes of packets, one by one, given to one joiner."""
    joiner = packets.Joiner(**options)
    return [joiner.add(packet) for packet in given_packets]


def reference_parity(blocks, index):
    """A parity block by the text of docs/reference/packets.md, in slow arithmetic of its own."""

    def times(a, b):
        product = 0
        while b:
            product ^= a * (b & 1)
            a = a << 1 ^ (0x11D if a & 128 else 0)
            b >>= 1
        return product

    inverse = {a: b for a in range(1, 256) for b in range(1, 256) if times(a, b) == 1}
    k = len(blocks)
    sums = np.zeros(len(blocks[0]), np.uint8)
    for j, block in enumerate(blocks):
        factor = times(k ^ j, inverse[index ^ j])
        row = np.array([times(factor, value) for value in range(256)], np.uint8)
        sums ^= row[np.frombuffer(block.ljust(len(blocks[0]), b"\0"), np.uint8)]
    return sums.tobytes()


@pytest.mark.parametrize("data", range(1, 13))
def test_any_packets_as_many_as_those_of_data_give_the_stream(data):
    """Every choice of `data` of `data + parity` packets, up to 12 in all."""
    for parity in range(13 - data):
        stream = bytes_of(21 * data - 3, seed=100 * data + parity)
        count = _kernels.packet_header_size(data, parity)
        sent = _kernels.split_message(stream, 21 + count, parity, b"")
        assert len(sent) == data + parity
        for some in itertools.combinations(sent, data):
            *first, last = joined(some)
            assert all(item.stream is None for item in first)
            assert last.fate == "whole"
            assert last.stream == stream


@pytest.mark.parametrize(("data", "parity"), [(1, 3), (3, 2), (8, 8), (9, 4), (128, 128)])
def test_parity_is_that_of_the_specification(data, parity):
    stream = bytes_of(21 * data - 2, seed=data)
    header = _kernels.packet_header_size(data, parity)
    sent = _kernels.split_message(stream, 21 + header, parity, b"")
    blocks = [packet[header:] for packet in sent[:data]]
    assert b"".join(blocks) == stream
    for index in {data, data + parity // 2, data + parity - 1}:
        assert sent[index][header:] == reference_parity(blocks, index)


def test_the_first_parity_packet_is_a_plain_xor():
    sent = packets.split(bytes_of(300), payload=102, parity=0.3)
    rows = [np.frombuffer(packet[2:], np.uint8) for packet in sent]
    assert np.array_equal(rows[0] ^ rows[1] ^ rows[2], rows[3])


@given(
    size=st.integers(1, 4000),
    payload=st.integers(40, 400),
    parity=st.floats(0, 1),
    seed=st.integers(0, 2**32),
    ending=st.sampled_from([b"", b"\0", b"\x80", b"\0\0", b"\x80\0", b"\0\x80"]),
)
def test_what_arrives_is_the_stream_or_less(size, payload, parity, seed, ending):
    chance = random.Random(seed)
    stream = bytes_of(size, seed) + ending
    sent = packets.split(stream, payload, parity)
    assert all(len(packet) <= payload for packet in sent)
    arrived = [packet for packet in sent if chance.random() > 0.2]
    arrived += chance.choices(sent, k=2)  # late ones, and some twice
    chance.shuffle(arrived)
    needed = _kernels.read_packet_header(sent[0])[1]
    fates = joined(arrived)
    whole = [item.stream for item in fates if item.stream is not None]
    assert whole == ([stream] if len(set(arrived)) >= needed else [])
    assert not {item.fate for item in fates} - {"whole", "added", "duplicate", "late"}


def test_the_bytes_of_packets():
    """As they have to stay; the first one's parity can be done by hand."""
    plain = packets.split(bytes(range(1, 13)), 7, "0.9 at 0.2")
    assert [packet.hex() for packet in plain] == [
        "206301020304",
        "216305060708",
        "2263090a0b0c",
        "23630d0e0f00",
        "2463467b9ba3",
    ]
    ending = packets.split(bytes(range(1, 9)) + b"\x80", 7, 0.5, preview=b"\x07\x08")
    assert [packet.hex() for packet in ending] == [
        "2024c002070801",
        "21240203040506",
        "222407088080",
        "2324c509838d07",
        "24248d8ddfcf3e",
    ]


def test_headers_take_two_bytes_up_to_8_packets_of_data_and_16_in_all():
    for data, parity, size in ((1, 0, 2), (8, 8, 2), (8, 9, 3), (9, 0, 3), (128, 128, 3)):
        assert _kernels.packet_header_size(data, parity) == size
    assert _kernels.read_packet_header(b"\x25\x07a") == (7, 3, 5, 2)
    assert _kernels.read_packet_header(b"\xff\xfe\x07a") == (7, 128, 254, 3)


@given(size=st.integers(1, 2000), payload=st.integers(40, 260))
def test_overhead_is_at_most_3_bytes_a_packet(size, payload):
    stream = bytes_of(size, size).rstrip(b"\0\x80") + b"\x01"  # no end mark: one in 128 has one
    sent = packets.split(stream, payload, 0)
    assert sum(map(len, sent)) - len(stream) <= 3 * len(sent)


def test_packets_are_nearly_equal_and_as_few_as_can_be():
    assert [len(packet) for packet in packets.split(bytes_of(500), 222, 0)] == [169, 169, 168]
    assert len(packets.split(bytes_of(220), 222, 0)) == 1
    assert len(packets.split(bytes_of(221), 222, 0)) == 2


def test_a_stream_that_is_sent_again_has_the_same_packets():
    assert packets.split(bytes_of(500)) == packets.split(bytes_of(500))


def test_what_is_missing_is_named_and_what_is_here_is_given():
    stream = bytes_of(500)
    sent = packets.split(stream, 222, 0)
    one, two = joined([sent[0], sent[2]])
    assert (one.fate, one.held, one.needed, one.missing) == ("added", 1, 3, (1, 2))
    assert one.start == stream[:167]
    assert (two.held, two.missing, two.start) == (2, (1,), stream[:167])


def test_duplicates_and_late_packets_say_so():
    sent = packets.split(bytes_of(500), 222, 0.6)
    fates = [item.fate for item in joined([sent[0], sent[0], *sent[1:], sent[1], sent[4]])]
    assert fates == ["added", "duplicate", "added", "whole", "late", "late", "late", "late"]


def same_number():
    """Two streams of the same number and size."""
    one = bytes_of(400, 0)
    number = packets.split(one)[0][1]
    seeds = (seed for seed in range(1, 5000) if packets.split(bytes_of(400, seed))[0][1] == number)
    return one, bytes_of(400, next(seeds))


def test_another_stream_of_the_same_number_is_another_one():
    one, other = same_number()
    first, second = packets.split(one, 222, 1.0), packets.split(other, 222, 1.0)
    fates = joined([first[0], second[0], second[1], first[1]])
    assert [item.stream for item in fates] == [None, None, other, one]
    # Behind a whole one too: what is late is known by its bytes.
    fates = joined([first[0], first[1], second[2], first[3], second[3]])
    assert [item.fate for item in fates] == ["added", "whole", "added", "late", "whole"]
    assert fates[-1].stream == other


def test_packets_of_two_streams_do_not_make_a_third():
    one, other = packets.split(bytes_of(400, 0)), packets.split(bytes_of(400, 3))
    forged = other[1][:1] + one[0][1:2] + other[1][2:]  # the number of the other stream
    fates = joined([one[0], forged])
    assert fates[1].fate == "mixed"
    assert fates[1].stream is None
    assert (fates[1].held, fates[1].missing) == (1, (1,))
    (alone,) = joined([b"\x00\x01not of this number"])
    assert (alone.fate, alone.held, alone.missing, alone.start) == ("mixed", 0, (0,), b"")


def test_senders_are_kept_apart():
    one, other = same_number()
    joiner = packets.Joiner()
    first, second = packets.split(one, 222, 0), packets.split(other, 222, 0)
    assert joiner.add(first[0], "a").fate == "added"
    assert joiner.add(second[1], b"b").fate == "added"
    assert joiner.add(second[0], b"b").stream == other
    assert joiner.add(first[1], "a").stream == one


def test_the_first_packet_holds_the_preview():
    stream, preview = bytes_of(500), bytes_of(200, 7)
    sent = packets.split(stream, 222, 0, preview=preview)
    assert len(sent) == 4
    fates = joined(sent)
    assert fates[0].preview == preview
    assert fates[0].start == stream[: len(sent[0]) - 2 - 3 - 200]
    assert fates[-1].stream == stream
    assert fates[-1].preview == preview
    assert joined(sent[:0:-1])[-1].preview is None


def test_what_is_no_packet_is_refused_by_name():
    joiner = packets.Joiner()
    for packet in (b"", b"\x10", b"\x10\x07", b"\x80\x00\x07"):
        check_rejects(lambda p=packet: joiner.add(p), TruncatedStreamError, "bytes of header")
    check_rejects(lambda: joiner.add(bytes(4097)), StreamLimitError, "4096", "4097")


@given(st.lists(st.tuples(st.binary(min_size=3, max_size=40), st.integers(0, 2)), max_size=60))
def test_any_packets_are_taken_within_the_limits(row):
    joiner = _kernels.PacketJoiner(messages=5, bytes=200)
    for packet, sender in row:
        try:
            item = joiner.add(packet, bytes([sender]))
        except TruncatedStreamError:
            continue
        assert joiner.messages <= 5
        assert joiner.bytes <= 200 or joiner.messages == 1
        assert (item.fate == "whole") <= bool(item.message)


def test_a_flood_of_one_sender_leaves_the_others():
    joiner = packets.Joiner(streams=8)
    sent = packets.split(bytes_of(400), 222, 0)
    joiner.add(sent[0], "meter")
    for seed in range(200):
        joiner.add(packets.split(bytes_of(400, seed), 222, 0)[1], "flood")
    assert joiner.add(sent[1], "meter").fate == "whole"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"payload": 3}, ("payload", "4..4096")),
        ({"parity": -0.1}, ("share", "-0.1")),
        ({"parity": "99 at 2"}, ("'0.99 at 0.2'", "'99 at 2'")),
        ({"parity": 200}, ("256",)),
        ({"payload": 5}, ("larger payload",)),
        ({"preview": bytes(300)}, ("preview", "first packet")),
    ],
)
def test_what_cannot_be_cut_is_refused(options, words):
    check_rejects(lambda: packets.split(bytes_of(500), **options), ValueError, *words)


def test_bytes_that_look_like_a_preview_are_refused():
    check_rejects(lambda: packets.split(b"\xc0" + bytes(9)), ValueError, "0xC0")
    check_rejects(lambda: packets.split(b""), ValueError, "at least one byte")


def test_parity_by_share_and_by_target():
    assert [packets.parity_packets(data, 0.3) for data in (1, 3, 4, 10)] == [1, 1, 2, 3]
    assert packets.parity_packets(10, 0) == 0
    for data in range(1, 11):
        count = packets.parity_packets(data, "0.99 at 0.2")
        chances = [at_least(data, data + more, 0.8) for more in (count - 1, count)]
        assert chances[0] < 0.99 <= chances[1]


def at_least(data, count, arrives):
    """The chance that `data` of `count` packets arrive."""
    return sum(
        math.comb(count, k) * arrives**k * (1 - arrives) ** (count - k)
        for k in range(data, count + 1)
    )


@pytest.mark.parametrize(("data", "parity"), [(3, 1), (3, 2), (5, 3)])
def test_what_is_delivered_is_the_binomial(data, parity):
    """Of 2,000 streams over a link that loses a fifth: within four standard deviations."""
    stream, runs = bytes_of(20 * data), 2000
    sent = _kernels.split_message(stream, 22, parity, b"")
    assert len(sent) == data + parity
    whole = 0
    for _ in range(runs):
        fates = joined([packet for packet in sent if SEEDED.random() > 0.2])
        whole += any(item.stream == stream for item in fates)
    chance = at_least(data, data + parity, 0.8)
    assert abs(whole - runs * chance) < 4 * math.sqrt(runs * chance * (1 - chance))


def test_room_is_what_fits():
    for count, payload, step in itertools.product((1, 3, 8, 9), (51, 222, 340), (1, 50)):
        room = packets.room(count, payload, step)
        size = payload - payload % step
        for ending in (b"\x01", b"\x80"):
            stream = bytes_of(room - 1).rstrip(b"\0\x80").ljust(room - 1, b"\x02") + ending
            sent = packets.split(stream, size, 0)
            assert len(sent) == count
        assert len(packets.split(bytes_of(room + 1) + b"\x80", size, 0)) > count
