"""Finds out who is at the other end of a new socket, before anything else is heard of them."""

import asyncio

from victor_server.errors import Forbidden, Unauthenticated, UsageError
from victor_server.protocol import (
    AUTH_TIME_LIMIT_S,
    VERSION,
    Auth,
    AuthInvalid,
    AuthOk,
    AuthRequired,
    CloseCode,
    Limits,
)
from victor_server.team.connection.frames import BadFrame, Frame, notice, read_frame
from victor_server.team.connection.hub import Hub
from victor_server.team.connection.session import Session
from victor_server.team.connection.socket import Socket
from victor_server.team.dispatch import read_params
from victor_server.team.failures import Failure, failure_of
from victor_server.team.principal import Principal


async def greet(hub: Hub, socket: Socket) -> Session | None:
    """The session of whoever is there, attached to the socket; None: nobody that may be, and it is closed.

    Raises `Gone`, `Unreadable`, `BadFrame`.
    """
    socket.out.tell(notice("auth_required", AuthRequired(server="victor")))
    try:
        async with asyncio.timeout(AUTH_TIME_LIMIT_S):
            frame = read_frame(await socket.text())
    except TimeoutError:
        await socket.close(CloseCode.NOT_AUTHENTICATED, "nobody said who they are")
        return None
    if frame.method != "auth" or frame.id is not None:
        raise BadFrame("auth comes first")
    try:
        return await _begin(hub, socket, read_auth(frame))
    except Exception as error:  # noqa: BLE001 - the edge of the backend: a stranger is told what went wrong, and no more
        await refuse(socket, failure_of(error), error)
        return None


async def authenticate_again(hub: Hub, session: Session, socket: Socket, frame: Frame) -> None:
    """A newer token of the same person: the session goes on. Any other closes it."""
    try:
        auth = read_auth(frame)
        principal = await _principal(hub, auth)
        known = session.principal
        if (principal.tenant, principal.subject) != (known.tenant, known.subject):
            raise Unauthenticated("This token is of somebody else.", "Connect anew with it.")
    except Exception as error:  # noqa: BLE001 - see `greet`
        await refuse(socket, failure_of(error), error)
        return
    session.principal = principal
    socket.out.tell(notice("auth_ok", await _auth_ok(hub, session, socket, resumed=True)))


def read_auth(frame: Frame) -> Auth:
    """Who they say they are. Raises `UsageError`."""
    auth = read_params(Auth, frame.params)
    if not isinstance(auth, Auth) or auth.version != VERSION:
        raise UsageError(f"The backend speaks version {VERSION} of the protocol.", "Update Victor.")
    return auth


async def refuse(socket: Socket, failure: Failure, error: Exception) -> None:
    """Say why not, and close."""
    if isinstance(error, Unauthenticated | Forbidden | UsageError):
        told = AuthInvalid(kind=failure.kind, message=failure.message, fix=failure.fix)
        socket.out.tell(notice("auth_invalid", told))
        is_known = isinstance(error, Forbidden)
        await socket.close(CloseCode.FORBIDDEN if is_known else CloseCode.NOT_AUTHENTICATED, failure.kind)
    else:  # the store is away, say: whoever has a good token must not be told that it is a bad one
        await socket.close(CloseCode.RESTART, failure.kind)


async def _begin(hub: Hub, socket: Socket, auth: Auth) -> Session:
    principal = await _principal(hub, auth)
    session = hub.resumed(principal, auth.resume) if auth.resume is not None else None
    is_resumed = session is not None
    if session is None:
        session = hub.open(principal, auth.install)
    session.principal = principal
    try:
        await hub.attach(session, socket)
        known = await _auth_ok(hub, session, socket, resumed=is_resumed)
    except BaseException:
        hub.detach(session, socket)
        if not is_resumed:
            hub.sessions.pop(session.id, None)
        raise
    if session.socket is socket:
        # Else the session ended meanwhile, or goes on elsewhere: this socket is closed, and must take no frame of it.
        socket.out.tell(notice("auth_ok", known))
        socket.out.serve(session.ring, auth.credits)
    return session


async def _principal(hub: Hub, auth: Auth) -> Principal:
    principal = await hub.backend.identity.authenticate(auth.token)
    if not principal.permissions:
        raise Forbidden(
            f"The role {principal.role} may do nothing here.", "Ask an administrator of your team."
        )
    return principal


async def _auth_ok(hub: Hub, session: Session, socket: Socket, *, resumed: bool) -> AuthOk:
    settings, principal = hub.backend.settings, session.principal
    head = await hub.head(principal.tenant)
    socket.told_head = -1 if head is None else head.size
    return AuthOk(
        version=VERSION,
        session=session.id,
        epoch=hub.epoch,
        resumed=resumed,
        heartbeat_s=settings.sessions.heartbeat_s,
        limits=Limits(
            max_frame_bytes=settings.limits.max_frame_bytes,
            requests_per_minute=settings.limits.requests_per_minute,
            max_calls=settings.limits.calls_at_once,
            max_queued_frames=settings.limits.max_queued_frames,
        ),
        scopes=principal.permissions,
        tenant=principal.tenant,
        subject=principal.subject,
        expires_us=principal.expires_us,
        policy=await hub.backend.policies.signed(principal),
        head=head,
    )
