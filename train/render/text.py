"""Make up what is written: words and sentences, and as often numbers, dates, prices and codes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

Maker = Callable[[random.Random, Sequence[str]], str]

PRINTABLE = "".join(map(chr, range(33, 127)))
# The short words that hold sentences together; both splits use them.
GLUE = (
    "the of and to a in is it for on with as at by from or an be not are was this that you your we "
    "all no but if can has have will more than out up so do any our its only one two new"
).split()
MONTHS = (
    "January February March April May June July August September October November December"
).split()
DAYS = (
    "Mon Tue Wed Thu Fri Sat Sun Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
).split()
DOMAINS = ["com", "org", "net", "de", "fr", "uk", "io", "eu", "info", "shop", "co.uk", "edu"]
UNITS = (
    "kg g mg l ml km m cm mm kWh V A W Hz MHz GB MB % C F psi bar rpm km/h mph h min s pcs x"
).split()
CURRENCIES = ("$", "EUR ", "USD ", "GBP ", "CHF ", "")
LABELS = (
    "Total Subtotal Tax VAT Cash Change Name Date Time Address City Phone E-mail Order No. Invoice "
    "Account Amount Price Qty Item Ref. Code ID Serial Model Batch Exp. Weight Country Signature "
    "Customer Due Balance Table Room Gate Seat Flight Platform Unit Part Lot Size Type Status Page "
    "Class From To"
).split()
AROUND_WORD = """{}! {}? {}. {}: {}, "{}" ({}) {}'s '{}' &{} {}; @{} #{} {}*""".split()
IN_SENTENCE = ("{},", "{},", "{},", "{};", "{}:", "({})", '"{}"', "{}'s", "{} -")

# In a pattern: 0 a digit, Z a capital, z a small letter, Q a capital or digit, X and x a
# hexadecimal digit.
CLASSES = {
    "0": "0123456789",
    "Z": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "z": "abcdefghijklmnopqrstuvwxyz",
    "Q": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "X": "0123456789ABCDEF",
    "x": "0123456789abcdef",
}
NUMBERS = (
    "0 00 000 0000 00000 000000 00000000 00000.0 000.00 0.000 -00.0 +0.00 0,000,000 0/0 00-00"
).split()
CODES = (
    "ZZ-0000", "ZZZ000000", "000-000-000", "SN:QQQQQQQQ", "QQQQ-QQQQ-QQQQ", "Z00000000",
    "#00000", "ZZ00 0000", "00/000/Z", "Z0-00", "QQQQQQ", "QQQQQQQQQQ", "(00)00000",
    "ISBN 000-0-00-000000-0", "Rev. Z0", "ZZ_000_zz", "v0.00.0", "0Z000-000ZZ", "zzz-000",
    "No. 0000", "LOT 00000Z", "zQ0QzZ0x", "[ZZ-00]", "{00}", "*0000*", "<Z00>", "00|00|00",
)  # fmt: skip
PLATES = (
    "ZZ00 ZZZ",
    "ZZZ-0000",
    "Z-ZZ 0000",
    "ZZ 000 ZZ",
    "0ZZZ000",
    "ZZZ 000",
    "000-ZZZ",
    "Z000 ZZZ",
    "ZZ-000-Z",
)
PHONES = (
    "(000) 000-0000", "000-000-0000", "+00 000 0000000", "+0 000 000 0000", "0000 000 000",
    "00 00 00 00 00", "000/0000000",
)  # fmt: skip
BANKS = (
    "ZZ00 0000 0000 0000 0000 00",
    "ZZ00ZZZZ00000000000000",
    "0000 0000 0000 0000",
    "ZZZZZZ00",
    "**** 0000",
)
HEXES = (
    "0xXXXX",
    "0xxxxxxxxx",
    "XX:XX:XX:XX:XX:XX",
    "#XXXXXX",
    "xxxxxxxx",
    "xxxx:xxxx::x",
    "xxxxxxxx-xxxx",
)


def fill(dice: random.Random, pattern: str) -> str:
    """Replace every class letter of a pattern by a random member of its class.

    >>> fill(random.Random(1), "(-)")
    '(-)'
    """
    return "".join(dice.choice(CLASSES[c]) if c in CLASSES else c for c in pattern)


def _from(patterns: Sequence[str]) -> Maker:
    return lambda dice, words: fill(dice, dice.choice(patterns))


def recase(dice: random.Random, text: str) -> str:
    """Keep, capitalise, raise or lower a text's letters."""
    roll = dice.random()
    return (
        text
        if roll < 0.35
        else text.capitalize()
        if roll < 0.6
        else text.upper()
        if roll < 0.82
        else text.lower()
    )


def word(dice: random.Random, words: Sequence[str]) -> str:
    """Draw one word in some case, sometimes with punctuation around it."""
    text = recase(dice, dice.choice(words))
    if dice.random() < 0.85:
        return text
    return dice.choice(AROUND_WORD).format(text)


def phrase(dice: random.Random, words: Sequence[str]) -> str:
    """Draw two to four words in one case."""
    chosen = [
        dice.choice(words) if dice.random() < 0.8 else dice.choice(GLUE)
        for _ in range(dice.randint(2, 4))
    ]
    joint = dice.choice((" ", " ", " ", " ", " ", " & ", "-", " / ", ", "))
    text = joint.join(chosen)
    return dice.choice((text, text.lower(), text.title(), text.upper(), text.capitalize()))


def sentence(dice: random.Random, words: Sequence[str]) -> str:
    """Draw a sentence of four to twelve words, with commas, numbers, brackets and an end mark."""
    chosen = []
    for _ in range(dice.randint(4, 12)):
        roll = dice.random()
        chosen.append(
            dice.choice(GLUE)
            if roll < 0.35
            else dice.choice(words)
            if roll < 0.94
            else number(dice, words)
        )
        if roll > 0.3 and dice.random() < 0.12:
            chosen[-1] = dice.choice(IN_SENTENCE).format(chosen[-1])
    text = " ".join(chosen).rstrip(",;:- ")
    return text[0].upper() + text[1:] + dice.choice("....!?")


def amount(dice: random.Random, words: Sequence[str]) -> str:
    """Draw a price or a quantity with its unit."""
    value = f"{dice.choice((9, 99, 999, 9999)) * dice.random():.{dice.choice((0, 1, 2, 2))}f}"
    if dice.random() < 0.5:
        return dice.choice(CURRENCIES) + value + dice.choice(("", "", "", " EUR", "-"))
    return value + dice.choice(("", " ")) + dice.choice(UNITS)


def price(dice: random.Random, words: Sequence[str]) -> str:
    """Draw a price with two decimals, as on a receipt."""
    return f"{dice.choice((9, 99, 99, 999)) * dice.random():.2f}"


def date(dice: random.Random, words: Sequence[str]) -> str:
    """Draw a date, a time or both."""
    day, month, year = dice.randint(1, 31), dice.randint(1, 12), dice.randint(1950, 2049)
    name, mark = MONTHS[month - 1], dice.choice("/.-")
    clock = f"{dice.randint(0, 23):02d}:{dice.randint(0, 59):02d}"
    return dice.choice(
        (
            f"{year}-{month:02d}-{day:02d}",
            f"{day:02d}{mark}{month:02d}{mark}{year}",
            f"{month}{mark}{day}{mark}{year % 100:02d}",
            f"{day} {name} {year}",
            f"{name[:3]} {day}, {year}",
            f"{dice.choice(DAYS)} {day} {name[:3]}",
            f"{clock}:{dice.randint(0, 59):02d}",
            clock,
            f"{clock} {dice.choice(('AM', 'PM', 'h', 'Uhr'))}",
            f"{day:02d}{mark}{month:02d}{mark}{year % 100:02d} {clock}",
        )
    )


def address(dice: random.Random, words: Sequence[str]) -> str:
    """Draw an e-mail or a web address."""
    one, two = (dice.choice(words).lower() for _ in range(2))
    site = f"{two}.{dice.choice(DOMAINS)}"
    return dice.choice(
        (
            f"{one}@{site}",
            f"{one[0]}.{two}{dice.randint(1, 99)}@{site}",
            f"www.{site}",
            f"https://{site}/{one}",
            f"http://www.{site}",
            f"{site}/{one}?id={dice.randint(1, 9999)}",
            f"{one}_{dice.randint(1, 99)}",
        )
    )


def label(dice: random.Random, words: Sequence[str]) -> str:
    """Draw the name of a field, as on forms and receipts."""
    return dice.choice(LABELS)


def labelled(dice: random.Random, words: Sequence[str]) -> str:
    """Draw a field name with its value."""
    return f"{label(dice, words)}{dice.choice((': ', ' ', ':', ' - '))}{data(dice, words)}"


def wild(dice: random.Random, words: Sequence[str]) -> str:
    """Draw any printable ASCII, so that rare signs are learnt too."""
    text = "".join(dice.choices(PRINTABLE, k=dice.randint(3, 10)))
    return text if any(c.isalnum() for c in text) else text + dice.choice(CLASSES["Q"])


number = _from(NUMBERS)
code = _from(CODES)
plate = _from(PLATES)
WORDING: dict[Maker, float] = {word: 4, phrase: 4, sentence: 2, labelled: 1}
DATA: dict[Maker, float] = {
    number: 3,
    code: 3,
    plate: 1,
    amount: 2,
    date: 2,
    _from(PHONES): 1,
    _from(BANKS): 1,
    _from(HEXES): 0.7,
    address: 1.5,
    wild: 1,
}


def _draw(table: dict[Maker, float]) -> Maker:
    makers, weights = list(table), list(table.values())
    return lambda dice, words: dice.choices(makers, weights)[0](dice, words)


wording = _draw(WORDING)
data = _draw(DATA)


def snippet(
    dice: random.Random,
    words: Sequence[str],
    longest: int,
    makers: Sequence[Maker] = (wording, data),
) -> str:
    """Draw a text of at most so many characters, preferring makers whose texts fit whole.

    Args:
        dice: source of chance.
        words: dictionary words to draw from.
        longest: most characters wanted, at least 1.
        makers: what may be drawn, each as likely.
    """
    text = ""
    for _ in range(4):
        text = dice.choice(makers)(dice, words)
        if len(text) <= longest:
            return text
    cut = text[:longest].strip()
    return cut if any(c.isalnum() for c in cut) else fill(dice, "Q" * max(1, longest // 2))
