"""Going through a baseline: what a person is asked about each secret in it, and what has been answered."""
