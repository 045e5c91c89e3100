"""What ``new-adapter`` writes is a whole distribution that works, and it takes nothing from anybody."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pytest
from openapi_spec_validator import validate

from unified_copy import exchanges, scaffold
from unified_copy.sandbox.document import parse
from unified_copy.scaffold import write_distribution
from unified_copy.testing.rules import RULES

if TYPE_CHECKING:
    from tests.cli.conftest import Ran, Run

NAME = "moon-dex"
PACKAGE = "unified_copy_moon_dex"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def installed(folder: Path, distribution: str, entry_points: str = "") -> None:
    """Make a folder look like one that a distribution is installed in."""
    told = folder / f"{distribution.replace('-', '_')}-1.5.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.5\n")
    (told / "entry_points.txt").write_text(entry_points)


def refused(ran: Ran, field: str, reason: str) -> bool:
    return (ran.code, ran.out) == (2, "") and ran.err.startswith(f"error: {field}: ") and reason in ran.err


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize("name", ["", "Moon", "moon_dex", "moon--dex", "moon-", "9moon", "../moon", "月亮", "moon dex"])
def test_a_name_that_no_adapter_could_have_is_refused(run: Run, here: Path, name: str) -> None:
    assert refused(run("new-adapter", name), "name", f"{name!r} is not made of lower-case letters")
    assert [*here.iterdir()] == []


def test_a_keyword_is_refused(run: Run) -> None:
    assert refused(run("new-adapter", "lambda"), "name", "a word of Python's own")


@pytest.mark.parametrize("name", exchanges())
def test_a_built_in_name_is_refused(run: Run, here: Path, name: str) -> None:
    assert refused(run("new-adapter", name), "name", f"{name!r} is taken by unified-copy")
    assert [*here.iterdir()] == []


def test_a_name_that_a_plug_in_offers_is_refused_with_its_owner(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path / "site", "lunar-plugins", f"[unified_copy.adapters]\n{NAME} = lunar:Lunar\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert refused(run("new-adapter", NAME), "name", f"{NAME!r} is taken by lunar-plugins")


def test_a_name_whose_distribution_is_installed_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path / "site", f"unified-copy-{NAME}")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert refused(run("new-adapter", NAME), "name", f"distribution unified-copy-{NAME}, and there is one already")


def test_a_name_whose_package_is_there_is_refused(run: Run) -> None:
    assert refused(run("new-adapter", "specs"), "name", "package unified_copy_specs, and there is one already")


def test_a_folder_that_holds_something_is_left_as_it_is(run: Run, here: Path) -> None:
    (here / "mine").mkdir()
    (here / "mine" / "notes.txt").write_text("do not lose this")
    assert refused(run("new-adapter", NAME, "--directory", "mine"), "directory", "mine is not empty")
    assert [path.name for path in here.rglob("*")] == ["mine", "notes.txt"]


def test_a_folder_is_not_written_twice(run: Run) -> None:
    assert run("new-adapter", NAME).code == 0
    assert refused(run("new-adapter", NAME), "directory", f"unified-copy-{NAME} is not empty")


@pytest.mark.parametrize(
    ("directory", "reason"),
    [
        (".", "is where you are"),
        ("nowhere/..", "is where you are"),
        ("file", "is not a folder"),
        ("nowhere/mine", "lies in a folder that is not there"),
        ("x" * 300, "cannot be written: File name too long"),
    ],
)
def test_a_place_where_no_folder_can_be_made_is_refused(run: Run, here: Path, directory: str, reason: str) -> None:
    (here / "file").touch()
    assert refused(run("new-adapter", NAME, "--directory", directory), "directory", reason)
    assert [path.name for path in here.iterdir()] == ["file"]


def test_nothing_is_left_behind_where_not_everything_can_be_written(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, write = count(), Path.write_text

    def full(path: Path, text: str, **how: str) -> int:
        if next(written) == 3:
            raise OSError(28, "No space left on device")
        return write(path, text, **how)

    (here / "mine").mkdir()
    monkeypatch.setattr(Path, "write_text", full)
    ran = run("new-adapter", NAME, "--directory", "mine")
    assert refused(ran, "directory", "mine cannot be written: No space left on device")
    assert [path.name for path in here.rglob("*")] == ["mine"]


# ------------------------------------------------------------------ what is written


def test_it_says_what_it_wrote_where_to_edit_and_what_to_do_next(run: Run, here: Path) -> None:
    ran = run("new-adapter", NAME, "--directory", "my adapter")
    assert (ran.code, ran.err) == (0, "")
    root = here / "my adapter"
    files = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    assert [file for file in files if f"\n  {file}\n" not in ran.out] == []
    marks = {
        f"{file}:{number}"
        for file in files
        for number, line in enumerate((root / file).read_text().splitlines(), start=1)
        if "# EDIT: " in line
    }
    assert set(re.findall(r"^(\S+:\d+) ", ran.out, re.MULTILINE)) == marks != set()
    assert ran.out.splitlines()[-3:] == [
        "  python -m pip install --editable 'my adapter[dev]'",
        "  python -m pytest 'my adapter'",
        f"  unified-copy demo --exchange {NAME}",
    ]


def test_it_says_so_in_a_document_too(run: Run, here: Path) -> None:
    told = run("new-adapter", NAME, "--json").json
    root = here / told["directory"]
    assert (told["exchange"], root.name) == (NAME, f"unified-copy-{NAME}")
    assert all((root / file).is_file() for file in told["files"])
    first = told["edits"][0]
    assert (root / first["file"]).read_text().splitlines()[first["line"] - 1].endswith(first["what"])
    assert len(told["next"]) == 3


def test_an_empty_folder_is_filled(run: Run, here: Path) -> None:
    (here / "mine").mkdir()
    assert run("new-adapter", NAME, "--directory", "mine").code == 0
    assert (here / "mine" / PACKAGE / "adapter.py").is_file()
    assert os.access(here / "mine" / ".ci" / "run", os.X_OK)
    assert [path.name for path in here.iterdir()] == ["mine"]


def test_nothing_is_called_by_the_name_of_the_template(here: Path) -> None:
    write_distribution(NAME)
    for path in here.rglob("*"):
        text = path.read_text() if path.is_file() else ""
        assert not re.search("some.?exchange", f"{path.relative_to(here)} {text}", re.IGNORECASE), path


def test_its_readme_names_every_file_to_edit(here: Path) -> None:
    written = write_distribution(NAME)
    table = re.findall(r"^\| `([^`]+)` \|", (here / written.directory / "README.md").read_text(), re.MULTILINE)
    unmarked = "tests/golden/following.json"  # JSON takes no comment
    assert sorted(table) == sorted({*(str(edit.file) for edit in written.edits), unmarked})


def test_its_contract_is_well_formed() -> None:
    written = write_distribution(NAME)
    validate(parse((written.directory / PACKAGE / "contract.yaml").read_text()))


def test_what_tools_leave_beside_the_template_is_not_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "scaffold"
    shutil.copytree(Path(scaffold.__file__).parent, copy)
    for name in (".ruff_cache", "__pycache__"):
        (copy / "template" / "tests" / name).mkdir(exist_ok=True)
        (copy / "template" / "tests" / name / "left.bin").write_bytes(b"\xff")
    monkeypatch.setattr(scaffold, "files", lambda _package: copy)
    assert [file for file in run("new-adapter", NAME, "--json").json["files"] if "cache" in file] == []


@pytest.mark.parametrize("name", ["z", "an-exchange-with-a-rather-long-name"])
def test_it_lints_clean_whatever_the_length_of_its_name(name: str) -> None:
    written = write_distribution(name)
    for arguments in (("check",), ("format", "--check")):
        ran = subprocess.run(  # noqa: S603 (our own tools)
            [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."],
            cwd=written.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout


# ------------------------------------------------------------------ what it does once it is installed


@attrs.frozen
class Author:
    """Hold the folder of an author who has installed a new adapter as it was written."""

    folder: Path
    environment: dict[str, str]

    def runs(self, *command: str, code: int = 0) -> str:
        """Run a command there, which ends with ``code``, and return its output."""
        ran = subprocess.run(  # noqa: S603 (what was just written, and our own program)
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Author:
    """Install a new adapter beside what is installed here, from its wheel and without a network."""
    base = tmp_path_factory.mktemp("author")
    folder, site = base / "adapter", base / "site"
    write_distribution(NAME, folder)
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    # The installed package is used, and not the one in the folder.
    environment = {**os.environ, "PATH": programs, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    new = Author(folder, environment)
    how = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    new.runs(sys.executable, "-m", "pip", "install", *how, "--target", str(site), str(folder))
    return new


def test_its_own_check_passes_with_types_lints_every_rule_and_the_demonstration(author: Author) -> None:
    told = author.runs(".ci/run")
    assert "Success: no issues found in 8 source files" in told
    assert f"{len(RULES)} of {len(RULES)} rules kept" in told
    steps = dict(re.findall(r"^(follow|unfollow|refuse) +(\w+)", told, re.MULTILINE))
    assert {"follow": "applied", "unfollow": "done", "refuse": "refused"}.items() <= steps.items()


def test_it_is_listed_with_its_distribution_and_its_host(author: Author) -> None:
    rows = [line.split() for line in author.runs("unified-copy", "exchanges").splitlines()]
    assert [NAME, f"unified-copy-{NAME}", "0.1.0", "https://api.moon-dex.example", "-"] in rows


def test_a_follow_is_translated_into_its_words(author: Author) -> None:
    described = ("--leader", "7", "--fixed-amount", "0.10", "--symbol", "月亮/USDT")
    told = author.runs("unified-copy", "translate", *described, "--exchange", NAME)
    assert '{"leaderId":"7","amount":"0.10","symbols":["月亮-USDT"]}' in told


def test_an_author_who_errs_is_told_where_to_look_and_nothing_of_the_suite(author: Author, tmp_path: Path) -> None:
    edited = tmp_path / "edited"
    shutil.copytree(author.folder, edited)
    words = edited / PACKAGE / "translate.py"
    words.write_text(words.read_text().replace('sent("symbols[]"', 'sent("pairs[]"'))
    path = os.pathsep.join((str(edited), author.environment["PYTHONPATH"]))
    new = Author(edited, {**author.environment, "PYTHONPATH": path})
    told = new.runs(sys.executable, "-m", "pytest", code=1)
    failed = re.findall(r"^FAILED \S+\[(\w+)\]", told, re.MULTILINE)
    assert "T1" in failed
    explained, _, _ = told.partition("short test summary info")  # which says it again where a machine wants whole lines
    looks = re.findall(rf"^ +look at {PACKAGE}/adapter.py:\d+ \(MoonDexAdapter", explained, re.MULTILINE)
    assert len(looks) == len(failed)
    assert "rules/translation.py" not in told
