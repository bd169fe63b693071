"""What a secret looks like: one entry per kind, in one file per family, all of them listed in `table`."""
