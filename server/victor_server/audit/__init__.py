"""What was done on whose word: this person's own record, and how a log is hashed, signed and verified."""
