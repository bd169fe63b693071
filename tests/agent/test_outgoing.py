"""The last gate: whatever a request is made of, no secret passes it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key, github_token, pem_key

from victor_server.agent.messages import (
    Message,
    ModelRequest,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    ToolSpec,
    user,
)
from victor_server.agent.redaction.incoming import Outside, of_file, of_person, take_in
from victor_server.agent.redaction.outgoing import MAX_INLINE, clear, clear_now
from victor_server.secrets.redaction.session import RedactionSession

SHORT = "s3" + "cr!"


def request(*messages: Message, **more: Any) -> ModelRequest:
    """A request."""
    return ModelRequest("m", messages, 10, **more)


def everything(asked: ModelRequest) -> str:
    """All of a request as a text, escapes undone."""
    return json.dumps(
        [
            [part.text for part in asked.system],
            [
                [part.arguments if isinstance(part, ToolCallPart) else part.text for part in message.parts]
                for message in asked.messages
            ],
            [
                part.name
                for message in asked.messages
                for part in message.parts
                if isinstance(part, ToolCallPart)
            ],
            [[tool.name, tool.description, tool.schema] for tool in asked.tools],
            asked.json_schema,
            list(asked.stop),
        ],
        ensure_ascii=False,
    )


def with_secret(place: str, secret: str) -> ModelRequest:
    """A request that holds the secret at this place."""
    text = f"x = '{secret}'"
    tool = ToolSpec("clock", "Tells the time.", {"type": "object"})
    call = ToolCallPart("1", "clock", {"zone": "UTC"})
    match place:
        case "system":
            return request(user("hi"), system=(TextPart(text),))
        case "message":
            return request(user(text), user("hi"))
        case "tool result":
            return request(user("hi"), Message("tool", (ToolResultPart("1", text),)))
        case "argument":
            return request(Message("assistant", (ToolCallPart("1", "clock", {"zone": [{"a": secret}]}),)))
        case "argument name":
            return request(Message("assistant", (ToolCallPart("1", "clock", {secret: 1}),)))
        case "call name":
            return request(Message("assistant", (ToolCallPart("1", secret, call.arguments),)))
        case "thinking":
            return request(Message("assistant", (ThinkingPart(text, "signed"), TextPart("hi"))))
        case "tool name":
            return request(user("hi"), tools=(ToolSpec(secret, tool.description, tool.schema),))
        case "tool description":
            return request(user("hi"), tools=(ToolSpec(tool.name, text, tool.schema),))
        case "tool schema":
            return request(user("hi"), tools=(ToolSpec(tool.name, "", {"default": secret}),))
        case "schema":
            return request(user("hi"), json_schema={"properties": {"a": {"const": secret}}})
        case _:
            return request(user("hi"), stop=(secret,))


PLACES = "system|message|tool result|argument|argument name|call name|thinking|tool name|tool description|tool schema"


@pytest.mark.parametrize("place", [*PLACES.split("|"), "schema", "stop"])
@pytest.mark.parametrize("secret", [aws_key(), github_token()])
def test_no_place_is_forgotten(place: str, secret: str) -> None:
    """Texts, names, arguments and schemas are all looked at."""
    with RedactionSession() as session:
        cleared = clear_now(with_secret(place, secret), session)
        assert secret not in everything(cleared.request)
        assert place == "thinking" or sum(cleared.redacted.values()) == 1


def test_signed_thoughts_go_as_they_are_or_not_at_all() -> None:
    """A thought without a secret keeps its signature; one with a secret is left out."""
    with RedactionSession() as session:
        thought = ThinkingPart("Hm.", "signed")
        asked = request(Message("assistant", (thought, TextPart("hi"))))
        assert clear_now(asked, session).request == asked
        (message,) = clear_now(with_secret("thinking", aws_key()), session).request.messages
        assert message.parts == (TextPart("hi"),)


def test_a_name_gives_away_the_value_beside_it() -> None:
    """Arguments are looked at with their names, and stay the object that they were."""
    with RedactionSession() as session:
        call = ToolCallPart("1", "login", {"user": "me", "password": SHORT, "n": 1})
        (message,) = clear_now(request(Message("assistant", (call,))), session).request.messages
        (cleared,) = message.parts
        assert isinstance(cleared, ToolCallPart)
        assert SHORT not in json.dumps(cleared.arguments)
        assert {"user": "me", "n": 1}.items() <= cleared.arguments.items()


def test_what_goes_out_can_be_encoded() -> None:
    """Half a character, of a command line or an answer that was kept, would keep the conversation from being sent."""
    halves = request(
        user("a \udcff"),
        Message("assistant", (TextPart("\ud83d\ude00"), ToolCallPart("c", "f", {"x": "\ud800"}))),
        Message("tool", (ToolResultPart("c", "\udfff"),)),
    )
    sent = clear_now(halves, RedactionSession()).request
    assert [
        part.text for message in sent.messages for part in message.parts if not isinstance(part, ToolCallPart)
    ] == [
        "a \ufffd",
        "\U0001f600",
        "\ufffd",
    ]
    everything(sent).encode()
    assert "\\ud800" not in everything(sent)


def test_a_secret_across_parts() -> None:
    """Parts of one message are read by the model as one text, and so they are looked at."""
    key = aws_key()
    with RedactionSession() as session:
        parts = (TextPart(f"key = '{key[:9]}"), TextPart(f"{key[9:]}'", stable=True))
        (message,) = clear_now(request(Message("user", parts)), session).request.messages
        text = "".join(part.text for part in message.parts if isinstance(part, TextPart))
        assert key not in text
        assert "[REDACTED:aws-access-key" in text


def test_what_a_later_text_gives_away() -> None:
    """A value that is a secret only by what stands beside it elsewhere is taken out everywhere."""
    value = "vN4xLq8Z" + "rT1m"
    with RedactionSession() as session:
        asked = request(user(f"it was {value}"), user(f"password = '{value}'"))
        cleared = clear_now(asked, session)
        assert value not in everything(cleared.request)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [
                    aws_key(),
                    github_token(),
                    pem_key(n_lines=2),
                    "password = ",
                    f"'{SHORT}'",
                    "\n",
                    " ",
                    "[REDACTED:",
                ]
            ),
            max_size=5,
        ).map("".join),
        max_size=5,
    )
)
def test_looking_twice_changes_nothing(texts: list[str]) -> None:
    """What has passed the gate passes it again as it is, with the same count; and no secret is in it."""
    with RedactionSession() as session:
        asked = request(*map(user, texts), system=tuple(map(TextPart, texts)))
        cleared = clear_now(asked, session)
        assert clear_now(cleared.request, session) == cleared
        assert not [
            s for s in (aws_key(), github_token(), pem_key(n_lines=2)) if s in everything(cleared.request)
        ]


async def test_long_texts_go_to_a_thread() -> None:
    """They come back the same as short ones."""
    with RedactionSession() as session:
        long = f"{'word ' * MAX_INLINE} key = '{aws_key()}'"
        cleared = await clear(request(user(long)), session)
        assert aws_key() not in everything(cleared.request)
        (kept,) = await take_in([of_file(long, "a.py")], session)
        assert aws_key() not in kept


async def test_where_secrets_come_from_is_remembered() -> None:
    """Of files and of the person, but of a tool's output nothing."""
    with RedactionSession() as session:
        kept = await take_in(
            [of_file(aws_key(), "a.py"), of_person(github_token()), Outside(pem_key()), of_person(aws_key())],
            session,
        )
        assert [session.origins(text.strip()) for text in kept] == [{"a.py", ""}, {""}, set(), {"a.py", ""}]
