"""One file per subject: what is done for each message. `lsp/dispatch.py` says which message goes where."""
