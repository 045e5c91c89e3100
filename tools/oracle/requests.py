"""Print every golden request and some reads, each with our signature, as JSON lines for ``compare.py``.

Runs in our environment; ``compare.py`` runs in ccxt's. Both are started with ``-P``: this directory must not be
searched for modules, or ccxt would find this file where it imports its HTTP library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from unified_copy import Credentials, load_adapter
from unified_copy.testing.golden import load
from unified_copy.wire import Request, encode_query

GOLDEN: Final = Path(__file__).parents[2] / "tests" / "golden"
NOW_MS: Final = 1767225600123
KEY, SECRET, PASSPHRASE = "oracle-key", "oracle-secret", "oracle-passphrase"
SIGNATURES: Final = {
    "bitget": "ACCESS-SIGN",
    "bitget-spot": "ACCESS-SIGN",
    "okx": "OK-ACCESS-SIGN",
    "xt": "validate-signature",
    "xt-futures": "validate-signature",
}
_MIX: Final = "/api/v2/copy/mix-follower"
_SPOT: Final = "/api/v2/copy/spot-follower"
_OKX: Final = "/api/v5/copytrading"
_XT: Final = "/v4/account/copy-trade"
_FUTURES: Final = "/future/copytrade/user/v1/copy-trade"
READS: Final[dict[str, list[tuple[str, dict[str, str]]]]] = {
    "bitget": [
        (f"{_MIX}/query-settings", {"traderId": "123123123"}),
        (f"{_MIX}/query-traders", {"pageNo": "1", "pageSize": "50"}),
        (f"{_MIX}/query-traders", {"traderId": "a b+c=d&e"}),
        (f"{_MIX}/query-current-orders", {"symbol": "币安人生USDT", "productType": "USDT-FUTURES"}),
        (f"{_MIX}/query-traders", {}),
    ],
    "bitget-spot": [
        (f"{_SPOT}/query-settings", {"traderId": "abc123"}),
        (f"{_SPOT}/query-traders", {"pageNo": "1", "pageSize": "50"}),
        (f"{_SPOT}/query-current-orders", {"symbol": "币安人生USDT"}),
        (f"{_SPOT}/query-traders", {}),
    ],
    "okx": [
        (f"{_OKX}/copy-settings", {"instType": "SWAP", "uniqueCode": "25CD5A80241D6FE6"}),
        (f"{_OKX}/current-subpositions", {"instType": "SWAP", "limit": "1", "subPosType": "copy"}),
        (f"{_OKX}/current-subpositions", {"instId": "币安人生-USDT-SWAP", "uniqueCode": "a b+c=d&e"}),
        (f"{_OKX}/current-lead-traders", {}),
    ],
    "xt": [
        (f"{_XT}/follow-detail", {"leaderOrderId": "123123123"}),
        (f"{_XT}/follow-detail", {"leaderOrderId": "1", "symbol": "btc_usdt"}),
        (f"{_XT}/follow-detail", {}),
    ],
    "xt-futures": [
        (f"{_FUTURES}/follower-position", {"leaderAccountId": "5372510536645"}),
        (f"{_FUTURES}/follower-position", {"leaderAccountId": "5372510536645", "page": "1"}),
        (f"{_FUTURES}/my-follow-list", {}),
    ],
}


def requests(product: str) -> Mapping[tuple[str, str, bytes], tuple[str, Request]]:
    """Return each distinct request of ``product`` with its name, not yet signed."""
    adapter_class = load_adapter(product)
    golden = (
        (str(case), call.request) for case in load(GOLDEN / product) for call in case.calls(case.adapter(adapter_class))
    )
    reads = (("a read", Request("GET", target, encode_query(**query))) for target, query in READS[product])
    return {(request.method, request.target, request.body): (name, request) for name, request in (*golden, *reads)}


def main() -> None:
    """Print everything, one request to a line."""
    credentials = Credentials(KEY, SECRET, PASSPHRASE)
    for product, header in SIGNATURES.items():
        adapter = load_adapter(product)()
        for name, request in requests(product).values():
            line = {
                "product": product,
                "name": name,
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "body": request.body.decode(),
                "now_ms": NOW_MS,
                "key": KEY,
                "secret": SECRET,
                "passphrase": PASSPHRASE,
                "signature": adapter.sign(request, credentials, now_ms=NOW_MS).headers[header],
            }
            print(json.dumps(line))


if __name__ == "__main__":
    main()
