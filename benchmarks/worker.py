"""Take samples of one contender, in a process and an environment of its own.

Started with the contender as ``module:function`` and its arguments as JSON. Prints a line with the versions of the
libraries that are installed here once it is ready; then answers every line on standard input with one sample. Needs
nothing but the standard library, so that it runs in every environment.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Final

LIBRARIES: Final = ("aiohttp", "aiolimiter", "ccxt", "httpx", "msgspec", "pyrate-limiter", "pyxt", "unified-copy")


def versions() -> dict[str, str]:
    """Return the versions of the libraries that are compared, as far as they are installed here."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def main(contender: str, arguments: str) -> None:
    """Prepare the contender, then take a sample for every line read."""
    module, _, function = contender.partition(":")
    sample = getattr(import_module(f"contenders.{module}"), function)(**json.loads(arguments))
    print(json.dumps(versions()), flush=True)
    for _ in sys.stdin:
        print(json.dumps(sample()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
