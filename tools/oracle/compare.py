"""Sign the requests that ``requests.py`` printed with ccxt as well, and compare the signatures.

Runs in ccxt's environment, of which ours knows nothing. ccxt is given the same method, path, query, body, time and
credentials; where it would send another target or body than ours, the requests are not the same and count as unequal.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

# Venue, the group of ccxt's that signs for it, what comes before the path ccxt is given, and the signature's header.
PRODUCTS: Final = {
    "bitget": ("bitget", ["private", "mix"], "/api/", "ACCESS-SIGN"),
    "bitget-spot": ("bitget", ["private", "spot"], "/api/", "ACCESS-SIGN"),
    "okx": ("okx", ["private"], "/api/v5/", "OK-ACCESS-SIGN"),
    "xt": ("xt", ["private", "spot"], "", "xt-validate-signature"),
    "xt-futures": ("xt", ["private", "linear"], "/", "xt-validate-signature"),
}
NOTES: Final = (
    "xt, xt-futures: ccxt signs header names that begin with xt-validate-, ours begin with validate-; compared is the",
    "  HMAC of ccxt's own text with that prefix exchanged.",
    "xt-futures: left out are requests with a form body, because ccxt only signs JSON bodies there.",
    "xt: left out are POSTs with a query, because ccxt puts the parameters of every POST into its body.",
)


def venue_for(case: dict[str, Any]) -> Any:  # noqa: ANN401 (ccxt is not installed where types are checked)
    """Return ccxt's exchange for ``case``, its time frozen and its JSON text that of the case."""
    name = PRODUCTS[case["product"]][0]
    venue = getattr(import_module("ccxt"), name)(
        {"apiKey": case["key"], "secret": case["secret"], "password": case["passphrase"]}
    )
    venue.nonce = lambda: case["now_ms"]
    venue.json = lambda _data, _params=None: case["body"]  # the same bytes, not the same numbers written anew
    if name == "xt":
        venue.options["recvWindow"] = "5000"
        plain = venue.hmac

        def exchanged(text: bytes, *rest: object) -> object:
            head, mark, tail = text.partition(b"#")
            return plain(head.replace(b"xt-validate-", b"validate-") + mark + tail, *rest)

        venue.hmac = exchanged
    return venue


def differences(case: dict[str, Any]) -> list[str]:
    """Return how ccxt's request differs from ours; nothing where it is the same and signed the same."""
    _, group, prefix, header = PRODUCTS[case["product"]]
    venue = venue_for(case)
    path = case["path"].removeprefix(prefix)
    if case["product"] == "xt":
        venue.version, path = path.removeprefix("/").split("/", 1)
    parameters = json.loads(case["body"]) if case["body"] else dict(parse_qsl(case["query"]))
    theirs = venue.sign(path, group, case["method"], parameters)
    url = urlsplit(theirs["url"])
    pairs = {
        "path": (case["path"], url.path),
        "query": (case["query"], url.query),
        "body": (case["body"], theirs["body"] or ""),
        "signature": (case["signature"], theirs["headers"][header]),
    }
    return [f"{name}: ours {ours!r}, ccxt's {other!r}" for name, (ours, other) in pairs.items() if ours != other]


def main(lines: Path) -> int:
    """Compare every request in ``lines``, print the table, and return the exit code."""
    compared: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    for line in lines.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        product = case["product"]
        if (product == "xt-futures" and case["body"]) or (case["method"] == "POST" and case["query"]):
            continue
        compared[product] += 1
        found = differences(case)
        equal[product] += not found
        for difference in found:
            print(f"{product}: {case['name']}: {difference}")
    print(f"ccxt {import_module('ccxt').__version__}")
    print("product     | compared | equal")
    for product in PRODUCTS:
        print(f"{product:<11} | {compared[product]:>8} | {equal[product]:>5}")
    print(*NOTES, sep="\n")
    return 0 if all(0 < compared[product] == equal[product] for product in PRODUCTS) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
