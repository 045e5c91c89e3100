"""What every contender sends: one follow of one leader, in each venue's words, as a dictionary that is ready to encode.

Needs nothing but the standard library. A test holds it against what the library sends.
"""

from __future__ import annotations

from typing import Any, Final

LEADER: Final = "123123123"
AMOUNT: Final = "330"
CAP: Final = "5000"
KEY, SECRET, PASSPHRASE = "benchmark-key", "benchmark-secret", "benchmark-passphrase"
PATHS: Final = {"bitget": "/api/v2/copy/mix-follower/settings", "xt": "/v4/account/copy-trade/follow"}
COINS: Final = ("BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "LTC", "DOT", "UNI", "BNB")


def body(exchange: str, symbols: int) -> dict[str, Any]:
    """Return the body of a follow of ``symbols`` pairs."""
    coins = COINS[:symbols]
    if exchange == "xt":
        return {
            "leaderOrderId": int(LEADER),
            "followType": "FUND",
            "followVal": int(AMOUNT),
            "followLossOperate": "LEADER_CLOSE",
            "autoFollowSymbol": False,
            "symbols": ",".join(f"{coin.lower()}_usdt" for coin in coins),
        }
    return {
        "traderId": LEADER,
        "settings": [
            {
                "symbol": f"{coin}USDT",
                "productType": "USDT-FUTURES",
                "marginType": "trader",
                "marginCoin": "USDT",
                "leverType": "trader",
                "traceType": "amount",
                "traceValue": AMOUNT,
                "maxHoldSize": CAP,
            }
            for coin in coins
        ],
    }
