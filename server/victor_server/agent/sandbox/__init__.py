"""The sandbox: how a command runs that the agent wants run."""
