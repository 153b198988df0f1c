"""Messages that name arguments as Python has them, in the words of the command line."""

from __future__ import annotations

import json
import re
import unicodedata

# Arguments whose options are called otherwise. All others are `--name`, where there is one.
_CALLED = {"regions": "--roi", "models": "--model"}
_OPTIONS = (
    "background base_model base_quality conceal device keep layers max_bytes max_packets model "
    "models page payload quality refine region regions scale small step text text_boost "
    "threads tile user verify verify_limit verify_lines"
).split()
# What no option can do is left out of lists of what else there is.
_IN_PYTHON_ALONE = re.compile(r"(,| or) qmap=")
_SHOWN = 200  # characters of a text that came with a stream
_ARGUMENT = re.compile(rf"\b({'|'.join(_OPTIONS)})=(True\b|[^\s,;()]*)")
# Unicode's categories of what ends a line or steers a terminal.
_NOT_SHOWN = frozenset({"Cc", "Zl", "Zp"})


def quoted(text: str) -> str:
    r"""Return the beginning of a stranger's text so that nothing of it steers a terminal.

    >>> print(quoted("00482 \x1b[2J"))
    "00482 \u001b[2J"
    """
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return json.dumps(shown, ensure_ascii=not shown.isprintable())


def on_one_line(text: str) -> str:
    r"""Return a text, such as a file's name, that stays on its line and steers no terminal.

    >>> print(on_one_line("a\nb.png"))
    a\nb.png
    """
    if text.isprintable():
        return text
    escaped = (c.encode("unicode_escape").decode("ascii") for c in text)
    categories = map(unicodedata.category, text)
    return "".join(
        code if category in _NOT_SHOWN else c
        for c, code, category in zip(text, escaped, categories, strict=True)
    )


def option_of(name: str) -> str:
    """Return the option of an argument.

    >>> option_of("max_bytes"), option_of("regions")
    ('--max-bytes', '--roi')
    """
    return _CALLED.get(name, "--" + name.replace("_", "-"))


def in_shell_words(text: str) -> str:
    """Return a message with options in the place of arguments.

    >>> in_shell_words("max_bytes=30 is too small; try scale='auto' or small=True")
    '--max-bytes 30 is too small; try --scale auto or --small'
    >>> in_shell_words("leave it out, give regions= or qmap=, or take a model that has one")
    'leave it out, give --roi, or take a model that has one'
    """

    def option(match: re.Match[str]) -> str:
        value = "" if match[2] == "True" else match[2].strip("'\"[]")
        return f"{option_of(match[1])} {value}".rstrip()

    return _ARGUMENT.sub(option, _IN_PYTHON_ALONE.sub("", text))
