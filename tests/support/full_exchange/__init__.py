"""An exchange that can do everything, to show what a client and the command line make of it."""

from full_exchange.adapter import FullAdapter
from full_exchange.venue import FullVenue

__all__ = ["FullAdapter", "FullVenue"]
