"""What is measured: each function prepares one contender and returns what takes a sample of it."""
