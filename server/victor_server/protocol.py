"""What edge and backend say to each other: every frame of `victor.v1`, and who may ask for what.

The one schema: `docs/protocol.md` and the backend's OpenAPI document are generated from it, and both ends read frames
by it. JSON-RPC 2.0 over one WebSocket; every method of `METHODS` but the streaming one can be asked by
`POST /v1/rpc/<method>` too, with the params as the body. Times are microseconds since 1970 in UTC (`*_us`), amounts of
money billionths of a US dollar (`*_nano`), bytes base64 in the URL-safe alphabet without padding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SUBPROTOCOL = "victor.v1"
VERSION = 1
ATTACH_PATH = "/v1/attach"

MAX_FRAME_BYTES = 4_000_000
"""A larger frame closes the connection with 1009."""

AUTH_TIME_LIMIT_S = 5.0
"""A socket that has not said who it is by then is closed with 4401."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
CallId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{8,100}$")]
Text = Annotated[str, StringConstraints(max_length=2_000)]
Stored = Annotated[int, Field(ge=0, le=2**62)]
"""A number that every store holds."""

OutputTokens = Annotated[int, Field(ge=1, le=1_000_000)]
Temperature = Annotated[float, Field(ge=0, le=2)]
ModelName = Annotated[str, StringConstraints(max_length=200)]

Price = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
"""US dollars for a million tokens."""


class CloseCode(IntEnum):
    """Why the backend closes a connection. From 4400 on they are ours; 1009 and 1012 are of RFC 6455's registry."""

    TOO_LARGE = 1009
    RESTART = 1012
    BAD_FRAME = 4400
    NOT_AUTHENTICATED = 4401
    FORBIDDEN = 4403
    SLOW = 4408
    REPLACED = 4409
    TOO_MANY = 4429


class Shape(BaseModel):
    """What bytes from outside must be; a field that is not named is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Empty(Shape):
    """Nothing."""


# Who somebody is


class AuthRequired(Shape):
    """The first frame, of the backend. `versions` are those that it speaks, `retry_ms` for whoever must come again."""

    versions: tuple[int, ...] = (VERSION,)
    server: str = ""
    time_limit_s: float = AUTH_TIME_LIMIT_S


class Resume(Shape):
    """The session that a lost connection had, and the last `seq` of it that arrived."""

    session: Name
    epoch: Name
    last_seq: Annotated[int, Field(ge=0)]


class Auth(Shape):
    """Who connects; said again later, with a newer token, it goes on as the same session.

    `install` names one VICTOR_HOME. `credits`: how many frames the backend may send before it waits for `credit`.
    """

    version: int = VERSION
    token: Annotated[str, StringConstraints(min_length=1, max_length=8_192)] = Field(repr=False)
    install: Name | None = None
    client: Text = ""
    resume: Resume | None = None
    credits: Annotated[int, Field(ge=1, le=10_000)] = 256


class Limits(Shape):
    """What the connection is held to."""

    max_frame_bytes: int
    requests_per_minute: int
    max_calls: int
    max_queued_frames: int


class SignedHead(Shape):
    """The head of the tenant's audit log: RFC 9162's tree head, signed with Ed25519. `root`, `chain` and `signature` are base64."""

    log: str
    size: Annotated[int, Field(ge=0)]
    root: str
    chain: str
    at_us: int
    key_id: str
    signature: str


POLICY_SIGNED_AS = b"victor policy\0"
"""Stands before a policy's text where it is signed, so that no other signature of the key is taken for one."""


class SignedPolicy(Shape):
    """The tenant's policy for this person. `document` is the JSON text that was signed, `signature` Ed25519 over
    `POLICY_SIGNED_AS` and its bytes.
    """

    document: str
    key_id: str
    signature: str


class PublicKeys(Shape):
    """The raw Ed25519 public keys, in base64 by their id, that policies and the heads of the audit log are signed with.

    An edge keeps those that it was told when somebody logged in, and believes no others until somebody does again.
    """

    policy: Mapping[str, str]
    audit: Mapping[str, str]


class PolicyDocument(Shape):
    """What an edge is held to. A version that is lower than one seen before is refused, and so is what has expired.

    `permissions` are those of the person's role. `providers` None: all. `cloud`: whether models outside of the
    organisation may be asked by the edge itself, through the backend only, or not at all.
    """

    tenant: str
    subject: str
    version: Annotated[int, Field(ge=1)]
    issued_us: int
    expires_us: int
    permissions: tuple[str, ...]
    providers: tuple[str, ...] | None = None
    cloud: Literal["direct", "backend", "none"] = "direct"
    denied_tools: tuple[str, ...] = ()
    private_paths: tuple[str, ...] = ()


class AuthOk(Shape):
    """The backend knows who it is. `resumed`: what was missed follows; else ask `call/status` of calls that ran."""

    version: int
    session: str
    epoch: str
    resumed: bool
    heartbeat_s: float
    limits: Limits
    scopes: tuple[str, ...]
    tenant: str
    subject: str
    expires_us: int
    policy: SignedPolicy
    head: SignedHead | None = None


class AuthInvalid(Shape):
    """The backend does not take the token; it closes with 4401. `kind` is stable, `message` for people."""

    kind: str
    message: str
    fix: str = ""


class Heartbeat(Shape):
    """Either side is alive. The backend says which frame it sent last and the newest head of the audit log."""

    last_seq: int = 0
    head: SignedHead | None = None


class Credit(Shape):
    """The edge can take so many frames more."""

    frames: Annotated[int, Field(ge=1, le=10_000)]


class Draining(Shape):
    """The backend is about to end: no new calls; it closes with 1012 once those that run have ended, or at the limit."""

    retry_ms: int
    within_s: float


# Calls of a model


class WireText(Shape):
    """Text; `stable` ends a prefix that may be cached."""

    type: Literal["text"] = "text"
    text: str = Field(repr=False)
    stable: bool = False


class WireThinking(Shape):
    """What a model thought."""

    type: Literal["thinking"] = "thinking"
    text: str = Field(repr=False)
    signature: str = Field(default="", repr=False)


class WireToolCall(Shape):
    """A tool that the model asked for."""

    type: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: Mapping[str, Any] = Field(repr=False)
    signature: str = Field(default="", repr=False)


class WireToolResult(Shape):
    """What it gave back."""

    type: Literal["tool_result"] = "tool_result"
    id: str
    text: str = Field(repr=False)
    is_error: bool = False


WirePart = Annotated[WireText | WireThinking | WireToolCall | WireToolResult, Field(discriminator="type")]


class WireMessage(Shape):
    """One message of the conversation."""

    role: Literal["user", "assistant", "tool"]
    parts: tuple[WirePart, ...]


class WireTool(Shape):
    """A tool that the model may ask for."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    description: str = ""
    parameters: Mapping[str, Any]


class WireRequest(Shape):
    """What a model is asked. `model` is a name of `models/list`; "" leaves it to the backend's routing by `task`."""

    messages: Annotated[tuple[WireMessage, ...], Field(min_length=1, max_length=10_000)]
    max_output_tokens: OutputTokens
    model: ModelName = ""
    task: Annotated[str, StringConstraints(max_length=64)] = "chat"
    system: tuple[WireText, ...] = ()
    tools: Annotated[tuple[WireTool, ...], Field(max_length=256)] = ()
    json_schema: Mapping[str, Any] | None = None
    temperature: Temperature | None = None
    stop: Annotated[tuple[str, ...], Field(max_length=16)] = ()


class CallStart(Shape):
    """Ask a model. The same `call_id` with the same request is the same call; with another it is refused (`conflict`).

    `files` are the names of files that the request shows, `traceparent` is W3C trace context.
    """

    call_id: CallId
    request: WireRequest
    session_id: Annotated[str, StringConstraints(max_length=100)] = ""
    files: Annotated[tuple[str, ...], Field(max_length=500)] = ()
    traceparent: Annotated[str, StringConstraints(max_length=128)] = ""


class WireEvent(Shape):
    """A piece of an answer. `text`, `thinking`: more of it. `tool_call`: more of the call `index`. `stopped`: the end.

    `routed`: who answers; `model` is a name of `models/list`, `upstream` what its provider calls it.
    """

    type: Literal["text", "thinking", "tool_call", "usage", "stopped", "routed"]
    text: str = Field(default="", repr=False)
    signature: str = Field(default="", repr=False)
    index: int = 0
    id: str = ""
    name: str = ""
    arguments: str = Field(default="", repr=False)
    reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    counted: bool = True
    model: str = ""
    provider: str = ""
    upstream: str = ""
    region: str = ""


class CallEvents(Shape):
    """More of the answer to a call; `n` counts the events of this call from 0, of which these are the next."""

    call_id: CallId
    n: int
    events: tuple[WireEvent, ...]


CallState = Literal["open", "done", "failed", "cancelled", "interrupted", "refused"]


class CallStatus(Shape):
    """What became of a call. `interrupted`: it broke off after its first token, and is never repeated by itself."""

    call_id: CallId
    state: CallState
    model: str = ""
    provider: str = ""
    region: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_nano: int | None = None
    n_events: int = 0
    cached: bool = False
    redacted: Mapping[str, int] = {}
    stripped_tools: tuple[str, ...] = ()
    error: str = ""
    message: str = ""


class CallRef(Shape):
    """A call of the one who asks."""

    call_id: CallId


class ModelOffer(Shape):
    """A model that this person may ask for. Prices: billionths of a dollar for a million tokens, None where unknown."""

    name: str
    provider: str
    model: str
    region: str = ""
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    tools: bool = False
    json_schema: bool = False
    input_nano: int | None = None
    output_nano: int | None = None
    default: bool = False


class ModelOffers(Shape):
    """All of them."""

    models: tuple[ModelOffer, ...]


# Events of the edge


class EdgeEvent(Shape):
    """Something that happened at an edge; `seq` rises by one for each event of an install."""

    seq: Annotated[int, Field(ge=1)]
    kind: Literal["audit", "usage"]
    body: Mapping[str, Any]


class Deliver(Shape):
    """Events in order, of one install. `events` are parsed one by one: a bad one is put aside and holds up none."""

    install: Name
    events: Annotated[tuple[Mapping[str, Any], ...], Field(min_length=1, max_length=500)]


class Quarantined(Shape):
    """An event that the backend does not take, and why."""

    seq: int
    reason: str


class Delivered(Shape):
    """All events up to `acked` are durable; those that were put aside are named. The rest is to be sent again."""

    acked: int
    quarantined: tuple[Quarantined, ...] = ()


# What people see of themselves


class UsageLine(Shape):
    """What was used, by one key of the report (a user, a team, a model, a day)."""

    key: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_nano: int
    unpriced_calls: int = 0


class BudgetLine(Shape):
    """A budget and where it stands; amounts in tokens or billionths of a dollar."""

    scope: Literal["tenant", "team", "user"]
    subject: str
    period: Literal["day", "month"]
    unit: Literal["tokens", "usd"]
    limit: Annotated[int, Field(ge=0)]
    used: int = 0
    reserved: int = 0


class UsageAsked(Shape):
    """A report: from the beginning of one day to the end of another (`2026-11-01`), by one dimension."""

    since: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    until: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    by: Literal["user", "team", "model", "provider", "day", "source"] = "user"


class UsageReport(Shape):
    """What was used, and the budgets that hold for it."""

    lines: tuple[UsageLine, ...]
    total: UsageLine
    budgets: tuple[BudgetLine, ...] = ()


class WhoAmI(Shape):
    """The one who asks, as the backend knows them."""

    tenant: str
    subject: str
    kind: Literal["user", "token", "service"]
    role: str
    teams: tuple[str, ...] = ()
    scopes: tuple[str, ...]
    operator: bool = False
    expires_us: int | None = None


class CallsAsked(Shape):
    """A page of one's own calls, the newest first, older than `before_us`."""

    before_us: Stored | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class CallLine(Shape):
    """One call that was made."""

    call_id: str
    at_us: int
    state: CallState
    model: str
    provider: str
    input_tokens: int
    output_tokens: int
    cost_nano: int | None
    session_id: str = ""


class CallLines(Shape):
    """A page of them."""

    calls: tuple[CallLine, ...]


class Consent(Shape):
    """Whether somebody agrees to `purpose` (where compliance asks for it, `model_calls`); given or withdrawn now."""

    purpose: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,64}$")] = "model_calls"
    given: bool


class Consents(Shape):
    """What was said, by purpose; `required` are those without which calls are refused."""

    given: Mapping[str, bool]
    required: tuple[str, ...] = ()


# Logging in, over plain HTTP (`/v1/auth/…`)


class LoginConfig(Shape):
    """How people of a tenant log in: at which identity provider, and as which client of it.

    `keys`: what policies and audit heads are signed with, for the edge to believe from then on.
    """

    tenant: str
    issuer: str
    client_id: str
    scopes: tuple[str, ...]
    keys: PublicKeys


class LoginBegun(Shape):
    """The nonce that the ID token must bear; it can be used once."""

    nonce: str
    expires_in: int


class LoginGranted(Shape):
    """What a login, or a refresh token, was exchanged for: RFC 8693's and RFC 6749's answer."""

    access_token: str = Field(repr=False)
    issued_token_type: str = "urn:ietf:params:oauth:token-type:jwt"  # noqa: S105  # the name of a kind
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  # as above
    expires_in: int
    refresh_token: str = Field(default="", repr=False)


# What administrators do


class Tenant(Shape):
    """An organisation. `region` "" : any. `disabled`: nobody of it gets in."""

    name: Slug
    region: Annotated[str, StringConstraints(max_length=64)] = ""
    disabled: bool = False


class Tenants(Shape):
    """All of them."""

    tenants: tuple[Tenant, ...]


class NamedTenant(Shape):
    """One of them."""

    name: Slug


class User(Shape):
    """Somebody of the tenant. `subject` is the name by which the identity provider knows them."""

    subject: Name
    role: Name
    teams: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    disabled: bool = False


class Users(Shape):
    """All of them."""

    users: tuple[User, ...]


class NamedUser(Shape):
    """One of them."""

    subject: Name


class TokenAsked(Shape):
    """An API token: for `subject`, with the permissions of `role` or fewer (`scopes`), for so many days."""

    label: Name
    subject: Name | None = None
    role: Name = "developer"
    scopes: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    days: Annotated[int, Field(ge=1, le=366)] = 90


class Token(Shape):
    """What is known of an API token; never the token."""

    id: str
    label: str
    subject: str
    role: str
    scopes: tuple[str, ...]
    created_us: int
    expires_us: int
    last_used_us: int | None = None
    revoked: bool = False


class NewToken(Shape):
    """The token itself, told this once."""

    token: str = Field(repr=False)
    about: Token


class Tokens(Shape):
    """All of the tenant."""

    tokens: tuple[Token, ...]


class NamedToken(Shape):
    """One of them."""

    id: Name


class Budgets(Shape):
    """All of the tenant."""

    budgets: tuple[BudgetLine, ...]


class BudgetRef(Shape):
    """One of them."""

    scope: Literal["tenant", "team", "user"]
    subject: str = ""
    period: Literal["day", "month"]
    unit: Literal["tokens", "usd"]


class KeySet(Shape):
    """A provider's key of the tenant; models name it by `name`."""

    name: Slug
    value: Annotated[str, StringConstraints(min_length=1, max_length=8_192)] = Field(repr=False)


class Key(Shape):
    """What is known of a key; never the key."""

    name: str
    key_id: str
    created_us: int
    ending: str


class Keys(Shape):
    """All of the tenant."""

    keys: tuple[Key, ...]


class NamedKey(Shape):
    """One of them."""

    name: Slug


class ModelSet(Shape):
    """A model that the tenant offers beside those of the configuration."""

    name: Name
    provider: Name
    model: Name
    base_url: Annotated[str, StringConstraints(max_length=500)] = ""
    key: Slug | None = None
    region: Annotated[str, StringConstraints(max_length=64)] = ""
    context_tokens: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    max_output_tokens: OutputTokens = 4096
    input_usd: Price | None = None
    output_usd: Price | None = None


class NamedModel(Shape):
    """One of them."""

    name: Name


class PolicySet(Shape):
    """What all edges of the tenant are held to from now on."""

    providers: Annotated[tuple[Name, ...], Field(max_length=50)] | None = None
    cloud: Literal["direct", "backend", "none"] = "direct"
    denied_tools: Annotated[tuple[Name, ...], Field(max_length=200)] = ()
    private_paths: Annotated[tuple[Name, ...], Field(max_length=1_000)] = ()


class PolicyState(Shape):
    """What they are held to, and its version."""

    version: int
    policy: PolicySet


# The audit log


class AuditAsked(Shape):
    """A page of the log after `after` (a sequence number). `decrypt` needs the permission `audit:decrypt`."""

    after: Stored = 0
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200
    action: Annotated[str, StringConstraints(max_length=64)] | None = None
    subject: Name | None = None
    since_us: Stored | None = None
    until_us: Stored | None = None
    decrypt: bool = False


class AuditPage(Shape):
    """Records as `victor audit verify` reads them, in order; `next` is where the next page begins, None at the end.

    `names`: who stands behind the pseudonyms in decrypted details, as far as nobody erased them. Nothing proves it.
    """

    records: tuple[Mapping[str, Any], ...]
    next: int | None
    head: SignedHead | None = None
    names: Mapping[str, str] = {}


class Consistency(Shape):
    """Sizes of two heads of the log."""

    first: Stored
    second: Stored


class Proof(Shape):
    """Hashes, base64, as RFC 9162 section 2.1 says."""

    hashes: tuple[str, ...]


class Inclusion(Shape):
    """A record and the size of the tree that it is to be in."""

    seq: Annotated[int, Field(ge=1, le=2**62)]
    size: Annotated[int, Field(ge=1, le=2**62)]


class Verdict(Shape):
    """What a verification of the stored log found."""

    ok: bool
    records: int
    pruned: int
    first_bad: int | None
    reason: str = ""


class Erased(Shape):
    """What became unreadable; that it was erased is in the log, under the pseudonym."""

    records: int


class RetainAsked(Shape):
    """Drop what is older than so many days."""

    days: Annotated[int, Field(ge=0, le=36_500)]


Direction = Literal["to_backend", "to_edge"]


@dataclass(frozen=True, slots=True)
class Method:
    """One thing that can be asked. `permission` "": whoever is known may; `operator`: only who runs the backend.

    `streams`: it sends `call/events` meanwhile, and cannot be asked over plain HTTP.
    """

    name: str
    params: type[Shape]
    result: type[Shape]
    permission: str
    about: str
    operator: bool = False
    streams: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that one side tells the other, without an answer."""

    name: str
    params: type[Shape]
    direction: Direction | Literal["both"]
    about: str


NOTICES: Mapping[str, Notice] = {
    notice.name: notice
    for notice in (
        Notice("auth_required", AuthRequired, "to_edge", "The first frame of a connection."),
        Notice("auth", Auth, "to_backend", "Who connects; again, with a newer token, at any time."),
        Notice("auth_ok", AuthOk, "to_edge", "The token is good."),
        Notice("auth_invalid", AuthInvalid, "to_edge", "It is not; the connection is closed with 4401."),
        Notice("heartbeat", Heartbeat, "both", "Alive; each side says so every `heartbeat_s`."),
        Notice("credit", Credit, "to_backend", "More frames may be sent."),
        Notice("draining", Draining, "to_edge", "The backend is about to end."),
        Notice("call/events", CallEvents, "to_edge", "More of an answer."),
        Notice("policy/changed", SignedPolicy, "to_edge", "What the edge is held to from now on."),
    )
}

METHODS: Mapping[str, Method] = {
    method.name: method
    for method in (
        Method("call/start", CallStart, CallStatus, "chat:write", "Ask a model.", streams=True),
        Method("call/cancel", CallRef, CallStatus, "chat:write", "End a call."),
        Method("call/status", CallRef, CallStatus, "chat:read", "What became of a call."),
        Method("calls/mine", CallsAsked, CallLines, "chat:read", "One's own calls, the newest first."),
        Method("usage/mine", UsageAsked, UsageReport, "chat:read", "What one has used, and one's budgets."),
        Method("models/list", Empty, ModelOffers, "chat:read", "The models that one may ask for."),
        Method("events/deliver", Deliver, Delivered, "", "Audit and usage events of an edge."),
        Method("policy/get", Empty, SignedPolicy, "", "What this edge is held to."),
        Method("policy/keys", Empty, PublicKeys, "", "What policies and audit heads are signed with."),
        Method("consent/get", Empty, Consents, "", "What one has agreed to."),
        Method("consent/set", Consent, Consents, "", "Agree, or agree no more."),
        Method("team/whoami", Empty, WhoAmI, "", "Who the backend takes one for."),
        Method("audit/head", Empty, SignedHead, "", "The newest signed head of the audit log."),
        Method(
            "audit/consistency", Consistency, Proof, "", "That one head's log is the beginning of another's."
        ),
        Method("audit/inclusion", Inclusion, Proof, "audit:read", "That a record is in the log."),
        Method("audit/search", AuditAsked, AuditPage, "audit:read", "Records, page by page."),
        Method("audit/verify", Empty, Verdict, "audit:read", "Recompute the whole stored log."),
        Method(
            "audit/erase", NamedUser, Erased, "audit:erase", "Make what is personal of somebody unreadable."
        ),
        Method("audit/retain", RetainAsked, Erased, "audit:retain", "Drop what is old; its hashes stay."),
        Method("users/list", Empty, Users, "users:read", "Everybody of the tenant."),
        Method("users/set", User, User, "users:write", "Add somebody, or change role, teams, disabled."),
        Method("users/remove", NamedUser, Empty, "users:write", "Take somebody out, their tokens too."),
        Method(
            "users/revoke", NamedUser, Empty, "users:write", "End all logins and API tokens of somebody now."
        ),
        Method("tokens/list", Empty, Tokens, "tokens:read", "All API tokens."),
        Method("tokens/create", TokenAsked, NewToken, "tokens:write", "A new one; it is told once."),
        Method("tokens/revoke", NamedToken, Empty, "tokens:write", "End one now."),
        Method("budgets/list", Empty, Budgets, "budgets:read", "All budgets, and where they stand."),
        Method(
            "budgets/set",
            BudgetLine,
            Budgets,
            "budgets:write",
            "Set one (`used` and `reserved` are ignored).",
        ),
        Method("budgets/remove", BudgetRef, Budgets, "budgets:write", "Take one away."),
        Method("keys/list", Empty, Keys, "keys:read", "The providers' keys, by name."),
        Method("keys/set", KeySet, Key, "keys:write", "Seal a key."),
        Method("keys/remove", NamedKey, Empty, "keys:write", "Forget a key."),
        Method("models/set", ModelSet, ModelOffers, "models:write", "Offer a model."),
        Method("models/remove", NamedModel, ModelOffers, "models:write", "Offer it no more."),
        Method("usage/report", UsageAsked, UsageReport, "usage:read", "What the tenant has used."),
        Method("policy/set", PolicySet, PolicyState, "policy:write", "Hold all edges to this."),
        Method("policy/state", Empty, PolicyState, "policy:read", "What they are held to."),
        Method("tenants/list", Empty, Tenants, "tenants:read", "All tenants.", operator=True),
        Method("tenants/set", Tenant, Tenant, "tenants:write", "Add or change one.", operator=True),
        Method(
            "tenants/token",
            NamedTenant,
            NewToken,
            "tenants:write",
            "A token of an administrator of it, for who begins there.",
            operator=True,
        ),
        Method(
            "tenants/remove",
            NamedTenant,
            Empty,
            "tenants:write",
            "Take one out, with all that is its own.",
            operator=True,
        ),
    )
}
