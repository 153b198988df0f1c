"""`tcsdk doctor`: whether this installation works, and what it consists of."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from tcsdk.cli.arguments import add_device, add_json
from tcsdk.cli.examination import Finding, examine

# Most failures that the short report spells out; with what else it has it stays within 15 lines.
_MOST = 4
_WELL = "all is well"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `doctor`."""
    add_device(parser)
    parser.add_argument("--all", action="store_true", help="every finding, not a summary")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the verdict, then the findings, and return 1 if one of them is a failure."""
    findings = []
    for finding in examine(arguments.device, arguments.threads):
        findings.append(finding)
        _progress(f"{finding.topic} {finding.about}")
    _progress("")
    wrong = sum(finding.failed for finding in findings)
    verdict = f"{wrong} of {len(findings)} checks failed" if wrong else _WELL
    if arguments.json:
        fields = {"checks": len(findings), "failures": wrong}
        whole = Finding("verdict", "", verdict, failed=wrong > 0, fields=fields)
        lines = [_as_json(finding) for finding in (whole, *findings)]
    else:
        lines = [verdict, *(_all(findings) if arguments.all else _summary(findings))]
    print(*lines, sep="\n")
    return 1 if wrong else 0


def _progress(text: str) -> None:
    """Show what is being looked at, where somebody looks on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _as_json(finding: Finding) -> str:
    return json.dumps({key: value for key, value in asdict(finding).items() if key != "brief"})


def _all(findings: Sequence[Finding]) -> Iterator[str]:
    """A line per finding."""
    for finding in findings:
        mark = "FAIL" if finding.failed else "    "
        yield f"{mark} {f'{finding.topic} {finding.about}':<27} {finding.text}"


def _summary(findings: Sequence[Finding]) -> Iterator[str]:
    """The failures, then a line per topic."""
    failures = [finding for finding in findings if finding.failed]
    for finding in failures[:_MOST]:
        yield f"FAIL {f'{finding.topic} {finding.about}'.strip()}: {' '.join(finding.text.split())}"
    if len(failures) > _MOST:
        yield f"FAIL and {len(failures) - _MOST} more"
    for topic in dict.fromkeys(finding.topic for finding in findings):
        briefs = [f.brief for f in findings if f.topic == topic and f.brief and not f.failed]
        if briefs:
            briefs.sort(key=lambda brief: brief.startswith("no "))  # what is there comes first
            yield f"  {topic:<10} {', '.join(briefs)}"
    yield "every finding: tcsdk doctor --all; for programs: --json"
