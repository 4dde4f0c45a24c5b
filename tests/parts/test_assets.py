"""The page's scripts as built: they load in real Chromium under the hashes of their manifest, and draw."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import Page

PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>parts</title>{scripts}
<div id="chart" style="width:400px;height:300px"></div></html>"""
DRAW = """() => {
  const chart = echarts.init(document.getElementById("chart"), null, {renderer: "svg"});
  const axes = {xAxis: {type: "category", data: ["杭州市"]}, yAxis: {}};
  chart.setOption({...axes, animation: false, series: [{type: "bar", data: [7]}]});
  return document.querySelector("#chart svg").textContent;
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without telling the terminal."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name for it
        """Says nothing."""


@pytest.fixture
def served(assets: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a page that loads every script of the manifest with its hash."""
    manifest: dict[str, str] = json.loads((assets / "manifest.json").read_text())
    # htmx first: its extensions register with it.
    names = sorted(manifest, key=lambda name: not name.startswith("htmx"))
    tags = [f'<script src="{name}" integrity="{manifest[name]}"></script>' for name in names]
    for name in manifest:
        (tmp_path / name).write_bytes((assets / name).read_bytes())
    (tmp_path / "index.html").write_text(PAGE.format(scripts="".join(tags)))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


async def test_the_scripts_load_under_their_hashes_and_draw(served: str, chromium_page: Page) -> None:
    await chromium_page.goto(served)
    assert await chromium_page.evaluate("htmx.version") == "4.0.1"
    assert "杭州市" in await chromium_page.evaluate(DRAW)


async def test_a_changed_script_is_refused(served: str, tmp_path: Path, chromium_page: Page) -> None:
    with (tmp_path / "echarts.min.js").open("a") as script:
        script.write("\n// changed")
    await chromium_page.goto(served)
    assert await chromium_page.evaluate("typeof echarts") == "undefined"
