"""Bitget copy trading for unified_copy."""
