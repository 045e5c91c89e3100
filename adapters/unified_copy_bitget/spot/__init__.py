"""Bitget spot copy trading for unified_copy."""
