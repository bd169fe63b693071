"""Settings: what people write, where it comes from, and what code reads."""
