"""How a method is called in a client's code."""


def constant(method: str) -> str:
    """`victor/chat/queryContext` as `chatQueryContext`."""
    first, *rest = method.removeprefix("victor/").split("/")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
