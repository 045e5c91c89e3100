"""The venues' published contracts, as OpenAPI 3.1 documents."""
