"""Sets of words, written as one text where a list would be a page."""


def words(text: str) -> frozenset[str]:
    """The words between the spaces."""
    return frozenset(text.split())
