"""The backend that teams run: it lets in, limits, calls models with the organisation's keys, records and counts."""
