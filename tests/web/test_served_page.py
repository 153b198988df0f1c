"""The page as a wheel carries it, behind `tcsdk serve`: what its service worker keeps is there."""

from __future__ import annotations

import hashlib
import json
import subprocess
import threading
from urllib.request import urlopen

from web.package import NODE, PACKAGE, needs_package

from tcsdk.web.server import PageServer
from tcsdk.web.site import Site

pytestmark = needs_package


def test_a_page_without_nets_is_served_whole(tmp_path):
    page = tmp_path / "page"
    page.mkdir()
    assemble = [str(NODE), str(PACKAGE / "page" / "assemble.mjs"), str(page), "--without-nets"]
    subprocess.run(assemble, check=True)
    assert not list(page.rglob("*.tcsn"))
    with PageServer("127.0.0.1", 0, Site.of(page, None), None) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with urlopen(f"{server.address}files.json") as answer:
                kept = json.load(answer)
            sent = {}
            for name in [*kept, "tcsdk/dist/tfic/analysis.tcsn", "offline.js"]:
                with urlopen(server.address + name) as answer:
                    sent[name] = answer.read()
        finally:
            server.shutdown()
            thread.join()
    manifest = json.loads(sent["tcsdk/dist/tfic/manifest.json"])
    for net in ("synthesis.tcsn", "analysis.tcsn", "entropy.tcsb"):
        digest = hashlib.sha256(sent[f"tcsdk/dist/tfic/{net}"]).hexdigest()
        assert digest == manifest["sha256"][net]
    assert all(sent.values())
