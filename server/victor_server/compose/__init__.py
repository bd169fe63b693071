"""Builds the object graph: the only room that knows concrete classes, and where child processes enter."""
