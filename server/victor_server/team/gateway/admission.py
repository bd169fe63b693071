"""Makes of what somebody asks what a model may be asked: tools that their role has, no secrets, no more than the model writes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from victor_server.agent.messages import ModelRequest
from victor_server.agent.redaction.outgoing import clear
from victor_server.agent.router.tasks import task_of
from victor_server.agent.window import tokens_of_long
from victor_server.errors import Forbidden
from victor_server.ledger.answers import key_of
from victor_server.ledger.cost import upper_bound
from victor_server.ledger.model import Ask, Price
from victor_server.policy.tool_scopes import allowed_tools
from victor_server.protocol import CallStart
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.team.gateway.bounds import most_input_tokens
from victor_server.team.gateway.budgets import Amount
from victor_server.team.gateway.meter import Meter
from victor_server.team.gateway.prices import price_of_offer
from victor_server.team.gateway.tenancy import Offered, Tenancy
from victor_server.team.gateway.wire import from_wire
from victor_server.team.principal import Principal
from victor_server.team.store.database import Transaction

MODEL_CALLS = "model_calls"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that may be made. `bound`: what one attempt can cost at most; `n_input`: about so many tokens are input,
    and `most_input` is what they cannot exceed.
    """

    start: CallStart
    offered: Offered
    request: ModelRequest = field(repr=False)
    redacted: Mapping[str, int]
    stripped: tuple[str, ...]
    n_input: int
    most_input: int
    bound: Amount
    price: Price | None
    request_hash: bytes
    cache_key: str

    def meter(self) -> Meter:
        """Counts what comes of one attempt."""
        return Meter(self.n_input, self.request.max_output_tokens, self.most_input)


async def admit(
    principal: Principal,
    start: CallStart,
    tenancy: Tenancy,
    offered: Offered,
    session: RedactionSession,
) -> Admitted:
    """What is sent, and what it may cost. Whatever the edge did, secrets are looked for once more."""
    asked = from_wire(start.request)
    names = [tool.name for tool in asked.tools]
    allowed = set(allowed_tools(names, principal.permissions, tenancy.policy.denied_tools))
    model = offered.model
    request = replace(
        asked,
        model=model.model,
        tools=tuple(tool for tool in asked.tools if tool.name in allowed),
        max_output_tokens=min(asked.max_output_tokens, model.max_output_tokens),
    )
    cleared = await clear(request, session)
    n_input = await tokens_of_long(cleared.request)
    most_input = most_input_tokens(cleared.request, n_input)
    price = price_of_offer(model)
    bound = upper_bound(
        Ask(
            start.call_id,
            start.session_id,
            "",
            start.request.task,
            model.name,
            model.provider,
            model.model,
            most_input,
            request.max_output_tokens,
            price,
        )
    )
    is_same_each_time = task_of(start.request.task).deterministic or request.temperature == 0
    # A placeholder is another in every call: such answers are not kept.
    may_keep = is_same_each_time and not session.n_values
    key = (
        key_of(start.request.task, model.name, model.provider, model.base_urls, cleared.request)
        if may_keep
        else ""
    )
    return Admitted(
        start,
        offered,
        cleared.request,
        cleared.redacted,
        tuple(dict.fromkeys(name for name in names if name not in allowed)),
        n_input,
        most_input,
        Amount(bound.tokens, bound.nano or 0),
        price,
        hash_of(start),
        key,
    )


def hash_of(start: CallStart) -> bytes:
    """What tells one request from another under the same id."""
    return hashlib.sha256(start.request.model_dump_json().encode("utf-8", "surrogatepass")).digest()


async def check_consent(tx: Transaction, principal: Principal, required: tuple[str, ...]) -> None:
    """Raise `Forbidden` unless the person agrees to what their organisation must ask them for."""
    rows = await tx.rows(
        "select purpose from consents where tenant = $1 and subject = $2 and given",
        principal.tenant,
        principal.subject,
    )
    given = {row["purpose"] for row in rows}
    missing = [purpose for purpose in required if purpose not in given]
    if missing:
        raise Forbidden(
            f"Your organisation needs your consent first: {', '.join(missing)}.",
            "Agree with the method `consent/set`, or do without the backend's models.",
        )
