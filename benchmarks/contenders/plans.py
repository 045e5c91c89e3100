"""Plan-sized work: how the cost of building and translating configs grows."""

from __future__ import annotations

import time

from contenders import signing
from contenders.sampling import Sample
from unified_copy.registry import resolve
from unified_copy.translation import translate_with


def sample(*, exchange: str, symbols: int, configs: int) -> Sample:
    """Measure ``configs`` configs of different leaders: microseconds to build and to translate one, seconds for all."""
    adapter = resolve(exchange)

    def take() -> dict[str, float]:
        started = time.process_time()
        built = [signing.config(exchange, symbols, str(leader)) for leader in range(1, configs + 1)]
        halfway = time.process_time()
        for config in built:
            translate_with(adapter, config)
        ended = time.process_time()
        each = 1e6 / configs
        return {"build": (halfway - started) * each, "us": (ended - halfway) * each, "s": ended - started}

    return take
