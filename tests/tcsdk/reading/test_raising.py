"""How far lines are raised, whatever reads them."""

from __future__ import annotations

from functools import partial

from tcsdk.reading import raising
from tcsdk.reading.raising import LADDER

raise_parts = partial(raising.raise_parts, confirmed_at=lambda steps: [True] * len(steps))


def agreeing_from(*needed):
    """Parts that agree from so many steps on, and the steps asked for."""
    asked = []

    def agreed_at(steps):
        asked.append(tuple(steps))
        return [have >= need for have, need in zip(steps, needed, strict=True)]

    return agreed_at, asked


def test_nothing_is_raised_that_agrees():
    agreed_at, asked = agreeing_from(0, 0)
    came = raise_parts(agreed_at, owners=[0, 1], most=32)
    assert (came.steps, came.rounds) == ((0, 0), 1)
    assert asked == [(0, 0)]


def test_each_part_stops_at_the_first_steps_that_agree():
    agreed_at, asked = agreeing_from(0, 3, 8)
    came = raise_parts(agreed_at, owners=[0, 1, 2], most=32)
    assert came.steps == (0, 4, 8)
    assert came.rounds == len(asked) == 5
    assert asked[-1] == came.steps


def test_parts_beside_one_that_is_raised_are_at_most_a_rung_below_it():
    agreed_at, _ = agreeing_from(0, 0, 0, 8, 0, 0)
    came = raise_parts(agreed_at, owners=[0, 0, 0, 0, 0, 1], most=32)
    assert came.steps == (2, 4, 6, 8, 6, 0)


def test_a_line_that_agrees_nowhere_is_put_back_with_all_its_parts():
    agreed_at, asked = agreeing_from(2, 99, 2)
    came = raise_parts(agreed_at, owners=[0, 0, 1], most=32)
    assert came.steps == (0, 0, 2)
    assert max(steps[1] for steps in asked) == 32


def test_a_line_whose_parts_must_be_alike_is_raised_as_a_whole_in_the_end():
    asked = []

    def agreed_at(steps):
        asked.append(tuple(steps))
        return [len(set(steps)) == 1 and steps[0] >= 4, True, True]

    came = raise_parts(agreed_at, owners=[0, 0, 0], most=32)
    assert came.steps == (4, 4, 4)
    assert (32, 24, 20) in asked


def test_no_part_is_raised_beyond_the_most_allowed():
    agreed_at, asked = agreeing_from(7)
    assert raise_parts(agreed_at, owners=[0], most=7).steps == (7,)
    assert [steps for (steps,) in asked] == [0, 2, 4, 6, 7]
    agreed_at, asked = agreeing_from(7)
    assert raise_parts(agreed_at, owners=[0], most=0).steps == (0,)
    assert [steps for (steps,) in asked] == [0]


def test_a_part_that_its_neighbour_spoils_is_raised_on():
    def agreed_at(steps):
        first, second = steps
        return [first >= second, second >= 4]

    assert raise_parts(agreed_at, owners=[0, 1], most=32).steps == (4, 4)


def test_parts_that_spoil_each_other_end_all_the_same():
    def agreed_at(steps):
        first, second = steps
        return [first > second, second > first]

    came = raise_parts(agreed_at, owners=[0, 1], most=32)
    assert came.rounds <= 2 * len(LADDER)


def test_what_a_closer_look_finds_is_raised_on():
    agreed_at, asked = agreeing_from(2, 0)
    closer, looked = agreeing_from(6, 0)
    came = raising.raise_parts(agreed_at, closer, [0, 1], 32)
    assert came.steps == (6, 0)
    assert looked == [(2, 0), (4, 0), (6, 0)]
    assert came.rounds == len(asked) == 4
