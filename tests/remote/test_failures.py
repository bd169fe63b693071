"""What is told of an answer that does not say what is wrong by itself."""

import pytest

from victor_server.remote.failures import error_of_status


@pytest.mark.parametrize(
    ("status", "body", "fix"),
    [
        (502, None, "proxy"),
        (504, {"error": "upstream"}, "proxy"),
        (404, None, "address"),
        (500, ["x"], "address"),
    ],
)
def test_an_answer_of_somebody_else_says_where_to_look(status: int, body: object, fix: str) -> None:
    """A proxy's page, or another server at the backend's address: the number, and what to do."""
    error = error_of_status(status, body, None)
    assert error.message == f"The team's backend answers with status {status}."
    assert fix in error.fix


def test_a_backends_own_words_are_told() -> None:
    """Its message and its fix, as they are."""
    body = {"error": {"kind": "unavailable", "message": "It ends.", "fix": "Come again."}}
    error = error_of_status(503, body, None)
    assert (error.message, error.fix) == ("It ends.", "Come again.")
