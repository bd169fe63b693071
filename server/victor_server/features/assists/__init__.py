"""Assists: what a person can have done at a place in a document, one file for each."""
