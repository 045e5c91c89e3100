"""The adapter for some-exchange, and a local venue to try it against."""
