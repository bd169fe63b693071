"""Conversations with a model, for every face: turns, sessions, commands and completion. Knows neither LSP nor terminal."""
