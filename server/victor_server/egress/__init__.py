"""The only factory of outward connections."""
