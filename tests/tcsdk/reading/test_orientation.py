"""Which lines are turned, with a recogniser that is as sure as the test says."""

from dataclasses import dataclass, field

import numpy as np

from tcsdk.reading.orientation import Recognised, read_both_ways


@dataclass
class Reader:
    """Lines are 10x20 pixels whose first one is their number, turned the last one is."""

    upright: list[float]
    turned: list[float]
    asked: int = field(default=0)

    def crops(self):
        lines = np.zeros((len(self.upright), 10, 20, 3), np.uint8)
        lines[:, 0, 0, 0] = np.arange(1, len(lines) + 1)
        return list(lines)

    def recognise(self, crops):
        self.asked += len(crops)
        return [self._read(crop) for crop in crops]

    def _read(self, crop):
        upright, upside_down = int(crop[0, 0, 0]), int(crop[-1, -1, 0])
        sure = self.upright[upright - 1] if upright else self.turned[upside_down - 1]
        return Recognised(f"{upright - upside_down}", sure, (sure,))


def turned(upright, turned, suspected):
    reader = Reader(upright, turned)
    lines = read_both_ways(reader, reader.crops(), suspected)
    for number, line in enumerate(lines, 1):
        assert line.recognised.text == str(-number if line.turned else number)
    return [line.turned for line in lines], reader.asked


def test_a_line_alone_is_turned_only_where_that_is_clearly_surer():
    assert turned([0.94], [0.997], [True]) == ([False], 2)
    assert turned([0.6], [0.99], [True]) == ([True], 2)


def test_what_is_not_suspected_is_read_once():
    assert turned([0.9, 0.5, 0.9], [1.0, 1.0, 1.0], [False] * 3) == ([False] * 3, 3)


def test_lines_of_a_turned_page_are_turned_though_nobody_suspects_them():
    assert turned([0.6, 0.5, 0.999], [1.0, 0.98, 0.99], [True, True, False]) == ([True] * 3, 6)


def test_a_line_against_its_page_is_read_as_it_lies():
    upright, other = [0.6, 0.5, 0.99], [1.0, 0.98, 0.4]
    assert turned(upright, other, [True, True, False])[0] == [True, True, False]
    assert turned(other, upright, [False, False, True])[0] == [False, False, True]


def test_suspicion_of_the_most_without_surer_readings_turns_nothing():
    assert turned([0.99] * 3, [0.97, 1.0, 0.99], [True] * 3)[0] == [False] * 3


def test_no_lines_are_none():
    assert read_both_ways(Reader([], []), [], []) == []


def test_on_a_page_on_its_side_the_lines_that_say_it_decide_for_those_that_do_not():
    assert turned([1.0, 0.9, 0.88], [1.0, 1.0, 1.0], None)[0] == [True] * 3
    assert turned([1.0, 1.0, 1.0], [1.0, 0.9, 0.88], None)[0] == [False] * 3
