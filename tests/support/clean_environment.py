"""An environment of its own for what is installed beside this library, without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

ROOT: Final = Path(__file__).parents[2]
_ALONE: Final = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_QUIET": "1"}
"""What pip is told: to take nothing but what it is given. It reads 0 as "no isolation"."""


@attrs.frozen
class Environment:
    """Hold a virtual environment that borrows the libraries of the tests, and in which this one is installed."""

    scripts: Path

    @classmethod
    def create(cls, folder: Path) -> Environment:
        """Build this library from its source, and install it."""
        venv.create(folder, symlinks=os.name != "nt")
        created = cls(folder / ("Scripts" if os.name == "nt" else "bin"))
        told = created.run("python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).stdout
        borrowed = [path for path in sys.path if path.endswith("site-packages")]
        lines = (f"import site; site.addsitedir({path!r})\n" for path in borrowed)
        Path(told.strip(), "borrowed.pth").write_text("".join(lines), encoding="utf-8")
        created.run("pip", "install", str(ROOT), cwd=folder)
        return created

    def run(self, program: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program; one that is not a script of this environment is a module. Raises where it fails."""
        script = self.scripts / program
        command = [str(script)] if script.exists() else [str(self.scripts / "python"), "-m", program]
        done = subprocess.run(  # noqa: S603 (what a test says)
            [*command, *arguments], cwd=cwd, env=self._variables(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{program} {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done

    def _variables(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "COV_"))}
        return {**kept, **_ALONE, "VIRTUAL_ENV": str(self.scripts.parent), "COLUMNS": "200"}
