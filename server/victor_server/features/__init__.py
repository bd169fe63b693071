"""What a user sees, in domain words. Knows nothing of LSP: the edge converts."""
