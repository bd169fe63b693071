"""How a report of secrets is written, one format a file: none ever holds an unmasked secret."""
