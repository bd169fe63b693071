"""Keeps the private files current: what becomes private while Victor runs is so at once."""

from victor_server.policy.policy import HoldsPolicy
from victor_server.policy.private_files import PrivateFiles


class CurrentPrivateFiles(PrivateFiles):
    """The files that are private by the policy that holds now."""

    def __init__(self, policy: HoldsPolicy) -> None:
        patterns = policy.now().private_paths
        super().__init__(patterns)
        self._policy = policy
        self._newest = (patterns, PrivateFiles(patterns))

    def why(self, path: str) -> str:
        """As its parent, by the patterns of now."""
        patterns = self._policy.now().private_paths
        made_of, newest = self._newest
        if patterns != made_of:
            newest = PrivateFiles(patterns)
            self._newest = (patterns, newest)
        return newest.why(path)
