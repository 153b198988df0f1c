"""Folders and files of the repository that measurements read and write."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"  # rows
PAGES = ROOT / "docs" / "results"  # pages made of them
LABEL = ROOT / "examples" / "pictures" / "label.png"
TYPICAL = LABEL.with_name("typical.png")  # the demo's: benchmarks/pages/demo_picture.py
