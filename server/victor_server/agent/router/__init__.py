"""Decides which profile answers, and says why."""
