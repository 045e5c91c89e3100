"""Write the distribution of a new adapter: one that works, for its author to put a venue's words into.

The folder ``template`` is such a distribution, of an exchange called ``some-exchange``; its files are written with that
name replaced, in every spelling that it has.
"""

from __future__ import annotations

import keyword
import re
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import attrs

from unified_copy.errors import ConfigError
from unified_copy.plugins import offers
from unified_copy.registry import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

_PLACEHOLDER: Final = "some-exchange"
_CACHES: Final = frozenset({"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
"""What installers and tools leave beside the sources."""
_MARK: Final = re.compile(r"^\s*# EDIT: (.+)$")


@attrs.frozen
class Edit:
    """Hold one place that the author has to edit."""

    file: PurePosixPath
    line: int
    what: str
    """What to put there."""


@attrs.frozen
class Written:
    """Hold what was written."""

    directory: Path
    files: tuple[PurePosixPath, ...]
    """Every file, by its path in the directory."""
    edits: tuple[Edit, ...]


def write_distribution(name: str, directory: Path | None = None) -> Written:
    """Write the distribution of an adapter for exchange ``name`` into a new folder, all of it or nothing.

    The folder is ``unified-copy-NAME`` where one is, unless ``directory`` says otherwise; one that is there must be
    empty. Raises ``ConfigError`` with field ``name`` for a name that is not valid or taken, and with field
    ``directory`` for a folder that cannot be written.
    """
    _check_name(name)
    target = directory or Path(distribution_name(name))
    texts = dict(_texts(name))
    try:
        place = target.resolve()
        _check_place(place, target)
        # Beside the place, so that one rename puts everything there; one level down, because this folder is private.
        with tempfile.TemporaryDirectory(prefix=".new-adapter-", dir=place.parent) as temporary:
            whole = Path(temporary, place.name)
            for file, text in texts.items():
                _write(whole / file, text)
            if place.exists():
                place.rmdir()
            whole.rename(place)
    except OSError as error:
        raise ConfigError("directory", f"{target} cannot be written: {error.strerror or error}") from None
    edits = (Edit(file, line, what) for file, text in texts.items() for line, what in _marks(text))
    return Written(target, tuple(texts), tuple(edits))


def distribution_name(name: str) -> str:
    """Return what the distribution of an adapter for exchange ``name`` is called."""
    return f"unified-copy-{name}"


# ------------------------------------------------------------------ what is refused


def _check_name(name: str) -> None:
    """Refuse a name that no adapter could have, or that something installed has already."""
    reason = ""
    package = f"unified_copy_{name.replace('-', '_')}"
    if not NAME.fullmatch(name):
        reason = f"{name!r} is not made of lower-case letters, digits and single dashes, a letter first"
    elif keyword.iskeyword(name):
        reason = f"{name!r} is a word of Python's own, which no variable or module could have"
    elif claims := offers().get(name):
        reason = f"{name!r} is taken by {claims[0].distribution}"
    elif find_spec(package):
        reason = f"{name!r} makes a package {package}, and there is one already"
    elif _is_installed(distribution_name(name)):
        reason = f"{name!r} makes a distribution {distribution_name(name)}, and there is one already"
    if reason:
        raise ConfigError("name", f"{reason}; choose another name")


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _check_place(place: Path, told: Path) -> None:
    """Refuse a place that holds something, or that a folder cannot be made at."""
    reason = ""
    if place == Path.cwd():
        reason = "is where you are"
    elif place.is_dir() and any(place.iterdir()):
        reason = "is not empty"
    elif place.exists() and not place.is_dir():
        reason = "is not a folder"
    elif not place.parent.is_dir():
        reason = "lies in a folder that is not there"
    if reason:
        raise ConfigError("directory", f"{told} {reason}; name a new folder")


# ------------------------------------------------------------------ what is written


def _texts(name: str) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield path and text of every file, in the order of their paths, with ``name`` in place of the placeholder."""
    spellings = dict(zip(_spellings(_PLACEHOLDER), _spellings(name), strict=True))
    placeholder = re.compile("|".join(spellings))
    for path, text in sorted(_template(files(__name__) / "template", PurePosixPath())):
        yield PurePosixPath(_spelt(str(path), placeholder, spellings)), _spelt(text, placeholder, spellings)


def _spellings(name: str) -> tuple[str, ...]:
    """Return a name as it is, as a module, a variable of the environment and a class have it."""
    words = name.split("-")
    return name, "_".join(words), "_".join(words).upper(), "".join(map(str.capitalize, words))


def _spelt(text: str, placeholder: re.Pattern[str], spellings: Mapping[str, str]) -> str:
    return placeholder.sub(lambda found: spellings[found.group()], text)


def _template(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield path and text of every file of the template."""
    for entry in folder.iterdir():
        if entry.is_dir():
            if entry.name not in _CACHES:
                yield from _template(entry, path / entry.name)
        else:
            yield path / entry.name, entry.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    if text.startswith("#!"):
        path.chmod(path.stat().st_mode | 0o111)


def _marks(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _MARK.match(line):
            yield number, found[1]
