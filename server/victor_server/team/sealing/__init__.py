"""Keys: what is sealed at rest, and what is signed."""
