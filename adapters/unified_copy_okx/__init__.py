"""OKX copy trading for unified_copy."""
