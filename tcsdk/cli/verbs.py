"""Arguments to verbs, and errors to exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tcsdk.cli import (
    batch,
    build,
    decode,
    doctor,
    encode,
    info,
    mime,
    models,
    packets,
    quantize,
    read,
    recognize,
    serve,
    upscale,
    view,
)
from tcsdk.cli.report import fail
from tcsdk.cli.streams import prepare, silence_output
from tcsdk.distribution import installed_version
from tcsdk.errors import TcsdkError, UnknownModelError

EPILOG = """exit codes:
  0    everything done
  1    a file failed (the others are done; each failure is one line on standard error)
  2    wrong use: arguments, an unknown model or device
  3    everything done, and --verify did not agree with all of it (a line for each difference)
  130  interrupted (what is done stays)
"""


@dataclass(frozen=True)
class Verb:
    """One row of the table of verbs.

    Attributes:
        help: One line.
        add_arguments: Fills the verb's parser.
        run: Does the work and returns the exit code; ValueError means wrong use.
    """

    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


VERBS = {
    "encode": Verb("pictures to .tcs streams", encode.add_arguments, encode.run),
    "decode": Verb(".tcs streams to pictures", decode.add_arguments, decode.run),
    "view": Verb(".tcs streams on the screen", view.add_arguments, view.run),
    "serve": Verb("a page that makes and shows streams", serve.add_arguments, serve.run),
    "batch": Verb("folders, Parquet, stores to .tcs, by Ray", batch.add_arguments, batch.run),
    "info": Verb("what streams say of themselves", info.add_arguments, info.run),
    "read": Verb("the text in pictures or streams", read.add_arguments, read.run),
    "packets": Verb("streams to packets of a link, and back", packets.add_arguments, packets.run),
    "upscale": Verb("small crops of text, enlarged", upscale.add_arguments, upscale.run),
    "recognize": Verb("the text of lines or words cut out", recognize.add_arguments, recognize.run),
    "models": Verb("the models installed here", models.add_arguments, models.run),
    "mime": Verb("let the desktop and file(1) know .tcs", mime.add_arguments, mime.run),
    "quantize": Verb("weights to 2..8 bits", quantize.add_arguments, quantize.run),
    "build": Verb("engine plans for a GPU, ahead of time", build.add_arguments, build.run),
    "doctor": Verb("check this installation", doctor.add_arguments, doctor.run),
}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    parser = argparse.ArgumentParser(
        prog="tcsdk",
        description="Compress pictures to a few hundred bytes and keep their text readable.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    for name, verb in VERBS.items():
        verb.add_arguments(verbs.add_parser(name, help=verb.help, description=verb.help + "."))
    return parser


class _Version(argparse.Action):
    """Print the version; looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"tcsdk {installed_version()}")
        parser.exit()


def run_verb(argv: Sequence[str] | None) -> int:
    """Parse arguments, run their verb and return the exit code.

    Args:
        argv: Arguments without the program's name; None for the process's own.

    Raises:
        SystemExit: argparse's own, with code 2, for arguments that it cannot parse.
    """
    prepare()
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.verb is None:
        parser.print_help()
        return 0
    try:
        return VERBS[arguments.verb].run(arguments)
    except (ValueError, UnknownModelError) as error:
        fail(f"tcsdk {arguments.verb}", error)
        return 2
    except BrokenPipeError:  # who reads our output has gone: nothing is left to say
        silence_output()
        return 1
    except (TcsdkError, OSError) as error:
        fail(f"tcsdk {arguments.verb}", error)
        return 1
