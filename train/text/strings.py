"""Draw texts as pictures carry them: scenes of words, codes, meters' registers, receipts, pages."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tcsdk.train.render import text as rendered
from tcsdk.train.text.signs import sign_words

SCOWL = Path("/usr/share/dict/scowl")
# Lists of Debian's package scowl (the source of wamerican and wbritish, by how common a word is)
# and how often a word is drawn from each; names of no file are the words of signs.py and those that
# hold sentences together.
SIGNS, GLUE = "signs", "glue"
TIERS = {
    SIGNS: 22,
    GLUE: 5,
    "english-words.10": 26,
    "english-words.20": 12,
    "english-words.35": 14,
    "english-words.40": 4,
    "english-words.50": 6,
    "english-words.55": 2,
    "english-words.60": 4,
    "english-proper-names.50": 5,
    "english-upper.50": 2,
    "english-abbreviations.70": 1,
    "american-words.20": 0.5,
    "british-words.20": 0.5,
    "british-words.35": 1,
}
MADE_HERE = {SIGNS: sign_words(), GLUE: tuple(rendered.GLUE)}


@dataclass(frozen=True)
class Words:
    """Words by how common they are.

    Args:
        tiers: words of each list of TIERS.
    """

    tiers: tuple[tuple[str, ...], ...]

    @classmethod
    def load(cls) -> Words:
        """Read the lists.

        Raises:
            FileNotFoundError: Debian's package scowl is not installed.
        """
        if not SCOWL.is_dir():
            raise FileNotFoundError(f"expected the word lists {SCOWL}: apt-get install scowl")
        return cls(tuple(_read(name) for name in TIERS))

    def draw(self, dice: random.Random) -> str:
        """Draw one word as its list spells it, a short one sooner: they are the commoner ones."""
        (tier,) = dice.choices(self.tiers, tuple(TIERS.values()))
        one, other = dice.choice(tier), dice.choice(tier)
        return min(one, other, key=len) if dice.random() < 0.5 else one


def _read(name: str) -> tuple[str, ...]:
    if name in MADE_HERE:
        return MADE_HERE[name]
    words = (SCOWL / name).read_text(encoding="latin-1").split()
    return tuple(word for word in words if word.isascii() and "'" not in word)


class Speaker:
    """Words in the manner of one picture: signs are in capitals, pages are not."""

    # Shares of capitals, of a capital first letter, of small letters, and of the list's spelling.
    MANNERS = ((86, 6, 4, 4), (8, 76, 12, 4), (6, 14, 74, 6), (34, 33, 25, 8))

    def __init__(self, dice: random.Random, words: Words) -> None:
        self._dice = dice
        self._words = words
        self._manner = dice.choices(self.MANNERS, (40, 25, 12, 23))[0]

    def word(self) -> str:
        """Draw a word."""
        return self.recase(self._words.draw(self._dice))

    def recase(self, text: str) -> str:
        """Spell a text in this manner."""
        (change,) = self._dice.choices((str.upper, str.title, str.lower, str), self._manner)
        return change(text)

    def list(self) -> Sequence[str]:
        """Draw some words, for what wants a list."""
        return [self._words.draw(self._dice) for _ in range(12)]


Maker = Callable[[random.Random, Speaker], str]


def phrase(dice: random.Random, say: Speaker) -> str:
    """Draw two to five words."""
    words = [say.word() for _ in range(dice.choices((2, 3, 4, 5), (8, 4, 2, 1))[0])]
    return dice.choices((" ", " & ", "-", " / ", ", ", "'S "), (60, 2, 3, 1, 2, 1))[0].join(words)


def marked(dice: random.Random, say: Speaker) -> str:
    """Draw a word with a mark, or with a number."""
    form = dice.choice(
        "{}, {}. {}: {}! ({}) {}'s {}? {}- {}& {}; &{} ({} {}) #{} {}+ {}... {}{n} {}-{n} {n}{} "
        '"{}" {}/{o} {}.{o} {}-{o} {}&{o}'.split()
    )
    return form.format(say.word(), n=dice.randint(1, 99), o=say.word())


def number(dice: random.Random, say: Speaker) -> str:
    """Draw a number of one to nine digits, small and round ones more often."""
    digits = dice.choices(range(1, 10), (18, 22, 20, 18, 8, 6, 4, 5, 2))[0]
    roll = dice.random()
    text = "".join(dice.choices("0123456789", k=digits))
    if roll < 0.15:
        return text[0] + "0" * (digits - 1)
    return text.lstrip("0") or "0" if roll < 0.5 else text


def register(dice: random.Random, say: Speaker) -> str:
    """Draw the register of a meter: five to eight digits, zeros in front, perhaps a decimal."""
    digits = dice.choices((4, 5, 6, 7, 8), (1, 4, 5, 3, 6))[0]
    value = (
        int(10 ** dice.uniform(0, digits)) if dice.random() < 0.5 else dice.randrange(10**digits)
    )
    text = f"{value % 10**digits:0{digits}d}"
    if dice.random() < 0.3:
        point = dice.randint(1, 3)
        text = f"{text[:-point]}{dice.choice('.,. ')}{text[-point:]}"
    return text + dice.choices(("", " kWh", "kWh", " m3", " m³", " L"), (70, 8, 4, 8, 4, 4))[0]


def price(dice: random.Random, say: Speaker) -> str:
    """Draw a price."""
    value = dice.choice((9, 20, 99, 200, 999)) * dice.random()
    cents = dice.choices((None, 0, 90, 95, 99, 50), (60, 12, 8, 4, 8, 8))[0]
    text = f"{value:.2f}" if cents is None else f"{int(value)}.{cents:02d}"
    if dice.random() < 0.04:
        text = text.replace(".", ",")
    mark = dice.choices(("{}", "${}", "RM{}", "£{}", "€{}", "{} €", "-{}"), (62, 16, 4, 5, 5, 4, 3))
    return mark[0].format(text)


# More patterns of codes than the renderer has, in its classes (train/render/text.py).
PATTERNS = (
    "ZZZ0000Z ZZ0000Z ZZ00-ZZZ ZZZ00 ZZ-0000-00 Z000 Z00 0Z ZZ0 ZZZU0000000 00-000 000-00 "
    "#00-00 #00-000 000000 00000 0000-0000 0000/00 00/00 0000000000000 00000000 00:00 00:00:00 "
    "00.00.0000 00/00/0000 00-00-0000 0000-00-00 00/00/00 +00 0000 0000 000-0000 0000-0000 00% "
    "0% 00.0% 000V 00A 00W 00Hz 000mm 00cm 0.0m 000g 00kg 0L 000ml 00°C Z0000 ZZ000 ZZ000000 "
    "Z-0000 QQQ QQQQ QQQQQQQQ QQ-QQQQ-QQ SN0000000 S/N 00000000 P/N 000-0000 IP00 0x0 000x000 "
    "(0) (00) 0. 0) 0A 0B Z) 000 000 0,000 00,000 000,000 0.00 00.00 000.00 1st 2nd 3rd 0th 19 "
    "00 20 2000 2010 2020 19 1900 200 24 24/7"
).split()


def code(dice: random.Random, say: Speaker) -> str:
    """Draw a code by the patterns here and the renderer's rules."""
    if dice.random() < 0.5:
        return rendered.fill(dice, dice.choice(PATTERNS))
    return rendered.data(dice, say.list())


def sentence(dice: random.Random, say: Speaker) -> str:
    """Draw a sentence."""
    return rendered.sentence(dice, say.list())


def foreign(dice: random.Random, say: Speaker) -> str:
    """Draw letters beyond the alphabet: what surrounds an escape."""
    start = dice.choice((0x00C0, 0x0400, 0x0391, 0x4E00, 0x3041, 0x0E01))
    text = "".join(chr(start + dice.randrange(48)) for _ in range(dice.randint(1, 8)))
    return text if dice.random() < 0.6 else f"{say.word()}{dice.choice(('', ' '))}{text}"


SCENE: dict[Maker, float] = {
    lambda dice, say: say.word(): 60,
    phrase: 12,
    marked: 5,
    number: 8,
    price: 2,
    code: 6,
    sentence: 1,
    foreign: 0.7,
}
CODES: dict[Maker, float] = {code: 55, number: 10, register: 18, price: 9, marked: 4}
PAGE: dict[Maker, float] = {phrase: 40, sentence: 12, code: 16, price: 20, number: 12, marked: 10}


def receipt(dice: random.Random, say: Speaker) -> list[str]:
    """Draw the lines of a receipt, whose sums come again."""
    shop = [f"{say.word()} {say.word()} {say.recase(dice.choice(('sdn bhd', 'ltd', 'store', '')))}"]
    lines = [shop[0].strip(), phrase(dice, say), code(dice, say), rendered.date(dice, say.list())]
    total = 0.0
    for _ in range(dice.randint(1, 12)):
        value = round(dice.choice((5, 20, 60)) * dice.random(), dice.choice((1, 2, 2)))
        count = dice.choices((1, 2, 3), (6, 2, 1))[0]
        total += value * count
        lines += [phrase(dice, say), f"{count}", f"{value:.2f}", f"{value * count:.2f}"]
        if dice.random() < 0.3:
            lines.append(rendered.fill(dice, "0000000000000"))
    tail = [say.recase(label) for label in ("total", "cash", "change", "gst 6%", "rounding")]
    for label in tail[: dice.randint(2, 5)]:
        lines += [label, f"{total:.2f}"]
    return [*lines, say.recase("thank you"), say.recase("please come again")]


def draw_page(dice: random.Random, words: Words) -> list[str]:
    """Draw the strings of one picture."""
    say = Speaker(dice, words)
    kind = dice.random()
    if kind < 0.05:
        return receipt(dice, say)
    table, most = (CODES, 1) if kind < 0.34 else (PAGE, 14) if kind < 0.42 else (SCENE, 12)
    makers, weights = list(table), list(table.values())
    count = 1 if dice.random() < 0.5 else dice.randint(1, most)
    return [maker(dice, say) for maker in dice.choices(makers, weights, k=count)]
