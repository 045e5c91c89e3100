"""XT copy trading for unified_copy."""
