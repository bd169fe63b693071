"""Chat in the terminal: `victor`, `victor chat`."""
