"""Tools: what a model may do besides talking, each asked of the permissions before it happens."""
