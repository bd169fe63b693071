"""What is attached to a report of a bug."""
