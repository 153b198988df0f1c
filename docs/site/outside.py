"""A hook of MkDocs: pages of the repository that lie outside docs/ are pages of the site too.

Pages link to each other as they lie in the repository, so that the links work there. On the site
docs/ is the top, and the pages outside it keep their paths: docs/use/quality.md is use/quality.md,
zoo/tfic/card.md stays zoo/tfic/card.md. Links between the two kinds are rewritten.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
OUTSIDE = ("CHANGELOG.md", "CONTRIBUTING.md", "zoo/*/card.md")
DOCS = "docs/"
LINK = re.compile(r"(\]\()([^)\s#]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages outside docs/."""
    for pattern in OUTSIDE:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(text: str, page: Page, files: Files, **_: Any) -> str:
    """Rewrite a page's links to and from pages outside docs/."""
    here = page.file.src_uri
    outside = bool(page.file.generated_by)
    folder = posixpath.dirname(here if outside else DOCS + here)

    def rewritten(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, match[2]))
        on_site = target.removeprefix(DOCS)
        if "://" in match[2] or not (outside or on_site == target):
            return match[0]
        return match[1] + posixpath.relpath(on_site, posixpath.dirname(here) or ".")

    return LINK.sub(rewritten, text)
