"""Chooses what a model is shown for a question in a chat: as much as the model that will answer can hold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from victor_server.agent.context.completion import complete_mention
from victor_server.agent.context.gather import gather
from victor_server.agent.context.mentions import parse_mentions
from victor_server.agent.context.piece import Context
from victor_server.agent.context.question import Question
from victor_server.agent.context.sources import EditorSource, GitSource, IndexSource, Private, Sources
from victor_server.agent.router.decision import Need
from victor_server.agent.router.router import Router
from victor_server.errors import VictorError
from victor_server.features.chat.model import Asked, Completion

MAX_TOKENS = 24_000
"""More than this of a workspace does an answer no good, whatever the model could hold."""

_SHARE = 3
"""A third of what the model holds is for the workspace; the conversation and the answer have the rest."""

UNKNOWN_WINDOW = 8_192
"""What a model is taken to hold where nobody says."""


class ChatContext:
    """Gathers from the editor (`Asked.around`, an EditorSource or None), the index, git and the folder."""

    def __init__(
        self,
        router: Router,
        private: Private,
        is_trusted: Callable[[Path], bool],
        index: IndexSource | None,
        git: GitSource | None,
    ) -> None:
        self._router = router
        self._sources = Sources(private, is_trusted, index=index, git=git)

    async def gather(self, asked: Asked) -> Context:
        """What the model is shown. Never raises for a source that fails; what was attached stands first."""
        mentions = (*parse_mentions(asked.text), *parse_mentions(" ".join(asked.mentions)))
        # What the person wrote: a command's own words are no words to search for.
        question = Question(asked.words, asked.task, mentions, asked.root)
        budget = max(0, await self.budget_tokens(asked) - sum(each.n_tokens for each in asked.attached))
        found = await gather(question, replace(self._sources, editor=asked.around), budget)
        return replace(found, pieces=(*asked.attached, *found.pieces))

    async def complete(
        self, before: str, root: Path | None, around: EditorSource | None
    ) -> Sequence[Completion]:
        """Ways to go on with the mention at the end of `before`."""
        offers = await complete_mention(
            before, root, index=self._sources.index, editor=around, private=self._sources.private
        )
        return [Completion(each.start, each.text, each.label, each.detail) for each in offers]

    async def budget_tokens(self, asked: Asked) -> int:
        """How many tokens of the workspace the model that will answer is shown at most."""
        try:
            decision = await self._router.decide(Need(asked.task, profile=asked.profile))
            known = await self._router.capabilities(decision)
        except VictorError:
            return MAX_TOKENS // _SHARE  # nobody will answer; who asks hears why from the call itself
        return min(MAX_TOKENS, (known.context_tokens or UNKNOWN_WINDOW) // _SHARE)
