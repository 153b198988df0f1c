"""Write into models.js which models ship, from the manifests of `zoo/`.

python tests/makers/make_web_models.py packages/npm/src/models.js
"""

from __future__ import annotations

import sys
from pathlib import Path

from tcsdk.model.find import list_codecs
from tcsdk.output import write_file

BEGIN, END = "export const MODELS = [\n", "];\n"


def made(text: str) -> str:
    """Return the module with a row for each codec that ships, the rest as it is."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    folders = sorted(list_codecs(), key=lambda folder: folder.wire_id)
    rows = (
        f'  {{ family: "{each.family}", wireId: {each.wire_id}, '
        f'bundle: "{each.sha256[each.bundle_file]}" }},\n'
        for each in folders
    )
    return before + BEGIN + "".join(rows) + END + after


if __name__ == "__main__":
    path = Path(sys.argv[1])
    write_file(path, made(path.read_text(encoding="utf-8")).encode())
