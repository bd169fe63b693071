"""Finds secrets in text, masks them, and lets people allow what is none."""
