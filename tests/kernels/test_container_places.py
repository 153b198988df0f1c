"""The `.tcs` container: chunks dropped, doubled, moved, exchanged or of another stream."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import check_rejects, check_safe
from container_bytes import (
    ICC,
    LAYER,
    MAP,
    TILE,
    USER,
    chunk_bytes,
    cut_out,
    header,
    header_bytes,
    layer_payload,
    payloads,
    six_tiles,
    two_layers,
)
from tcsdk._kernels import parse, write
from tcsdk.errors import BitstreamError, TrailingDataError, UnsupportedChunkError

HEAD = header(1025, 1000, layered=True)
DATA = write(HEAD, two_layers)
START, PARTS = cut_out(DATA, parse(DATA)[1])
BESIDE = [i for i, (kind, _) in enumerate(two_layers) if kind in (USER, ICC)]
LAST = len(PARTS) - 1
# The same picture from the same camera a moment later: all is alike but one byte of a payload.
LATER = [*two_layers[:-1], (TILE, b"later")]
LATER_PARTS = cut_out(write(HEAD, LATER), parse(write(HEAD, LATER))[1])[1]


def usable(data: bytes, lenient: bool = True) -> dict[tuple[int, bool, int], bytes]:
    """What a parse lets a caller use: type, layer and tile -> payload."""
    _, chunks = parse(data, lenient)
    used = [c for c in chunks if c.fault in ("", "moved")]
    named = {(c.type, c.base, c.tile): payloads(data, [c])[0][1] for c in used}
    assert len(named) == len(used), "no place is taken twice"
    return named


WHOLE = usable(DATA, lenient=False)


def refused(data: bytes) -> bool:
    """Whether a strict reader refuses a stream, or finds a chunk in it that it must not use."""
    return not check_safe(lambda: parse(data)) or any(c.fault for c in parse(data)[1])


def check_concealed(parts: list[bytes]) -> None:
    """A lenient parse gives no chunk that was not there, and says it if not all is as it was."""
    data = START + b"".join(parts)
    try:
        found = usable(data)
    except TrailingDataError:
        assert refused(data)
        return
    assert found.items() <= WHOLE.items()
    faults = any(c.fault for c in parse(data, lenient=True)[1])
    missing = [key for key in WHOLE.keys() - found.keys() if key[0] not in (USER, ICC)]
    assert refused(data) == (faults or bool(missing))


def test_any_two_chunks_exchanged_are_refused_and_concealed():
    for a, b in itertools.combinations(range(len(PARTS)), 2):
        parts = list(PARTS)
        parts[a], parts[b] = parts[b], parts[a]
        if {a, b} != set(BESIDE):  # whose order says nothing
            with pytest.raises(BitstreamError):
                parse(START + b"".join(parts))
        check_concealed(parts)


def test_any_chunk_dropped_is_refused_unless_it_is_ancillary():
    for i in range(len(PARTS)):
        parts = PARTS[:i] + PARTS[i + 1 :]
        if i in BESIDE:
            assert not any(c.fault for c in parse(START + b"".join(parts))[1])
        else:
            with pytest.raises(BitstreamError):
                parse(START + b"".join(parts))
        check_concealed(parts)


def test_any_chunk_doubled_anywhere_is_refused_and_concealed():
    for i, at in itertools.product(range(len(PARTS)), range(len(PARTS) + 1)):
        parts = [*PARTS[:at], PARTS[i], *PARTS[at:]]
        with pytest.raises(BitstreamError):
            parse(START + b"".join(parts))
        check_concealed(parts)


def test_any_chunk_of_a_later_picture_of_the_same_camera_is_found():
    for i, (later, own) in enumerate(zip(LATER_PARTS, PARTS, strict=True)):
        assert later != own, "the mark alone tells them apart"
        parts = [*PARTS[:i], later, *PARTS[i + 1 :]]
        data = START + b"".join(parts)
        assert refused(data)
        check_concealed(parts)
        faults = [c.fault for c in parse(data, lenient=True)[1] if c.fault]
        assert "damaged" in faults
    check_concealed([*PARTS[:4], LATER_PARTS[-1], *PARTS[4:]])


@given(st.data())
def test_chunks_in_any_order_are_put_where_they_belong(data):
    order = data.draw(st.permutations(range(len(PARTS))))
    kept = order[: data.draw(st.integers(0, len(PARTS)))]
    parts = [PARTS[i] for i in kept]
    check_concealed(parts)
    if LAST in kept:
        return
    found = usable(START + b"".join(parts))
    maps_of = {(base, tile) for kind, base, tile in found if kind == MAP}
    for i in kept:
        chunk = parse(DATA)[1][i]
        mapless = chunk.tile > 0 and (chunk.base, chunk.tile) not in maps_of
        if chunk.type != TILE or not mapless:
            assert found[chunk.type, chunk.base, chunk.tile] == two_layers[i][1]


def test_a_moved_chunk_is_used_and_said():
    parts = [*PARTS[:2], *PARTS[3:5], PARTS[2], *PARTS[5:]]  # tile 0 behind tile 1
    _, chunks = parse(START + b"".join(parts), lenient=True)
    assert [(c.fault, c.type, c.tile) for c in chunks if c.fault] == [("moved", TILE, 0)]


def test_a_tile_that_comes_twice_is_used_once_and_said():
    _, chunks = parse(START + b"".join([*PARTS[:3], *PARTS[2:]]), lenient=True)
    assert [(c.fault, c.type, c.tile) for c in chunks if c.fault] == [("stray", TILE, 0)]


def test_a_map_that_its_tile_does_not_ask_for_is_left_out():
    head = header_bytes(mark=5)
    chunks = [(MAP, b"m"), (TILE, b"t")]
    data = head + b"".join(chunk_bytes(head, kind, payload) for kind, payload in chunks)
    _, found = parse(data, lenient=True)
    assert [(c.fault, c.type) for c in found] == [("stray", MAP), ("", TILE)]


def test_a_tile_without_its_map_is_not_to_be_decoded():
    parts = [*PARTS[:3], *PARTS[4:]]
    _, found = parse(START + b"".join(parts), lenient=True)
    assert [(c.fault, c.type, c.tile) for c in found if c.fault] == [("mapless", TILE, 1)]
    damaged = [*PARTS[:3], PARTS[3][:-1] + b"?", *PARTS[4:]]
    for lenient in (False, True):
        _, found = parse(START + b"".join(damaged), lenient)
        faults = [(c.fault, c.type, c.tile) for c in found if c.fault]
        assert faults == [("damaged", MAP, 1), ("mapless", TILE, 1)]


@pytest.mark.parametrize("lenient", [False, True])
def test_bytes_behind_a_complete_stream_are_refused_by_all(lenient):
    for tail in (b"x", bytes(40), PARTS[0], PARTS[-1]):
        check_rejects(lambda tail=tail: parse(DATA + tail, lenient), TrailingDataError)


@pytest.mark.parametrize("lenient", [False, True])
def test_a_sound_critical_chunk_of_an_unknown_type_is_refused_by_all(lenient):
    head = header_bytes(mark=5)
    data = head + chunk_bytes(head, 0x07, b"new") + chunk_bytes(head, TILE, b"t")
    check_rejects(lambda: parse(data, lenient), UnsupportedChunkError, "0x07")


def test_the_walk_goes_on_behind_a_chunk_by_its_length():
    """Whatever its type or payload have become; behind a damaged length nothing is known."""
    for i in range(2, len(PARTS)):
        hurt = bytes([PARTS[i][0] ^ 0x20]) + PARTS[i][1:]
        parts = [*PARTS[:i], hurt, *PARTS[i + 1 :]]
        check_concealed(parts)
        found = usable(START + b"".join(parts))
        lost = 2 if two_layers[i][0] == MAP else 1  # and its tile
        assert len(found) == len(PARTS) - lost


def test_a_flood_of_foreign_chunks_is_not_remembered():
    data = write(header(), [(TILE, b"t")])
    stray = chunk_bytes(b"other", USER, b"")
    _, found = parse(data[:17] + stray * 5000 + data[17:], lenient=True)
    assert len(found) < 1000
    assert all(c.fault == "damaged" for c in found)


@given(st.lists(st.sampled_from([*PARTS, *LATER_PARTS]), max_size=30))
def test_any_pile_of_chunks_is_concealed(parts):
    check_concealed(parts)


def test_the_check_of_a_single_tile_is_of_its_header():
    """Without a mark: nothing but the whole stream could be exchanged."""
    data = write(header(), [(TILE, b"t")])
    other = write(header(quality=31), [(TILE, b"t")])
    mixed = other[:17] + data[17:]
    assert [c.fault for c in parse(mixed)[1]] == ["damaged"]
    assert parse(mixed, lenient=True)[1][0].fault == "damaged"


def test_layers_of_two_streams_do_not_mix():
    """One and the same base layer behind two first layers."""
    six = [(kind, payload) for kind, payload in six_tiles if kind in (TILE, MAP)]
    rest = [(LAYER, layer_payload), *six]
    own, other = (write(HEAD, [*six[:-1], (TILE, last), *rest]) for last in (b"a", b"b"))
    head, parts = cut_out(own, parse(own)[1])
    _, others = cut_out(other, parse(other)[1])
    assert parts[-1] != others[-1]
    for i in range(len(six), len(parts)):
        mixed = head + b"".join([*parts[:i], others[i], *parts[i + 1 :]])
        assert "damaged" in {c.fault for c in parse(mixed)[1]}
