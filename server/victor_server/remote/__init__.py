"""The local end of team mode: the connection to the backend, what waits for it, and what it holds this edge to."""
