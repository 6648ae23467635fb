"""autospan: adds distributed tracing to Python code that has none."""

__version__ = "0.1.0"
