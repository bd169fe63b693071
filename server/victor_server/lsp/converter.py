"""Between JSON and LSP's types: strict about what the client sends, so that what is malformed is told, not guessed."""

from collections.abc import Callable
from functools import cache
from typing import Any, get_args

from cattrs import Converter, transform_error
from cattrs.cols import is_sequence
from lsprotocol.converters import get_converter


class MalformedParamsError(Exception):
    """The params of a message do not have the shape that its method asks for; the text says where."""


@cache
def lsp_converter() -> Converter:
    """lsprotocol's converter, which by itself would take 5 for "5" and "abc" for ["a", "b", "c"]."""
    converter = get_converter()
    for primitive in (str, int, bool):
        converter.register_structure_hook(primitive, _strict(primitive))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook_factory(is_sequence, _strict_sequences)
    return converter


def structure_params(converter: Converter, params: object, shape: type[Any]) -> Any:
    """`params` as `shape`; none at all count as an empty object. Raises MalformedParamsError."""
    if params is None:
        params = {}
    if not isinstance(params, dict):
        raise MalformedParamsError("params must be an object")
    try:
        return converter.structure(params, shape)
    except Exception as error:
        raise MalformedParamsError("; ".join(_complaints(error)[:3])) from error


def _strict(primitive: type) -> Callable[[Any, Any], Any]:
    def take(value: Any, _: Any) -> Any:
        # A bool is an int to Python, not to JSON.
        if type(value) is primitive:
            return value
        raise TypeError(f"expected {primitive.__name__}")

    return take


def _number(value: Any, _: Any) -> float:
    if type(value) in (int, float):
        return float(value)
    raise TypeError("expected a number")


def _strict_sequences(shape: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    item = shape.__args__[0]

    def take(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError("expected an array")
        return [converter.structure(each, item) for each in value]

    return take


def _complaints(error: Exception) -> list[str]:
    """Where the shape is broken, without the values that stand there."""
    try:
        return [
            complaint.replace("$", "params", 1) for complaint in transform_error(error, format_exception=_say)
        ]
    except RecursionError:
        return ["params are nested too deeply"]


def _say(error: BaseException, expected: type | None) -> str:
    if isinstance(error, KeyError):
        return "a required field is missing"
    if isinstance(error, TypeError) and str(error).startswith("expected "):
        return str(error)
    if choices := [repr(each) for each in get_args(expected) if isinstance(each, str)]:
        return f"expected {', '.join(choices)}"
    return f"not a valid {getattr(expected, '__name__', 'value')}"
