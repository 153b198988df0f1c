"""Make docs/reference/model-folder.md from the tables of tcsdk/model/tasks.py and graphs.py.

python tests/makers/make_folder_page.py docs/reference/model-folder.md
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from tcsdk.model.graphs import GRAPHS, TensorRow
from tcsdk.model.manifest import FORMAT
from tcsdk.model.tasks import TASKS, Field

HEAD = f"""# Model folders

A model is a folder: `manifest.json` (this page), its graphs (ONNX), their weights and, of a codec,
its entropy bundle (`entropy.tcsb`, [format.md](format.md)). Weights of 2 to 8 bits are packed:
[packed-weights.md](packed-weights.md). `tcsdk.Encoder(path)` and `tcsdk.Decoder(models=[path])`
take a folder of your own; `tcsdk models FOLDER` describes it.

This page is made from the tables that reader and writer use (`tcsdk/model/tasks.py`, `graphs.py`):
`python tests/makers/make_folder_page.py docs/reference/model-folder.md`.

## The manifest, format {FORMAT}

One writer makes it (`tcsdk.model.manifest.write_manifest`), one reader checks it whole before it
opens a file that it names. A field that is missing or holds something else is refused with what was
expected; so is a value that was changed since. Fields that a reader does not know are passed over.

The digest covers all that a stream does not: `halo` says what is decoded near the borders of tiles,
and `default_quality`, `adaptive` and `detects_text` what an encoder writes. A folder in which one
of them was edited is refused whole. Written anew with another `halo` it is another model, and wants
a wire id of its own: streams name the wire id and the entropy bundle alone. Manifests of format 1
have no digest.

| field | holds | meaning |
|---|---|---|
| `format` | {FORMAT} | Of the manifest. Format 1 is read too: it knew codecs alone, no `task`, no `digest`. |
| `task` | {" or ".join(f"`{task}`" for task in TASKS)} | What the model does: below. |
| `digest` | 64 hex digits | SHA-256 over the canonical JSON of all other fields: keys sorted, no blanks, ASCII with escapes. |
"""  # noqa: E501 - rows of a table


def rows(fields: Mapping[str, Field]) -> Iterator[str]:
    """The rows of a table of fields."""
    for name, field in fields.items():
        extra = " May be missing." if field.optional else ""
        if field.default is not None:
            extra = f" `{str(field.default).lower()}` where an older folder lacks it."
        yield f"| `{name}` | {field.kind.words} | {field.meaning}{extra} |\n"


def table(title: str, fields: Mapping[str, Field]) -> str:
    """A section with a table of fields."""
    return f"\n{title}\n\n| field | holds | meaning |\n|---|---|---|\n{''.join(rows(fields))}"


def shape(tensor: TensorRow) -> str:
    """A tensor's shape in words."""
    if tensor.stride is None:
        return "(N, C, 1, 1)"
    side = "" if tensor.stride == 1 else f"/{tensor.stride}"
    height = f"H{side}" if tensor.rows is None else tensor.rows
    width = f"W{side}" if tensor.columns is None else tensor.columns
    return f"(N, C, {height}, {width})" + (" or (1, C, 1, 1)" if tensor.broadcasts else "")


def tensors(which: str, of: Mapping[str, TensorRow]) -> Iterator[str]:
    """The rows of a graph's inputs or outputs."""
    for name, tensor in of.items():
        planes = f"planes {', '.join(f'`{plane}`' for plane in tensor.planes)}"
        notes = [planes] if tensor.planes else []
        notes += ["may be missing"] if tensor.optional else []
        yield f"| `{name}` | {which} | {tensor.dtype} | {shape(tensor)} | {'; '.join(notes)} |\n"


def page() -> str:
    """The whole page."""
    first = next(iter(TASKS.values()))
    common = {name: field for name, field in first.table.items() if name not in first.fields}
    parts = [HEAD, table("## Fields of every model", common)]
    for name, task in TASKS.items():
        text = textwrap.fill(f"This is {task.what}; {task.runs}.", 100, break_long_words=False)
        parts.append(f"\n## Task `{name}`\n\n{text}\n")
        if task.fields:
            parts.append(table("Its own fields:", task.fields))
        parts.append(table("Fields of a precision:", task.precision))
    parts.append("\n## Graphs\n\nArrays go in and come out by these names.\n")
    for role, graph in GRAPHS.items():
        head = "| tensor | | dtype | shape | |\n|---|---|---|---|---|\n"
        body = [*tensors("in", graph.inputs), *tensors("out", graph.outputs)]
        parts.append(f"\n### `{role}`\n\n{head}{''.join(body)}")
    return "".join(parts)


def main() -> None:
    """Write the page."""
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
