"""The reader that is shipped, as `python -m analysis fit` wrote it."""
