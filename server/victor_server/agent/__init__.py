"""The agent core: everything between a question and the tokens that answer it."""
