"""What authors of adapters test with."""
