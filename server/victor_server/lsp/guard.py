"""The JSON-RPC conversation: every request gets exactly one response, whatever it looks like and however it ends."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, assert_never

from cattrs import Converter
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol

from victor_server.lsp import dispatch
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.converter import MalformedParamsError, structure_params
from victor_server.lsp.dispatch import AtOnce, DocumentRequest, Later, Request, to_lsp_error
from victor_server.lsp.framing import MAX_BODY_BYTES, Broken, Message
from victor_server.lsp.jsonrpc import Answer, Call, Invalid, MessageId, Notice, classify
from victor_server.lsp.session import Session

logger = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 10.0


class Guard(LanguageServerProtocol):
    """pygls' protocol with its way in replaced.

    pygls turns messages into objects before it knows what they are, so that one with odd contents vanishes without a
    response; it also keeps documents of its own. Here a message is told by its shape, answered by the table in
    `dispatch`, and its params are structured last. pygls' way out (typed notifications, requests and their futures) is
    used as it is.
    """

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        super().__init__(server, converter)
        self._session: Session
        self._put: Callable[[bytes], None]
        self._initialized = False
        self._running: dict[MessageId, set[asyncio.Task[bytes]]] = {}
        self._n_asked = 0
        self._loading = asyncio.Lock()

    def serve(self, session: Session, put: Callable[[bytes], None]) -> None:
        """Handle messages for `session` from now on; `put` takes the body of each message that goes out."""
        self._session = session
        self._put = put

    def receive(self, frame: Message | Broken) -> None:
        """Take one frame from the wire. Never raises."""
        if isinstance(frame, Broken):
            self._refuse(None, dispatch.PARSE_ERROR, frame.reason)
            if frame.n_bytes and self._initialized:
                self._session.client.show_once("message too long", _too_long(frame.n_bytes))
        else:
            self.handle_message(frame.content)

    def handle_message(self, message: object) -> None:
        """Take one message, any JSON value. Never raises."""
        match classify(message):
            case Call() as call:
                self._take_call(call)
            case Notice() as notice:
                self._take_notice(notice)
            case Answer() as answer:
                self._take_answer(answer)
            case Invalid() as invalid:
                self._refuse(invalid.id, dispatch.INVALID_REQUEST, invalid.reason)
            case never:
                assert_never(never)

    async def ask(self, method: str, params: Any | None = None) -> Any:
        """Send a request and wait for its result, plain JSON. Raises ClientRefusedError."""
        return await self._ask(self._next_id(), method, params)

    async def ask_while_wanted(
        self, method: str, params: Any | None = None, message_id: str | None = None
    ) -> Any:
        """The same, under a name of the caller's where it has one; a cancel is told to the client."""
        message_id = message_id or self._next_id()
        try:
            return await self._ask(message_id, method, params)
        except asyncio.CancelledError:
            self.notify(types.CANCEL_REQUEST, types.CancelParams(id=message_id))
            raise

    def _next_id(self) -> str:
        self._n_asked += 1
        return f"victor-{self._n_asked}"

    async def _ask(self, message_id: str, method: str, params: Any | None) -> Any:
        try:
            return await asyncio.wrap_future(self.send_request(method, params, msg_id=message_id))
        except JsonRpcException as error:
            raise ClientRefusedError(f"{method}: {error.code}") from error
        finally:
            self._request_futures.pop(message_id, None)
            self._result_types.pop(message_id, None)

    def cancel_running(self) -> None:
        """Cancel every request that has not been answered; each gets its response."""
        for tasks in self._running.values():
            for task in tasks:
                task.cancel()

    async def close(self) -> None:
        """Answer all that is open, a shutdown with its result: a client may send `exit` without waiting for that."""
        if not self._session.shut_down:
            self.cancel_running()
        while tasks := [task for tasks in self._running.values() for task in tasks]:
            _, stuck = await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT_S)
            if stuck:
                logger.error("a request does not end: a bug")
                return

    def _take_call(self, call: Call) -> None:
        entry = dispatch.REQUESTS.get(call.method)
        if self._session.shut_down:
            self._refuse(call.id, dispatch.INVALID_REQUEST, "the server is shutting down")
        elif isinstance(entry, AtOnce):
            self._answer_at_once(call, entry)
        elif not self._initialized:
            self._refuse(call.id, dispatch.SERVER_NOT_INITIALIZED, "the server is not initialized")
        elif entry is None:
            self._refuse(call.id, dispatch.METHOD_NOT_FOUND, f"there is no method {call.method[:100]!r}")
        else:
            self._start(call, entry)

    def _answer_at_once(self, call: Call, entry: AtOnce) -> None:
        """Only `initialize` is of this kind."""
        if self._initialized:
            self._refuse(call.id, dispatch.INVALID_REQUEST, "the server is already initialized")
            return
        try:
            result = entry.handle(self._session, call.params)
            body = self._to_body({"jsonrpc": "2.0", "id": call.id, "result": result})
        except Exception as error:  # noqa: BLE001 - to_lsp_error logs what is not ours
            self._respond_error(call.id, to_lsp_error(error, call.method))
            return
        self._initialized = True
        self._put(body)

    def _start(self, call: Call, entry: Request | DocumentRequest | Later) -> None:
        if call.method == types.SHUTDOWN:
            self._session.shut_down = True
            self.cancel_running()
        try:
            work = self._work(call, entry)
        except MalformedParamsError as error:
            self._respond_error(call.id, to_lsp_error(error, call.method))
            return
        task = asyncio.get_running_loop().create_task(self._body_of(call, work))
        self._running.setdefault(call.id, set()).add(task)
        task.add_done_callback(partial(self._finish, call))

    def _work(self, call: Call, entry: Request | DocumentRequest | Later) -> Callable[[], Awaitable[Any]]:
        """What answers the call. Documents are taken now, so that the answer is about what the client saw."""
        if isinstance(entry, Later):
            return partial(self._later, call, entry)
        if isinstance(entry, Request):
            params = structure_params(self._converter, call.params, entry.params) if entry.params else None
            return partial(entry.handle, self._session, params)
        params = structure_params(self._converter, call.params, entry.params)
        document = self._session.take_snapshot(params.text_document.uri)
        if document is None:
            return partial(_value, entry.otherwise)
        return partial(entry.handle, self._session, document, params)

    async def _later(self, call: Call, entry: Later) -> Any:
        async with self._loading:  # who came first goes on first: a question before the wish to stop it
            request = await asyncio.to_thread(entry.load, call.method)
        params = structure_params(self._converter, call.params, request.params) if request.params else None
        return await request.handle(self._session, params)

    async def _body_of(self, call: Call, work: Callable[[], Awaitable[Any]]) -> bytes:
        """The body of the response. An outline of ten thousand symbols takes long to write: that is done in a thread."""
        result = await work()
        write = partial(self._to_body, {"jsonrpc": "2.0", "id": call.id, "result": result})
        return (
            await self._session.pool.run_blocking(write) if isinstance(result, list) and result else write()
        )

    def _finish(self, call: Call, task: "asyncio.Task[bytes]") -> None:
        running = self._running[call.id]
        running.discard(task)
        if not running:
            del self._running[call.id]
        if task.cancelled():
            self._refuse(call.id, dispatch.REQUEST_CANCELLED, "the request was cancelled")
        elif (error := task.exception()) is not None:
            self._respond_error(call.id, to_lsp_error(error, call.method))
        else:
            self._put(task.result())

    def _take_notice(self, notice: Notice) -> None:
        if notice.method == types.CANCEL_REQUEST:
            self._cancel(notice.params)
            return
        entry = dispatch.NOTIFICATIONS.get(notice.method)
        is_open = self._initialized and not self._session.shut_down
        if entry is None or not (is_open or notice.method == types.EXIT):
            logger.debug("a notification is ignored: %.100s", notice.method)
            return
        try:
            params = structure_params(self._converter, notice.params, entry.params) if entry.params else None
            entry.handle(self._session, params)
        except MalformedParamsError as error:
            logger.warning("%s is malformed: %s", notice.method, error)
            if entry.malformed is not None:
                entry.malformed(self._session, notice.params)
        except Exception:
            logger.exception("a bug in %s", notice.method)

    def _cancel(self, params: object) -> None:
        message_id = params.get("id") if isinstance(params, dict) else None
        if isinstance(message_id, str | int):
            for task in self._running.get(message_id, ()):
                task.cancel()

    def _take_answer(self, answer: Answer) -> None:
        future = self._request_futures.pop(answer.id, None)
        if future is None or future.done():
            logger.debug("an answer to nothing that was asked")
        elif answer.error is None:
            future.set_result(answer.result)
        else:
            code, message = answer.error
            future.set_exception(JsonRpcException(message, code))

    def _refuse(self, message_id: MessageId | None, code: int, reason: str) -> None:
        self._respond_error(message_id, types.ResponseError(code, reason))

    def _respond_error(self, message_id: MessageId | None, error: types.ResponseError) -> None:
        self._put(self._to_body({"jsonrpc": "2.0", "id": message_id, "error": error}))

    def _send_data(self, data: Any) -> None:
        """What pygls' `notify` and `send_request` call with each message."""
        self._put(self._to_body(data))

    def _to_body(self, message: Any) -> bytes:
        # ASCII: a lone surrogate in what we quote stays valid JSON.
        return json.dumps(self._converter.unstructure(message), separators=(",", ":")).encode("ascii")

    def _register_builtin_features(self) -> None:
        """None of pygls' own: they would keep a second mirror and a second set of capabilities."""


async def _value(value: Any) -> Any:
    return value


def _too_long(n_bytes: int) -> str:
    read_mb, sent_mb = MAX_BODY_BYTES // 1_000_000, n_bytes // 1_000_000
    return f"Your editor sent {sent_mb} MB at once. Victor reads at most {read_mb} MB, and does not look at a document this large."
