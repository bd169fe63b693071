"""The LSP edge: the only room that knows pygls and lsprotocol. It converts, orders, cancels and maps errors."""
