"""Pure decisions: which destinations, providers and files are allowed, and why."""
