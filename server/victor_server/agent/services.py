"""What a turn works with: everything that outlives it, made once for a set of settings."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from victor_server.agent.events import ModelEvent
    from victor_server.agent.router.router import Router
    from victor_server.audit.journal import Journal
    from victor_server.history.history import History
    from victor_server.ledger.answers import AnswerCache
    from victor_server.ledger.ledger import Ledger
    from victor_server.policy.policy import HoldsPolicy
    from victor_server.policy.private_files import PrivateFiles


@dataclass(frozen=True, slots=True)
class AgentServices:
    """`answers` None: no answer is kept. `user` is who calls, as the audit log names them.

    `own_keys` are the keys that Victor itself was given (those of all profiles): no model is shown one.
    """

    router: "Router"
    ledger: "Ledger"
    history: "History"
    journal: "Journal"
    policy: "HoldsPolicy"
    private_files: "PrivateFiles"
    home: Path
    answers: "AnswerCache[tuple[ModelEvent, ...]] | None"
    user: str
    own_keys: tuple[str, ...] = field(default=(), repr=False)
