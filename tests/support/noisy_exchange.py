"""An exchange whose module does on import what none may."""

from __future__ import annotations

import os
from pathlib import Path

from full_exchange.adapter import FullAdapter

Path(os.devnull).write_text("imported", encoding="utf-8")


class Noisy(FullAdapter):
    """Be like the other in everything else."""
