"""The pages of the checkout, and the modules that they name."""

from structure.syntax import ROOT, STAGES

SKIPPED = {"build", "dist", "runs", "shared", "node_modules"}


def pages():
    """Every Markdown file of the checkout, by its path from the top."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    return sorted(
        path
        for path in found
        if not any(part in SKIPPED or part.startswith(".") for part in path.parts)
    )


def module_file(name):
    """Where a module of the repository lies, or None."""
    parts = name.split(".")
    if parts[0] == "tcsdk" and len(parts) > 1 and parts[1] in STAGES:
        parts = parts[1:]
    path = ROOT.joinpath(*parts)
    choices = [path.with_suffix(".py"), path / "__main__.py"]
    return next((choice for choice in choices if choice.is_file()), None)
