"""How amounts and times of the protocol are shown to people."""

from datetime import UTC, datetime


def day(at_us: int | None) -> str:
    """The day and minute of a time, in UTC."""
    if at_us is None:
        return "never"
    return f"{datetime.fromtimestamp(at_us / 1e6, UTC):%Y-%m-%d %H:%M}"


def usd(nano: int | None) -> str:
    """Money; "" where nobody knows."""
    return "" if nano is None else f"${nano / 1e9:,.4f}"


def amount(value: int, unit: str) -> str:
    """An amount of a budget."""
    return usd(value) if unit == "usd" else f"{value:,}"
