"""The chat view in a browser, fed with what a real server told, in the colours of a real VS Code."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from vscode.chat_page import ChatPage, build, given_variables, make_context, variables_used
from vscode.chat_recording import ANSWER, QUESTIONS, Recording, record

pytestmark = pytest.mark.e2e

PICTURES = Path(os.environ.get("VICTOR_PICTURES") or Path(__file__).parents[2] / "dist" / "screenshots")
ALL_THEMES = pytest.mark.parametrize("theme", ["dark", "light", "hc-dark", "hc-light"])
Open = Callable[..., ChatPage]
LONG_CODE = "```python\n" + "def one_more(x):\n    return x + 1\n\n" * 150 + "```\n\n"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Made once: a chat with an answer, a plan, tools, a refusal and a failure."""
    return record(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The view as it is shipped."""
    return build(tmp_path_factory.mktemp("chat"))


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """Of all views but those that change its clock, or stand beside another one."""
    return make_context(browser)


@pytest.fixture
def open_chat(browser: Browser, context: BrowserContext, built: Path) -> Iterator[Open]:
    """Open a view; in the end nothing was asked of the network, and nothing was against the page's policy."""
    with ExitStack() as pages:

        def start(*, has_own_clock: bool = False, **options: Any) -> ChatPage:
            # A page that stands behind another one of its context is drawn once a second.
            is_alone = has_own_clock or bool(opened)
            chat = ChatPage(make_context(browser) if is_alone else context, built, **options)
            pages.callback(chat.close)
            opened.append(chat)
            return chat

        opened: list[ChatPage] = []
        yield start
        assert [chat.complaints for chat in opened] == [[] for _ in opened]


def ask(chat: ChatPage, recording: Recording, number: int) -> None:
    """A question, and all that the server told of it."""
    chat.tell({"type": "asked", "text": QUESTIONS[number]}, {"type": "answering", "value": True})
    chat.tell(*({"type": "update", "update": update} for update in recording.updates[number]))
    chat.tell({"type": "answering", "value": False})


def told(chat: ChatPage, recording: Recording) -> ChatPage:
    """With the models and the chats that there are."""
    chat.tell(
        {"type": "models", **recording.models},
        {"type": "sessions", **recording.sessions},
        {"type": "context", "editor": "deploy.py:1-2", "attached": [{"id": "a", "label": "store.py"}]},
    )
    return chat


def picture(chat: ChatPage, name: str) -> None:
    """Keep a picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    chat.page.screenshot(path=PICTURES / f"chat-view-{name}.png")


def test_the_style_names_variables_that_there_are() -> None:
    """A misspelt variable would leave its place without a colour, and nobody would be told."""
    assert variables_used() <= given_variables() | {"--vscode-list-inactiveSelectionForeground"}


@ALL_THEMES
def test_an_answer_is_accessible(open_chat: Open, recording: Recording, theme: str) -> None:
    """axe finds no serious fault in a whole conversation: code, a table, a plan, tools, an error, all opened."""
    chat = told(open_chat(theme=theme), recording)
    for number in range(len(QUESTIONS)):
        ask(chat, recording, number)
    picture(chat, f"{theme}-end")
    chat.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    assert chat.faults() == []
    chat.page.locator("main").evaluate("(main) => { main.scrollTop = 0; }")
    picture(chat, f"{theme}-answer")


@ALL_THEMES
def test_the_empty_chat_and_a_question_are_accessible(
    open_chat: Open, recording: Recording, theme: str
) -> None:
    """The same of the first minute, without and with a model, of a permission, of suggestions and of the list of chats."""
    chat = open_chat(theme=theme)
    chat.tell({"type": "models", "models": [], "profile": "", "mode": "build"})
    picture(chat, f"{theme}-no-model")
    chat.tell({"type": "sessions", **recording.sessions})
    assert chat.faults() == []
    told(chat, recording)
    picture(chat, f"{theme}-empty")
    chat.page.get_by_label("Ask Victor", exact=True).fill("/")
    asked = chat.wait_for_said("complete")
    chat.tell({"type": "completions", "id": asked["id"], **recording.completions})
    picture(chat, f"{theme}-suggestions")
    chat.tell({"type": "permission", "id": 1, "title": "", "request": recording.permission})
    assert chat.faults() == []
    chat.page.keyboard.press("Escape")
    picture(chat, f"{theme}-permission")
    chat.tell({"type": "showSessions"})
    assert chat.faults() == []
    picture(chat, f"{theme}-chats")


def test_an_answer_is_shown_with_all_that_is_known_of_it(open_chat: Open, recording: Recording) -> None:
    """Its text as markdown, the place it names, who answered and why, what it took, and its receipt."""
    chat = open_chat()
    ask(chat, recording, 0)
    turn = chat.page.locator(".turn")
    expect(turn.locator(".question")).to_have_text(QUESTIONS[0])
    expect(turn.locator(".text ol li")).to_have_count(2)
    expect(turn.locator("pre .hljs-keyword").first).to_have_text("def")
    expect(turn.locator("table td").first).to_have_text("open_socket()")
    expect(turn.locator(".about summary")).to_contain_text("demo")
    expect(turn.locator(".about summary")).to_contain_text("free")
    turn.get_by_role("button", name="deploy.py:2").click()
    place = chat.wait_for_said("openPlace")["place"]
    assert place["uri"].endswith("/shop/deploy.py")
    assert place["range"]["start"]["line"] == 1
    turn.locator(".about summary").click()
    expect(turn.locator(".about")).to_contain_text("on this machine")
    turn.get_by_role("button", name="Receipt").click()
    assert chat.wait_for_said("receipt")["id"]


def test_code_can_be_copied_inserted_and_proposed(open_chat: Open, recording: Recording) -> None:
    """Exactly the code, without its fence."""
    chat = open_chat()
    ask(chat, recording, 0)
    code = ANSWER.split("```python\n")[1].split("\n```")[0]
    for name, kind in (("Copy", "copy"), ("Insert at cursor", "insert"), ("Apply", "apply")):
        chat.page.locator(".code").get_by_role("button", name=name).click()
        assert chat.wait_for_said(kind)["text"] == code


def test_tools_and_the_plan_are_shown(open_chat: Open, recording: Recording) -> None:
    """A card for each call that says how it went, opens to what came of it, and leads to its files."""
    chat = open_chat()
    ask(chat, recording, 1)
    expect(chat.page.locator(".plan")).to_contain_text("Plan: 1 of 3 done")
    cards = chat.page.locator(".tool")
    expect(cards.filter(has_text="Run make test").locator(".tool-status")).to_have_text("not allowed")
    read = cards.filter(has=chat.page.locator(".tool-title", has_text="Read deploy.py"))
    read.locator("summary").first.click()
    expect(read.get_by_label("Result")).to_contain_text("open_socket")
    read.get_by_role("button", name="deploy.py").click()
    assert chat.wait_for_said("openFile")["path"].endswith("/shop/deploy.py")


def test_a_failed_answer_says_what_to_do(open_chat: Open, recording: Recording) -> None:
    """The error and its fix stand in the turn, which can be asked again."""
    chat = open_chat()
    ask(chat, recording, 2)
    error = recording.updates[2][-1]["_meta"]["victor"]["error"]
    expect(chat.page.locator(".failure")).to_contain_text(error["message"])
    chat.page.get_by_role("button", name="Ask again").click()
    chat.wait_for_said("retry")


def test_what_is_loaded_looks_like_what_was_live(open_chat: Open, recording: Recording) -> None:
    """A view that is made anew shows the same words as the one before."""
    live, loaded = open_chat(), open_chat()
    for number in range(len(QUESTIONS)):
        ask(live, recording, number)
    session = {"sessionId": recording.session_id, "title": "", "answering": False, "again": False}
    loaded.tell({"type": "session", **session, "updates": list(recording.replay)})
    assert loaded.page.locator(".log").inner_text() == live.page.locator(".log").inner_text()


@pytest.mark.parametrize("text", [ANSWER, LONG_CODE + ANSWER], ids=["answer", "long-code"])
def test_blocks_that_are_complete_are_not_made_again(open_chat: Open, text: str) -> None:
    """While text comes piece by piece, only the last block changes; in the end it is as if it had come at once."""
    chat, at_once = open_chat(), open_chat()
    chat.tell({"type": "asked", "text": "?"}, {"type": "answering", "value": True})
    size = len(text) // 40
    complete, pieces = None, [text[at : at + size] for at in range(0, len(text), size)]
    for number, piece in enumerate(pieces):
        chat.tell({"type": "update", "update": chunk(number + 1, piece)})
        complete = complete or chat.page.query_selector(".text .code:has(+ *)")
    assert complete is not None
    chat.tell({"type": "update", "update": end(len(pieces) + 1)})
    at_once.tell({"type": "asked", "text": "?"}, {"type": "update", "update": chunk(1, text)})
    at_once.tell({"type": "update", "update": end(2)})
    assert chat.page.locator(".text").inner_html() == at_once.page.locator(".text").inner_html()
    assert complete.evaluate("(each) => each.isConnected")


def test_many_pieces_are_laid_out_a_few_times(open_chat: Open) -> None:
    """An answer of many pieces keeps the view quick: it is drawn once a frame, not once a piece."""
    chat = open_chat()
    chat.tell({"type": "asked", "text": "?"}, {"type": "answering", "value": True})
    pieces = [{"type": "update", "update": chunk(seq, "a word ")} for seq in range(1, 501)]
    assert chat.layouts_of(lambda: chat.tell(*pieces)) < 100
    expect(chat.page.locator(".text")).to_have_text(re.compile("(a word ?){500}"))


def chunk(seq: int, text: str) -> dict[str, Any]:
    """A piece of an answer, as the server sends it."""
    content = {"type": "text", "text": text}
    update = {"sessionUpdate": "agent_message_chunk", "content": content}
    return {"sessionId": "s", "update": update, "_meta": {"victor": {"seq": seq, "turnId": "t"}}}


def end(seq: int) -> dict[str, Any]:
    """The end of a turn."""
    victor = {"seq": seq, "turnId": "t", "stopReason": "end_turn", "citations": [], "error": None}
    return {"sessionId": "s", "update": {"sessionUpdate": "session_info_update"}, "_meta": {"victor": victor}}


def test_nothing_of_an_answer_runs_or_is_fetched(open_chat: Open) -> None:
    """HTML stands there as text, pictures are not loaded, links show where they go and nothing else can be followed."""
    chat = open_chat()
    hostile = (
        "<img src=x onerror=alert(1)><script>alert(1)</script>\n\n![p](https://evil.example/p.png)\n\n"
        "[bank](https://evil.example/a) [run](command:workbench.action.quit) [js](javascript:alert(1))\n\n"
        '```"><img src=x onerror=alert(1)>\n<b>x</b>\n```\n'
    )
    chat.tell({"type": "asked", "text": "<i>?</i>"}, {"type": "update", "update": chunk(1, hostile)})
    chat.tell({"type": "update", "update": end(2)})
    turn = chat.page.locator(".turn")
    expect(turn).to_contain_text("<script>alert(1)</script>")
    assert turn.locator("img, script, b, i:not(.working i), iframe").count() == 0
    links = turn.locator("a")
    assert [link.inner_text() for link in links.all() if link.inner_text() != "p"] == ["bank"]
    expect(turn).to_contain_text("bank (evil.example)")
    links.filter(has_text="bank").click()
    assert chat.wait_for_said("openLink")["href"] == "https://evil.example/a"


def test_a_permission_is_answered_by_keys_and_not_by_accident(open_chat: Open, recording: Recording) -> None:
    """The card takes the focus, not its buttons; what is pressed at once does not count; a no can have a reason."""
    chat = open_chat(has_own_clock=True)
    chat.page.clock.install()
    chat.page.clock.pause_at("2030-01-01")
    show = {"type": "permission", "id": 7, "title": "", "request": recording.permission}
    chat.page.evaluate("(message) => window.postMessage(message, '*')", show)
    card = chat.page.locator(".permission")
    expect(card).to_be_focused()
    expect(card).to_contain_text("make test")
    chat.page.keyboard.press("Enter")
    card.get_by_role("button", name="Allow once").press("Enter")
    assert chat.said("answer") == []
    chat.page.clock.run_for(1000)
    card.get_by_label("What the model is told with a no").fill("use pytest")
    card.get_by_role("button", name="No", exact=True).press("Enter")
    assert chat.wait_for_said("answer") == {
        "type": "answer",
        "id": 7,
        "optionId": "no",
        "reason": "use pytest",
    }
    chat.page.evaluate("window.postMessage({type: 'permissionGone', id: 7}, '*')")
    expect(card).to_have_count(0)
    expect(chat.page.get_by_label("Ask Victor", exact=True)).to_be_focused()


def test_a_long_command_is_read_to_its_end_before_a_yes(open_chat: Open, recording: Recording) -> None:
    """What hides below the edge cannot be allowed until it was in sight; it can be refused."""
    chat = open_chat()
    meta = recording.permission["_meta"]["victor"]
    hidden = {**meta, "things": ["echo harmless\n" * 60 + "touch hidden-tail"]}
    request = {**recording.permission, "_meta": {"victor": hidden}}
    chat.tell({"type": "permission", "id": 1, "title": "", "request": request})
    card = chat.page.locator(".permission")
    allows = card.get_by_role("button", name=re.compile("llow"))
    for button in allows.all():
        if "Never" not in button.inner_text():
            expect(button).to_be_disabled()
    expect(card).to_contain_text("It goes on")
    expect(card.get_by_role("button", name="No", exact=True)).to_be_enabled()
    assert chat.faults() == []
    card.get_by_role("region", name="What it is about").focus()
    chat.page.keyboard.press("End")
    expect(card.get_by_role("button", name="Allow once")).to_be_enabled()
    expect(card).to_contain_text("That was all of it.")


def test_a_second_press_answers_no_second_question(open_chat: Open, recording: Recording) -> None:
    """Where a card goes, the next one moves below the pointer: a double click answers only what was there before."""
    chat = open_chat(has_own_clock=True)
    chat.page.clock.install()
    chat.page.clock.pause_at("2030-01-01")
    for number in (1, 2):
        show = {"type": "permission", "id": number, "title": "", "request": recording.permission}
        chat.page.evaluate("(message) => window.postMessage(message, '*')", show)
    first, second = chat.page.locator('[data-id="1"]'), chat.page.locator('[data-id="2"]')
    expect(second).to_be_visible()
    chat.page.clock.run_for(1000)
    first.get_by_role("button", name="Allow once").click()
    assert chat.wait_for_said("answer")["id"] == 1
    chat.page.evaluate("window.postMessage({type: 'permissionGone', id: 1}, '*')")
    expect(first).to_have_count(0)
    second.get_by_role("button", name="Allow once").click()
    assert len(chat.said("answer")) == 1
    chat.page.clock.run_for(1000)
    second.get_by_role("button", name="Allow once").click()
    assert chat.wait_for_said("answer", 2)["id"] == 2


def test_a_link_that_looks_like_another_says_where_it_goes(open_chat: Open) -> None:
    """A text that is an address of its own, or names the machine among other words, hides nothing."""
    chat = open_chat()
    texts = [
        "[https://bank.example/?from=evil.example](https://evil.example/a)",
        "[evil.example.bank.example](https://evil.example/b)",
        "[https://evil.example@bank.example](https://evil.example/c)",
        "<https://evil.example/d>",
    ]
    chat.tell({"type": "asked", "text": "?"}, {"type": "update", "update": chunk(1, "\n\n".join(texts))})
    chat.tell({"type": "update", "update": end(2)})
    expect(chat.page.locator(".text p")).to_have_count(4)
    said = [each.locator(".address").count() for each in chat.page.locator(".text p").all()]
    assert said == [1, 1, 1, 0]


def test_a_held_enter_sends_nothing(open_chat: Open) -> None:
    """Enter that answered a question and is still down finds the box in the focus: what is drafted there stays."""
    chat = open_chat()
    box = chat.page.get_by_label("Ask Victor", exact=True)
    box.fill("a draft")
    box.evaluate(
        "(box) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', repeat: true, bubbles: true}))"
    )
    expect(box).to_have_value("a draft")
    assert chat.said("ask") == []


def test_a_permission_takes_no_keys_from_who_is_writing(open_chat: Open, recording: Recording) -> None:
    """The box keeps the focus, and a screen reader is told."""
    chat = open_chat()
    box = chat.page.get_by_label("Ask Victor", exact=True)
    box.fill("and then")
    chat.tell({"type": "permission", "id": 1, "title": "", "request": recording.permission})
    expect(box).to_be_focused()
    expect(chat.page.get_by_role("alert")).to_have_text("Victor wants to run a command")
    expect(chat.page.locator(".permission").get_by_role("button")).to_have_count(
        len(recording.permission["options"])
    )


def test_a_question_is_written_and_sent_by_keys(open_chat: Open) -> None:
    """Enter sends, Shift+Enter begins a line, an empty box brings earlier questions back; while it answers it is told more."""
    chat = open_chat()
    box = chat.page.get_by_label("Ask Victor", exact=True)
    box.press("Enter")
    box.type("one")
    box.press("Shift+Enter")
    box.type("two")
    box.press("Enter")
    assert chat.wait_for_said("ask") == {"type": "ask", "text": "one\ntwo", "withEditor": True}
    assert len(chat.said("ask")) == 1
    expect(box).to_have_value("")
    box.press("ArrowUp")
    expect(box).to_have_value("one\ntwo")
    box.press("ArrowDown")
    expect(box).to_have_value("")
    chat.tell({"type": "asked", "text": "one"}, {"type": "answering", "value": True})
    box.type("more")
    box.press("Enter")
    assert chat.wait_for_said("steer")["text"] == "more"
    chat.page.get_by_role("button", name="Stop").click()
    chat.wait_for_said("stop")


def test_an_enter_that_ends_a_composition_sends_nothing(open_chat: Open) -> None:
    """Whoever writes with an input method confirms a word with Enter."""
    chat = open_chat()
    box = chat.page.get_by_label("Ask Victor", exact=True)
    box.fill("こんにちは")
    press = "(box, composing) => box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: composing, cancelable: true}))"
    box.evaluate(press, True)
    assert chat.said("ask") == []
    box.evaluate(press, False)
    assert chat.wait_for_said("ask")["text"] == "こんにちは"


def test_commands_and_mentions_are_completed(open_chat: Open, recording: Recording) -> None:
    """By the server's list, with the arrow keys; the box says which entry is meant. Late answers are dropped."""
    chat = open_chat()
    box = chat.page.get_by_label("Ask Victor", exact=True)
    box.type("/")
    asked = chat.wait_for_said("complete")
    assert asked["text"] == "/"
    chat.tell({"type": "completions", "id": asked["id"], **recording.completions})
    options = chat.page.get_by_role("option")
    assert options.count() == len(recording.completions["items"])
    box.press("ArrowDown")
    second = options.nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == second.get_attribute("id")
    box.press("Enter")
    expect(box).to_have_value(recording.completions["items"][1]["text"])
    assert chat.said("ask") == []
    chat.tell({"type": "completions", "id": asked["id"], **recording.completions})
    expect(chat.page.get_by_role("listbox")).to_be_hidden()


def test_what_goes_with_a_question_can_be_left_out(open_chat: Open, recording: Recording) -> None:
    """The file in front is a toggle that is remembered, added files are removed by their button."""
    chat = told(open_chat(), recording)
    chip = chat.page.get_by_role("button", name="deploy.py:1-2")
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "false")
    chat.page.get_by_label("Ask Victor", exact=True).fill("?")
    chat.page.get_by_role("button", name="Send").click()
    assert chat.wait_for_said("ask")["withEditor"] is False
    chat.page.get_by_role("button", name="Remove store.py").click()
    assert chat.wait_for_said("detach")["id"] == "a"
    chat.page.get_by_label("Who answers").select_option("other")
    assert chat.wait_for_said("profile")["profile"] == "other"
    chat.page.get_by_label("Mode", exact=True).select_option("plan")
    assert chat.wait_for_said("mode")["mode"] == "plan"


def test_a_server_that_ends_takes_nothing_that_was_written(open_chat: Open) -> None:
    """The view says so, keeps the question, and sends it when the server is back; a view made anew has it, too."""
    chat = open_chat()
    box = chat.page.get_by_label("Ask Victor", exact=True)
    box.fill("half a question")
    chat.tell({"type": "server", "state": "restarting", "detail": ""})
    expect(chat.page.locator(".banner")).to_contain_text("starting again")
    box.press("Enter")
    assert chat.said("ask") == []
    chat.tell({"type": "server", "state": "failed", "detail": "It ended five times."})
    expect(chat.page.locator(".banner")).to_contain_text("It ended five times.")
    chat.page.get_by_role("button", name="Start Again").click()
    assert chat.wait_for_said("command")["name"] == "restart"
    again = open_chat(kept=chat.kept())
    expect(again.page.get_by_label("Ask Victor", exact=True)).to_have_value("half a question")
    box.press("Enter")
    chat.tell({"type": "server", "state": "running", "detail": ""})
    box.press("Enter")
    assert chat.wait_for_said("ask")["text"] == "half a question"


def test_what_is_typed_before_the_draft_comes_stays(open_chat: Open) -> None:
    """Whoever is quicker than the extension finds both."""
    chat = open_chat()
    box = chat.page.get_by_label("Ask Victor", exact=True)
    box.fill("and why?")
    chat.tell({"type": "kept", "draft": "What is it,", "withEditor": False})
    expect(box).to_have_value("What is it,\nand why?")
    box.press("Enter")
    assert chat.wait_for_said("ask")["withEditor"] is False


def test_the_editor_keeps_no_question(open_chat: Open, recording: Recording) -> None:
    """A secret in a question is not written to disk by the editor; what the server kept of a chat is brought back."""
    chat = open_chat()
    box = chat.page.get_by_label("Ask Victor", exact=True)
    box.fill("why does hunter2 not work?")
    box.press("Enter")
    chat.wait_for_said("ask")
    assert "hunter2" not in str(chat.kept())
    updates = recording.updates[0]
    opened = {"type": "session", "sessionId": "s", "title": "", "answering": False, "again": False}
    asked = {"content": {"type": "text", "text": "what was it?"}, "sessionUpdate": "user_message_chunk"}
    seq = {"seq": 1, "turnId": updates[0]["_meta"]["victor"]["turnId"]}
    question = {"sessionId": "s", "update": asked, "_meta": {"victor": seq}}
    again = open_chat(kept={**chat.kept(), "history": ["hunter2"]})
    again.tell({**opened, "updates": [question]})
    box = again.page.get_by_label("Ask Victor", exact=True)
    box.press("ArrowUp")
    expect(box).to_have_value("what was it?")
    assert "hunter2" not in str(again.kept())


def test_a_question_that_never_arrived_is_given_back(open_chat: Open) -> None:
    """It stands in the box again, and why it failed above it."""
    chat = open_chat()
    chat.tell({"type": "asked", "text": "why?"}, {"type": "answering", "value": True})
    failure = {"message": "The server ended.", "fix": "Start it again."}
    chat.tell(
        {"type": "answering", "value": False}, {"type": "failed", "failure": failure, "question": "why?"}
    )
    expect(chat.page.locator(".notice")).to_contain_text("Start it again.")
    expect(chat.page.get_by_label("Ask Victor", exact=True)).to_have_value("why?")
    expect(chat.page.locator(".turn")).to_have_count(0)
    anew = open_chat()
    anew.tell({"type": "failed", "failure": failure, "question": "why?"})
    expect(anew.page.get_by_label("Ask Victor", exact=True)).to_have_value("why?")


def test_what_comes_back_leaves_the_draft_and_the_cursor(open_chat: Open) -> None:
    """A question that never arrived goes above what is written meanwhile; whoever is in the midst of a word goes on."""
    chat = open_chat()
    box = chat.page.get_by_role("textbox", name="Ask Victor")
    box.fill("the next one")
    box.press("ArrowLeft")
    box.press("ArrowLeft")
    box.press("ArrowLeft")
    failure = {"message": "The server ended.", "fix": "Try again."}
    chat.tell({"type": "asked", "text": "first"})
    chat.tell({"type": "failed", "failure": failure, "question": "first"})
    chat.page.keyboard.type("big ")
    chat.tell({"type": "giveBack", "text": "and in metres"})
    chat.page.keyboard.type("red ")
    assert box.input_value() == "and in metres\nfirst\nthe next big red one"


def test_the_view_takes_no_focus_from_the_editor(open_chat: Open, recording: Recording) -> None:
    """What comes while a person types in a file leaves the keys there: a question back, a card that goes."""
    chat = open_chat()
    chat.tell({"type": "permission", "id": 1, "title": "", "request": recording.permission})
    chat.page.locator(".permission").evaluate("each => each.focus()")
    chat.page.evaluate("document.hasFocus = () => false")
    chat.tell({"type": "permissionGone", "id": 1}, {"type": "giveBack", "text": "once more"})
    chat.tell({"type": "asked", "text": "first"})
    chat.tell({"type": "failed", "failure": {"message": "No.", "fix": ""}, "question": "first"})
    assert chat.page.evaluate("document.activeElement.tagName") == "BODY"
    assert chat.page.get_by_role("textbox", name="Ask Victor").input_value() == "first\nonce more"


def test_chats_are_listed_opened_and_deleted(open_chat: Open, recording: Recording) -> None:
    """Each with its own buttons, named after it."""
    chat = told(open_chat(), recording)
    (session,) = recording.sessions["sessions"]
    chat.tell({"type": "showSessions"})
    chats = chat.page.get_by_label("All chats")
    for verb, kind in (("Rename", "rename"), ("Delete", "delete")):
        chats.get_by_role("button", name=f"{verb} {session['title']}").click()
        assert chat.wait_for_said(kind)["sessionId"] == session["sessionId"]
    chats.get_by_role("button", name=session["title"]).first.click()
    assert chat.wait_for_said("open")["sessionId"] == session["sessionId"]
    expect(chats).to_be_hidden()


def test_who_reads_above_is_not_pulled_down(open_chat: Open, recording: Recording) -> None:
    """New text keeps the end in sight only of whoever was at the end."""
    chat = open_chat(height=420)
    ask(chat, recording, 0)
    at_end = "(main) => main.scrollHeight - main.scrollTop - main.clientHeight < 2"
    main = chat.page.locator("main")
    assert main.evaluate(at_end)
    main.evaluate("(main) => { main.scrollTop = 0; }")
    chat.page.wait_for_function("document.querySelector('main').scrollTop === 0")
    chat.tell({"type": "update", "update": recording.updates[1][0]})
    chat.tell(*({"type": "update", "update": update} for update in recording.updates[1]))
    assert main.evaluate("(main) => main.scrollTop") == 0
    ask(chat, recording, 2)
    assert main.evaluate(at_end)


@pytest.mark.parametrize(("width", "zoom"), [(250, 1), (380, 2)], ids=["narrow", "zoomed"])
def test_a_narrow_view_has_room_for_everything(
    open_chat: Open, recording: Recording, width: int, zoom: int
) -> None:
    """At 250 pixels, and at 200 % of the usual width, nothing is cut off at the side and the box can be seen."""
    chat = told(open_chat(width=width // zoom if zoom > 1 else width, height=760), recording)
    for number in range(len(QUESTIONS)):
        ask(chat, recording, number)
    chat.tell({"type": "permission", "id": 1, "title": "", "request": recording.permission})
    picture(chat, f"wide-{width // zoom}")
    assert chat.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    wide = "(main) => main.scrollWidth <= main.clientWidth"
    assert chat.page.locator("main").evaluate(wide)
    expect(chat.page.get_by_label("Ask Victor", exact=True)).to_be_in_viewport()


def test_a_screen_reader_is_told_once(open_chat: Open, recording: Recording) -> None:
    """The log is silent while text comes; that an answer came is said in a sentence."""
    chat = open_chat()
    ask(chat, recording, 0)
    expect(chat.page.get_by_role("log")).to_have_attribute("aria-live", "off")
    expect(chat.page.locator(".hidden[role=status]")).to_have_text("Victor answered.")
