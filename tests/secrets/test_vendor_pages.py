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


def test_most_used_vendors_have_a_page() -> None:
    """Whoever finds a key of one of these is a click away from revoking it."""
    for vendor in (
        "aws-access-key", "azure-storage-key", "google-api-key", "openai-api-key", "anthropic-api-key", "github-token", "gitlab-token",
        "slack-token", "stripe-access-key", "npm-token", "docker-token", "huggingface-token", "digitalocean-token",
        "twilio-auth-token", "sendgrid-api-key", "datadog-api-key",
    ):  # fmt: skip
        assert any(rule.id == vendor for rule in RULES), vendor
        assert revoke_page(vendor), vendor
