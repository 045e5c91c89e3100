"""XT futures copy trading for unified_copy."""

from unified_copy_xt.futures.translate import XtFuturesSettings

__all__ = ["XtFuturesSettings"]
