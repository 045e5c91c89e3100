"""What is measured against what, and how good it should be. All of it is data; ``run.py`` runs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from server import REQUESTS

OWN: Final = "own"
"""The environment that holds this library; the others are named as ``run.py`` is given them."""
OURS: Final = "unified-copy"


@attrs.frozen
class Contender:
    """Say what runs where: a function of a module in ``contenders``."""

    name: str
    function: str
    environment: str = OWN
    arguments: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Quantity:
    """Name one number of a sample."""

    key: str
    unit: str
    digits: int = 1
    compared: bool = True
    """Whether a ratio to ours means something."""


@attrs.frozen(kw_only=True)
class Measure:
    """Set contenders side by side: in every scenario they take turns, a sample each, ``rounds`` times."""

    name: str
    title: str
    quantities: tuple[Quantity, ...]
    contenders: tuple[Contender, ...]
    scenarios: Mapping[str, Mapping[str, Any]]
    rounds: int
    size: Mapping[str, int] = attrs.field(factory=dict)
    """How much work a sample is; scenarios and contenders may say otherwise."""
    tiny: Mapping[str, int] = attrs.field(factory=dict)
    """How much it is, for all, where it only has to run."""
    served: bool = False
    """Whether the contenders talk to ``server.py``."""
    at_once: bool = False
    """Whether all scenarios and contenders run at the same time, because they mostly wait."""


@attrs.frozen(kw_only=True)
class Target:
    """Bound one figure of ours: by ``most``, by that much more than a peer, or by that many times a peer."""

    told: str
    measure: str
    scenario: str
    quantity: str
    most: float
    contender: str = OURS
    above: str = ""
    times: str = ""


def _signing(exchange: str, title: str, *peers: Contender) -> Measure:
    return Measure(
        name=f"signing_{exchange}",
        title=f"From a built config to a signed request, {title}",
        quantities=(Quantity("us", "µs"),),
        contenders=(
            Contender(OURS, "signing:sample_library"),
            Contender("floor: msgspec, hmac", "signing:sample_fastest"),
            Contender("floor: json, hmac", "signing:sample_standard_library"),
            Contender("ccxt", "peer_ccxt:sample_sign", "ccxt"),
            *peers,
        ),
        scenarios={
            "1 symbol": {"exchange": exchange, "symbols": 1},
            "10 symbols": {"exchange": exchange, "symbols": 10},
        },
        rounds=11,
        size={"calls": 5_000},
        tiny={"calls": 3},
    )


IMPORT: Final = Measure(
    name="import",
    title="Import",
    quantities=(Quantity("ms", "ms"), Quantity("MiB", "MiB")),
    contenders=tuple(
        Contender(name, "imports:statement", environment, {"code": code})
        for name, environment, code in (
            (OURS, OWN, "import unified_copy"),
            ("unified-copy, client", OWN, "from unified_copy import CopyClient"),
            ("aiohttp", OWN, "import aiohttp"),
            ("ccxt", "ccxt", "import ccxt.async_support"),
            ("pyxt", "pyxt", "from pyxt.spot import Spot"),
        )
    ),
    scenarios={"fresh interpreter": {}},
    rounds=11,
)

LOOPBACK: Final = Measure(
    name="loopback",
    title="Processor time of one signed call over loopback",
    quantities=(Quantity("us", "µs", 0),),
    contenders=(
        Contender(OURS, "calls:sample_call"),
        Contender("unified-copy, follow", "calls:sample_follow"),
        Contender("aiohttp alone", "calls:sample_bare"),
        Contender("ccxt", "peer_ccxt:sample_loopback", "ccxt"),
        Contender("httpx alone", "peers:sample_httpx", "peers", {"calls": 200}),
    ),
    scenarios={f"{concurrent} concurrent": {"concurrent": concurrent} for concurrent in (1, 50, 200)},
    rounds=7,
    size={"calls": 1_000},
    tiny={"calls": 2},
    served=True,
)

LIMITS: Final = Measure(
    name="limits",
    title=f"A hundred requests at once against a limit of {REQUESTS} a second",
    quantities=(
        Quantity("refusals", "refusals", 0, compared=False),
        Quantity("s", "s", compared=False),
        Quantity("over", "% over the ideal", compared=False),
    ),
    contenders=(
        Contender(OURS, "calls:sample_limits"),
        Contender("ccxt", "peer_ccxt:sample_limits", "ccxt"),
        Contender("aiolimiter", "peers:sample_aiolimiter", "peers"),
        Contender("pyrate-limiter", "peers:sample_pyrate_limiter", "peers"),
    ),
    scenarios={
        f"round trip {milliseconds} ms": {"round_trip": milliseconds, "requests": REQUESTS}
        for milliseconds in (1, 60, 250)
    },
    rounds=3,
    size={"calls": 100},
    tiny={"calls": REQUESTS + 1},
    served=True,
    at_once=True,
)

_GROWTH: Final = (
    Quantity("build", "µs to build one", compared=False),
    Quantity("us", "µs to translate one", compared=False),
)
_VENUES: Final = tuple(Contender(name, "plans:sample", OWN, {"exchange": name}) for name in ("bitget", "xt"))

SYMBOLS: Final = Measure(
    name="symbols",
    title="How the cost grows with the symbols of a config",
    quantities=_GROWTH,
    contenders=_VENUES,
    scenarios={f"{count} symbol{'s'[: count > 1]}": {"symbols": count} for count in (1, 2, 5, 10)},
    rounds=5,
    size={"configs": 2_000},
    tiny={"configs": 2},
)

PLANS: Final = Measure(
    name="plans",
    title="How the cost grows with the number of configs, of two symbols each",
    quantities=(
        *_GROWTH,
        Quantity("s", "s to translate all", 2, compared=False),
    ),
    contenders=_VENUES,
    scenarios={f"{count:,} configs": {"symbols": 2, "configs": count} for count in (1_000, 10_000, 100_000)},
    rounds=3,
    tiny={"configs": 2},
)

ACCOUNTS: Final = Measure(
    name="accounts",
    title="A thousand accounts in one process",
    quantities=(Quantity("KiB", "KiB each"), Quantity("connections", "connections of 20 callers", 0, compared=False)),
    contenders=(
        Contender(OURS, "calls:sample_accounts"),
        Contender("ccxt, unconnected", "peer_ccxt:sample_accounts", "ccxt", {"accounts": 100}),
    ),
    scenarios={"one follow each": {"accounts": 1_000}},
    rounds=1,  # a second sample would find the memory of the first
    tiny={"accounts": 20},
    served=True,
)

MEASURES: Final = (
    IMPORT,
    _signing("bitget", "Bitget"),
    _signing("xt", "XT", Contender("pyxt", "peer_pyxt:sample_sign", "pyxt")),
    LOOPBACK,
    LIMITS,
    SYMBOLS,
    PLANS,
    ACCOUNTS,
)

_FRESH: Final = "fresh interpreter"
TARGETS: Final = (
    Target(told="`import unified_copy`, ms", measure="import", scenario=_FRESH, quantity="ms", most=60),
    Target(
        told="import with the client, ms",
        measure="import",
        scenario=_FRESH,
        quantity="ms",
        most=25,
        contender="unified-copy, client",
        above="aiohttp",
    ),
    *(
        Target(
            told=f"config to signed request, {title}, {symbols}, µs",
            measure=f"signing_{exchange}",
            scenario=symbols,
            quantity="us",
            most=most,
        )
        for exchange, title, symbols, most in (
            ("bitget", "Bitget", "1 symbol", 7),
            ("bitget", "Bitget", "10 symbols", 14),
            ("xt", "XT", "1 symbol", 6),
        )
    ),
    *(
        Target(
            told=f"processor time of a call, {concurrent} concurrent, µs",
            measure="loopback",
            scenario=f"{concurrent} concurrent",
            quantity="us",
            most=most,
            times="aiohttp alone",
        )
        for concurrent, most in ((1, 1.08), (50, 1.08), (200, 1.10))
    ),
    *(
        Target(
            told=f"{told} of a hundred requests, round trip {milliseconds} ms",
            measure="limits",
            scenario=f"round trip {milliseconds} ms",
            quantity=quantity,
            most=most,
        )
        for milliseconds in (1, 60, 250)
        for quantity, told, most in (("refusals", "refusals", 0), ("over", "time over the ideal, %,", 4))
    ),
    Target(told="an account, KiB", measure="accounts", scenario="one follow each", quantity="KiB", most=50),
)
"""What was set out to be reached, before anything was measured."""
