"""XT futures copy trading for unified_copy."""
