"""What a value that was not taken must be, in words; never what it is."""

from typing import Any

from pydantic_core import ErrorDetails


def demand(details: ErrorDetails, members: str) -> str:
    """The end of a sentence that begins with the setting's name. `members`: what the members of a list are called."""
    limits: dict[str, Any] = details.get("ctx", {})
    kind = details["type"]
    if kind == "list_type" or any(isinstance(part, int) for part in details["loc"]):
        return f"must be a list of {members}"
    match kind:
        case "greater_than":
            return f"must be more than {limits['gt']}"
        case "greater_than_equal":
            return f"must be at least {limits['ge']}"
        case "less_than_equal":
            return f"must be at most {limits['le']}"
        case "literal_error":
            return f"must be {limits['expected']}"
        case "value_error":
            return str(limits["error"])
        case _:
            return _DEMANDS.get(kind) or details["msg"][:1].lower() + details["msg"][1:]


_DEMANDS = {
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("float_type", "finite_number"), "must be a number"),
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "missing": "is missing",
    **dict.fromkeys(("model_type", "model_attributes_type"), "must hold settings by name"),
}
