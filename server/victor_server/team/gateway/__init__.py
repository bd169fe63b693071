"""Calls of models on behalf of others: budgets, keys, redaction, cache, audit around the edge's own providers."""
