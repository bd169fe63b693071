"""One step a file; a released one is never changed."""
