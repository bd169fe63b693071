"""The Model Context Protocol: servers whose tools a model may use."""
