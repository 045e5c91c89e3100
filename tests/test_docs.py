"""Every snippet and every command of the documentation runs, and every generated page is up to date."""

from __future__ import annotations

import asyncio
import os
import re
import runpy
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from unified_copy import exchanges, load_adapter
from unified_copy.cli.sandbox import environment
from unified_copy.sandbox import Sandbox

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
IN_ORDER = ROOT / "docs" / "adding-an-exchange.md"
"""The page whose blocks build on each other, which has tests of its own."""
ALONE = [page for page in PAGES if page != IN_ORDER]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

SNIPPETS = [
    pytest.param(text, id=f"{page.name}-{number}")
    for page in ALONE
    for number, (kind, text) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
    if kind == "python"
]
COMMANDS = [
    pytest.param(page, line.removeprefix("$ "), id=f"{page.name}: {line}")
    for page in ALONE
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8"))
    if kind == "console"
    for line in text.splitlines()
    if line.startswith("$ ")
]


@pytest.fixture
def venues(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve every local venue in place of the real hosts, with credentials in the environment."""
    sandbox = Sandbox(*(name for name in exchanges() if load_adapter(name).venue))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(sandbox.__aenter__(), loop).result()
    for name, credentials in sandbox.credentials.items():
        for variable, value in environment(name, credentials).items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setattr(load_adapter(name), "hosts", (sandbox.base_urls[name],))
    yield sandbox
    asyncio.run_coroutine_threadsafe(sandbox.__aexit__(None, None, None), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.mark.usefixtures("venues")
@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_runs_and_prints(snippet: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "snippet.py"
    script.write_text(snippet, encoding="utf-8")
    runpy.run_path(str(script), run_name="__main__")
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_a_command_works(page: Path, command: str, venues: Sandbox, tmp_path: Path) -> None:
    program, *arguments = shlex.split(command)
    if program == "make":
        # .ci/run runs these; a test that ran them would run itself.
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        assert [target for target in arguments if "=" not in target and target not in targets] == []
        return
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "toml":
            (tmp_path / text.splitlines()[0].removeprefix("# ")).write_text(text, encoding="utf-8")
    if "--exchange" in arguments and arguments[0] != "translate":
        exchange = arguments[arguments.index("--exchange") + 1]
        arguments += ["--base-url", f"{exchange}={venues.base_urls[exchange]}"]
    done = subprocess.run(  # noqa: S603 (the documentation's own commands)
        [str(Path(sys.executable).with_name(program)), *arguments],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_up_to_date(page: Path) -> None:
    generate = runpy.run_path(str(ROOT / "docs" / "generate.py"))
    text = page.read_text(encoding="utf-8")
    assert generate["page"](text) == text, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_readme_starts_in_one_screen() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.index("make demo") < text.index("## Follow")
    assert len(text[: text.index("## Follow")].splitlines()) <= 40
