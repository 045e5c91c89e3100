"""Import what only the sandbox needs, and say which extra brings it where it is missing."""

try:
    import jsonschema
    import referencing
    import referencing.jsonschema
    import yaml
except ImportError as error:
    _message = f"the sandbox needs {error.name}: pip install unified-copy[sandbox]"
    raise ImportError(_message, name=error.name) from error

__all__ = ["jsonschema", "referencing", "yaml"]
