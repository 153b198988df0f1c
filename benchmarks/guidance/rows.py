"""From measurements of single pictures to rows: a codec's point on a set, and its sent words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.guidance.arms import WRONG, Arm, Plan
from benchmarks.guidance.measuring import is_whole, sent_key
from benchmarks.guidance.received import Received, received_lines
from benchmarks.guidance.tally import BOXES, FINDER, READERS, Row, Tally
from benchmarks.guidance.trust import Counts, count
from benchmarks.rate_accuracy.cache import Cache
from benchmarks.rate_accuracy.matching import Word, listed, match, match_places
from benchmarks.rate_accuracy.measuring import FIDELITY, Task, key_of, page_findings
from benchmarks.sets import Picture
from benchmarks.sets.places import cut_words

ALONE = "strings alone"


@dataclass(frozen=True)
class Summary:
    """What a set says.

    Attributes:
        points: A row per arm.
        trust: A row per model that draws and quality.
    """

    points: list[Row]
    trust: list[Row]


def words_of(picture: Picture, lines: Iterable[Word]) -> list[Word]:
    """Words of found lines, without those on text that nobody lists."""
    return listed([word for line in lines for word in cut_words(*line)], picture.unlisted)


def found_words(picture: Picture, arm: Arm, reader: str, cache: Cache, task: Task) -> list[Word]:
    """Words that a reader found in an arm's picture."""
    findings = page_findings(cache[key_of(picture, arm.point, task)].value)
    return words_of(picture, [(found.text, found.quad) for found in findings])


def summarise(
    set_name: str, pictures: Iterable[Picture], plan: Plan, tasks: Sequence[Task], cache: Cache
) -> Summary:
    """Rows over the pictures of which everything is measured; none without such a picture."""
    tallies: dict[tuple[str, str, str], Tally] = {}
    trust: dict[tuple[str, str], Counts] = {}
    digest, whole = hashlib.sha256(), 0
    for picture in pictures:
        arms = list(plan.arms(picture))
        if not is_whole(picture, arms, tasks, cache):
            continue
        digest.update(picture.digest.encode())
        whole += 1
        for arm in arms:
            head = (arm.codec, arm.version, arm.setting)
            _add(tallies.setdefault(head, Tally(head)), picture, arm, tasks, cache)
        _add_alone(tallies, picture, arms, cache)
        _add_trust(trust, picture, arms, tasks, cache)
    name = digest.hexdigest()[:16]
    points = [tally.row(set_name, whole, name) for tally in tallies.values()]
    head = {"set": set_name, "pictures": str(whole), "digest": name}
    rows = [
        head | {"codec": codec, "setting": setting} | counts.cells()
        for (codec, setting), counts in trust.items()
    ]
    return Summary(points, rows)


def _add(tally: Tally, picture: Picture, arm: Arm, tasks: Sequence[Task], cache: Cache) -> None:
    for task in tasks:
        size, value = cache[key_of(picture, arm.point, task)]
        if task.way == FIDELITY:
            tally.bytes.append(size)
            tally.bpp.append(8 * size / (picture.image.shape[0] * picture.image.shape[1]))
            tally.psnr.append(value[0])
            tally.ms_ssim += [] if value[1] is None else [value[1]]
            continue
        words = found_words(picture, arm, task.reader, cache, task)
        tally.add(task.reader, match(picture.words, words))
        if task.reader == FINDER:
            tally.add(BOXES, match_places(picture.words, words))
    if arm.model:
        tally.text_bytes.append(cache[sent_key(picture, arm)].value["bytes"])


def _sent(picture: Picture, arm: Arm, cache: Cache) -> list[Received]:
    return received_lines(cache[sent_key(picture, arm)].value)


def _add_alone(
    tallies: dict[tuple[str, str, str], Tally], picture: Picture, arms: Sequence[Arm], cache: Cache
) -> None:
    """Add what the strings say by themselves, at their places; they are the same at any quality."""
    seen = set()
    for arm in (arm for arm in arms if arm.model and arm.codec == arm.model.name):
        head = (f"{arm.codec}, {ALONE}", arm.version, "")
        if head in seen:
            continue
        seen.add(head)
        tally = tallies.setdefault(head, Tally(head))
        words = words_of(picture, [(line.text, line.quad) for line in _sent(picture, arm, cache)])
        tally.text_bytes.append(cache[sent_key(picture, arm)].value["bytes"])
        tally.add(BOXES, match_places(picture.words, words))
        for reader in READERS:
            tally.add(reader, match(picture.words, words))


def _add_trust(
    trust: dict[tuple[str, str], Counts],
    picture: Picture,
    arms: Sequence[Arm],
    tasks: Sequence[Task],
    cache: Cache,
) -> None:
    """Count what becomes of words that are sent wrong, beside the same stream with the right."""
    looked_at = {(arm.codec, arm.setting): arm for arm in arms if arm.model}
    for (codec, setting), right in looked_at.items():
        wrong = looked_at.get((f"{codec}, {WRONG}", setting))
        if wrong is None:
            continue
        found = {
            task.reader: found_words(picture, wrong, task.reader, cache, task)
            for task in tasks
            if task.reader
        }
        counts = count(_sent(picture, right, cache), _sent(picture, wrong, cache), found)
        trust[codec, setting] = trust.get((codec, setting), Counts()) + counts
