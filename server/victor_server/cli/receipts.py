"""`victor receipts`: what left this machine, call by call."""

import json as jsonlib
import os
import sys
from collections.abc import Sequence
from datetime import datetime

from victor_server.agent.receipt import Receipt, from_data, to_data, to_markdown
from victor_server.cli.chat.neutral import neutral
from victor_server.errors import HistoryFailed, UsageError
from victor_server.history.history import History
from victor_server.history.model import StoredReceipt
from victor_server.settings.home import home_folder

HISTORY_FILE = "sessions.db"
_MOST = 100_000


def run_receipts(beginning: str, *, session: str, n: int, json: bool) -> int:
    """Print the receipt whose name begins so, or a line for each of the last `n`. Raises UsageError, HistoryFailed."""
    home = home_folder(os.environ)
    # Looking makes nothing: where there is no history there are no receipts.
    if not (home / HISTORY_FILE).exists():
        return _show_one(_found([], beginning), json=json) if beginning else _show_all([], json=json)
    history = History(home / HISTORY_FILE)
    try:
        if beginning:
            return _show_one(_found(history.receipts(limit=_MOST), beginning), json=json)
        return _show_all(_of_session(history, session, n), json=json)
    finally:
        history.close()


def _of_session(history: History, beginning: str, n: int) -> Sequence[StoredReceipt]:
    if not beginning:
        return history.receipts(limit=n)
    sessions = [each.id for each in history.sessions() if each.id.startswith(beginning)]
    if len(sessions) != 1:
        problem = (
            f"{len(sessions)} chats begin with {beginning}." if sessions else f"There is no chat {beginning}."
        )
        raise UsageError(problem, "/chats in `victor` lists those of a folder.")
    return history.receipts(sessions[0], limit=n)


def _found(receipts: Sequence[StoredReceipt], beginning: str) -> StoredReceipt:
    found = [each for each in receipts if each.id.startswith(beginning)]
    if len(found) != 1:
        problem = f"{len(found)} receipts begin with" if found else "There is no receipt"
        raise UsageError(f"{problem} {beginning}.", "`victor receipts` lists them.")
    return found[0]


def _show_one(stored: StoredReceipt, *, json: bool) -> int:
    receipt = from_data(stored.data)
    if json:
        print(jsonlib.dumps(to_data(receipt)))
    elif sys.stdout.isatty():
        from victor_server.cli.chat.markdown import Answer
        from victor_server.cli.chat.screen import new_console

        new_console().print(Answer(to_markdown(receipt)))
    else:
        print(neutral(to_markdown(receipt)), end="")
    return 0


def _show_all(stored: Sequence[StoredReceipt], *, json: bool) -> int:
    receipts = [receipt for receipt in map(_readable, stored) if receipt is not None]
    if json:
        print(jsonlib.dumps({"receipts": [to_data(receipt) for receipt in receipts]}))
    for receipt in [] if json else receipts:
        print(neutral(_line(receipt)))
    if not (json or receipts):
        print("No model was asked yet.")
    return 0


def _readable(stored: StoredReceipt) -> Receipt | None:
    """One that another version wrote must not hide the others."""
    try:
        return from_data(stored.data)
    except HistoryFailed as error:
        print(neutral(f"{stored.id}: {error.message}"), file=sys.stderr)
        return None


def _line(receipt: Receipt) -> str:
    when = datetime.fromtimestamp(receipt.created).astimezone().strftime("%Y-%m-%d %H:%M")
    if receipt.outcome == "not_sent":
        return f"{receipt.id}  {when}  {receipt.task}, not sent: {receipt.message or receipt.error}"
    cost = (
        "cost unknown"
        if receipt.cost_usd is None
        else f"${receipt.cost_usd:.4f}"
        if receipt.cost_usd
        else "free"
    )
    who = f"{receipt.model} ({receipt.profile})" if receipt.model else "no model"
    where = "left this machine" if any(each.leaves_machine for each in receipt.attempts) else "stayed here"
    tokens = f"{receipt.input_tokens:,} tokens in, {receipt.output_tokens:,} out"
    return f"{receipt.id}  {when}  {receipt.task}, {receipt.outcome}: {who}, {where}, {tokens}, {cost}"
