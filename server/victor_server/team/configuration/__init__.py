"""The backend's configuration: what operators write, what code reads."""
