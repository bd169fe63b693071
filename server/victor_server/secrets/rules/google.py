"""Keys of Google, its cloud and Firebase."""

from victor_server.secrets.rule import format_rule
from victor_server.secrets.rules.named import named_rule

RULES = (
    format_rule("google-api-key", "Google API Key", "aiza", r"AIza[0-9A-Za-z_-]{35}(?![\w-])"),
    format_rule("google-api-key", "Google API Key", "aq.ab", r"AQ\.Ab[0-9A-Za-z_-]{45,60}(?![\w-])"),
    format_rule("google-oauth-secret", "Google OAuth Client Secret", "gocspx-", r"GOCSPX-[A-Za-z0-9_-]{28}(?![\w-])"),
    named_rule(
        "google-oauth-secret",
        "Google OAuth Client Secret",
        "google gcp_ youtube gmail googleusercontent",
        r"[A-Za-z0-9_-]{24}",
    ),
    format_rule("google-oauth-token", "Google OAuth Access Token", "ya29.", r"ya29\.[A-Za-z0-9_-]{30,2000}+"),
    format_rule(
        "google-refresh-token", "Google OAuth Refresh Token", "1//0", r"1//0[A-Za-z0-9_-]{40,2000}+"
    ),
    format_rule(
        "google-fcm-server-key",
        "Firebase Cloud Messaging Server Key",
        ":apa91b",
        r"AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{134}(?![\w-])",
    ),
    format_rule(
        "google-hmac-secret", "Google Cloud Storage HMAC Key", "goog1e", r"GOOG1E[A-Z2-7]{55}"
    ),
    named_rule(
        "google-hmac-secret",
        "Google Cloud Storage HMAC Key",
        "gcs_ gcs_secret goog1 storage.googleapis.com",
        r"[A-Za-z0-9/+]{40}",
    ),
    named_rule(
        "google-recaptcha-secret", "Google reCAPTCHA Secret", "recaptcha", r"6L[0-9A-Za-z_-]{38}"
    ),
    format_rule(
        "google-signed-url", "Google Cloud Signed URL", "x-goog-signature=",
        r"(?i:x-goog-signature)=(?P<value>[0-9a-f]{128,1024})",
    ),
    format_rule(
        "google-chat-webhook",
        "Google Chat Webhook",
        "chat.googleapis.com",
        r"https://chat\.googleapis\.com/v1/spaces/[\w-]{5,40}/messages\?key=[\w-]{20,60}&(?:amp;)?token=[\w%-]{30,100}(?:%3D)?",
    ),
)  # fmt: skip
