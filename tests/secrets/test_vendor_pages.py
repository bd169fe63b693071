"""The page where a found secret is revoked."""

from urllib.parse import urlsplit

from victor_server.secrets.revoke_pages import revoke_page
from victor_server.secrets.rules.table import RULES

NO_VENDOR = {
    "private-key", "jwt", "url-password", "connection-string-password", "basic-auth-header", "bearer-token", "curl-user",
    "secret-assignment",
}  # fmt: skip


def test_longest_name_counts() -> None:
    """A page of one kind of secret comes before the vendor's page; a word is never cut."""
    assert revoke_page("github-fine-grained-token") != revoke_page("github-token")
    assert revoke_page("github-token") == revoke_page("github")
    assert revoke_page("githubber-token") is None
    assert revoke_page("") is None


def test_pages_are_addresses() -> None:
    """What an editor opens at a click is an https address with a host and without an account's data."""
    pages = {page for rule in RULES if (page := revoke_page(rule.id))}
    assert pages
    for page in pages:
        address = urlsplit(page)
        assert address.scheme == "https"
        assert address.hostname
        assert "." in address.hostname
        assert not address.query
        assert address.username is None
