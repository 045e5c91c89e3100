"""An exchange whose module loads what only the client needs."""

from __future__ import annotations

import aiohttp
from full_exchange.adapter import FullAdapter


class Heavy(FullAdapter):
    """Be like the other in everything else."""

    http = aiohttp.ClientSession
