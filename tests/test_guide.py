"""The guide to adding an exchange works from top to bottom, and shows the example as it is."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from pathlib import Path
from typing import Final

import attrs
import pytest
from clean_environment import ROOT, Environment

GUIDE: Final = ROOT / "docs" / "adding-an-exchange.md"
FIRST: Final = ROOT / "examples" / "first-afternoon"
COMPLETE: Final = ROOT / "examples" / "unified-copy-lunex"
_BLOCK: Final = re.compile(r"^```(\w+)\n(?:(?:#|//) (\S+\.\w+)\n)?(.*?)^```$", re.DOTALL | re.MULTILINE)
_NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", ".*_cache")


@attrs.frozen
class Block:
    """Hold one block of the page."""

    kind: str
    file: str
    """The file that it names in its first line, if any."""
    text: str

    @property
    def shown(self) -> Path | None:
        """Return the file of the example that it is a part of."""
        found = (folder / self.file for folder in (FIRST, COMPLETE) if self.file and (folder / self.file).exists())
        return next(found, None)


BLOCKS: Final = [Block(*found) for found in _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    "block",
    [pytest.param(block, id=f"{number}-{block.file}") for number, block in enumerate(BLOCKS) if block.shown],
)
def test_a_block_that_names_a_file_is_part_of_it(block: Block) -> None:
    assert block.shown is not None
    assert block.text in block.shown.read_text(encoding="utf-8")


def test_every_block_is_run_or_part_of_a_file() -> None:
    doubtful = [block for block in BLOCKS if not block.shown and block.kind not in {"python", "console"}]
    assert [block.file for block in doubtful] == ["follow.toml"]


def test_the_blocks_of_the_first_afternoon_are_the_whole_of_it() -> None:
    typed = "\n".join(block.text for block in BLOCKS if block.file == "lunex.py")
    assert typed.split() == (FIRST / "lunex.py").read_text(encoding="utf-8").split()


def test_an_adapter_is_as_short_as_an_afternoon_wants_it() -> None:
    figures = runpy.run_path(str(ROOT / "docs" / "generate.py"))["figures"]()
    follows, everything, _venue = (lines for _, _, lines in figures)
    assert follows <= 60
    assert everything <= 400


def test_the_guide_works_from_top_to_bottom_in_an_environment_of_its_own(tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "environment")
    here = tmp_path / "author"
    shutil.copytree(FIRST, here, ignore=_NOT_COPIED)
    shutil.copytree(COMPLETE, here / COMPLETE.name, ignore=_NOT_COPIED)
    for block in BLOCKS:
        if block.shown:
            continue
        if block.kind == "console":
            _run_commands(environment, block.text, here)
        elif block.kind == "python":
            (here / "snippet.py").write_text(block.text, encoding="utf-8")
            said = environment.run("python", "snippet.py", cwd=here).stdout.splitlines()
            _follow_each_other(re.findall(r"print\(.*\)  # (.+)", block.text), said or [""])
            assert said
        else:
            (here / block.file).write_text(block.text, encoding="utf-8")
    installed = environment.run(
        "python", "-c", "import unified_copy_lunex; print(unified_copy_lunex.__file__)", cwd=here
    )
    assert installed.stdout.startswith(str(tmp_path / "environment"))


def _run_commands(environment: Environment, text: str, here: Path) -> None:
    """Run each command, and find the lines shown below it in what it prints."""
    for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, *wanted = command.splitlines()
        program, *arguments = shlex.split(line)
        _follow_each_other(wanted, environment.run(program, *arguments, cwd=here).stdout.splitlines())


def _follow_each_other(wanted: list[str], said: list[str]) -> None:
    """Find each line in what was said, after the one before, however wide the columns are."""
    rest = iter([" ".join(line.split()) for line in said])
    missing = [line for line in wanted if not any(line in each for each in rest)]
    assert missing == [], "\n".join(said)
