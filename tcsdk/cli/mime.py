"""`tcsdk mime`: what lets a desktop, and file(1), know a stream when they see one.

A command, not data files of the wheel: those would lie in the environment that the wheel is
installed into, where no desktop looks, and nobody would run what compiles the database.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from pathlib import Path

from tcsdk.errors import OutputError
from tcsdk.media_type import MAGIC, MEDIA_TYPE, SUFFIX
from tcsdk.output import write_file

_COMMENT = "tcsdk picture"
_ESCAPED = "".join(f"\\{byte:03o}" for byte in MAGIC)  # octal, as both formats read it
_PROGRAM = "update-mime-database"  # of the package shared-mime-info

# https://specifications.freedesktop.org/shared-mime-info-spec/
_XML = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{MEDIA_TYPE}">
    <comment>{_COMMENT}</comment>
    <magic priority="60">
      <match type="string" offset="0" value="{_ESCAPED}"/>
    </magic>
    <glob pattern="*{SUFFIX}"/>
  </mime-type>
</mime-info>
"""

# The header of docs/reference/format.md; numbers in it are little-endian.
_FILE_MAGIC = f"""\
# tcsdk: pictures whose text stays readable
0	string	{_ESCAPED}	{_COMMENT}
!:mime	{MEDIA_TYPE}
!:ext	{SUFFIX.removeprefix(".")}
>11	uleshort	x	\\b, %u
>13	uleshort	x	x %u
>4	ubyte&0x3f	x	\\b, quality %u
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `mime`."""
    what = parser.add_mutually_exclusive_group(required=True)
    for option, (do, text) in _DEEDS.items():
        what.add_argument(option, action="store_const", dest="do", const=do, help=text)


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for and return the exit code."""
    arguments.do()
    return 0


def _install() -> None:
    target = _target()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make folder {target.parent}: {error.strerror}") from error
    write_file(target, _XML.encode())
    print(f"{target} written")
    _compile(target.parent.parent)


def _remove() -> None:
    target = _target()
    try:
        target.unlink()
    except FileNotFoundError:
        print(f"{target} is not there")
        return
    except OSError as error:
        raise OutputError(f"cannot remove {target}: {error.strerror}") from error
    print(f"{target} removed")
    _compile(target.parent.parent)


def _target() -> Path:
    home = Path(os.environ.get("XDG_DATA_HOME", ""))
    # Relative ones are to be ignored: XDG base directory specification.
    base = home if home.is_absolute() else Path.home() / ".local" / "share"
    return base / "mime" / "packages" / "tcsdk.xml"


def _compile(database: Path) -> None:
    """Compile the database that desktops read, or say how.

    Raises:
        OutputError: The program failed.
    """
    if shutil.which(_PROGRAM) is None:
        print(f"{_PROGRAM} is not here: install shared-mime-info, then run: {_PROGRAM} {database}")
        return
    done = subprocess.run([_PROGRAM, database], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OutputError(f"{_PROGRAM} {database} failed: {done.stderr.strip()}")
    print(f"{_PROGRAM} has run; programs that are open may have to be started again")


_DEEDS = {
    "--install": (
        _install,
        f"tell your desktop that {SUFFIX} is {MEDIA_TYPE}: below $XDG_DATA_HOME, else "
        "~/.local/share",
    ),
    "--remove": (_remove, "take that back"),
    "--xml": (
        lambda: print(_XML, end=""),
        "print what --install writes, for a package: share/mime/packages/tcsdk.xml",
    ),
    "--magic": (
        lambda: print(_FILE_MAGIC, end=""),
        "print what file(1) needs: append it to /etc/magic, or name a copy with file -m",
    ),
}
