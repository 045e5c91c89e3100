"""Lunex for unified-copy: copy trading on perpetual contracts in USDT."""
