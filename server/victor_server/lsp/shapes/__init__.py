"""The messages that LSP does not have: one file for each subject."""
