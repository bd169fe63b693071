"""The index of a workspace: walk, parse, store, search. Stands alone; knows nothing of LSP or of the server."""
