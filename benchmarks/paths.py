"""Folders and files of the repository that measurements read and write."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
LABEL = ROOT / "examples" / "pictures" / "label.png"
