"""What is done for each method of the protocol: one file a subject."""
