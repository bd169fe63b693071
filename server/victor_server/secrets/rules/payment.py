"""Keys of payment and commerce services."""

from victor_server.secrets.classify import judge_token
from victor_server.secrets.finding import Tier
from victor_server.secrets.plugins import plugin_rule
from victor_server.secrets.rule import format_rule


def _judge_live(value: str) -> Tier | None:
    """A key of a test account opens nothing of worth."""
    tier = judge_token(value)
    return "possible" if tier and ("test" in value or "sandbox" in value) else tier


RULES = (
    format_rule(
        "stripe-access-key",
        "Stripe Access Key",
        "k_live_ k_test_",
        r"[rs]k_(?:live|test)_[0-9a-zA-Z]{16,247}",
        judge=_judge_live,
    ),
    format_rule("stripe-webhook-secret", "Stripe Webhook Secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{32,64}"),
    plugin_rule(
        "square-oauth-secret",
        "Square OAuth Secret",
        "sq0csp-",
        "square_oauth.SquareOAuthDetector",
        at_least=r"sq0csp-[\\\w\-]{43}",
    ),
    format_rule(
        "square-access-token",
        "Square Access Token",
        "sq0atp- eaaa",
        r"(?:sq0atp-[\w-]{22}|(?<![+/])EAAA[\w-]{60}(?![\w+/-]))",
    ),
    format_rule(
        "shopify-token", "Shopify Token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"
    ),
    format_rule(
        "braintree-token",
        "PayPal Braintree Access Token",
        "access_token$",
        r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}",
        judge=_judge_live,
    ),
    format_rule(
        "plaid-token",
        "Plaid Access Token",
        "access-",
        r"access-(?:sandbox|development|production)-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
        judge=_judge_live,
    ),
    format_rule(
        "razorpay-key", "Razorpay Key", "rzp_", r"rzp_(?:live|test)_[A-Za-z0-9]{14}", judge=_judge_live
    ),
    format_rule(
        "flutterwave-key", "Flutterwave Secret Key", "flwseck", r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,32}(?:-X)?"
    ),
    format_rule(
        "gocardless-token",
        "GoCardless Token",
        "live_ sandbox_",
        r"(?:live|sandbox)_[A-Za-z0-9_=-]{40}(?![\w-])",
        judge=_judge_live,
    ),
    format_rule("easypost-key", "EasyPost API Key", "ezak eztk", r"EZ[AT]K[A-Za-z0-9]{54}"),
    format_rule(
        "shippo-token", "Shippo API Token", "shippo_", r"shippo_(?:live|test)_[a-f0-9]{40}", judge=_judge_live
    ),
    format_rule(
        "duffel-token", "Duffel API Token", "duffel_", r"duffel_(?:live|test)_[\w=-]{43}", judge=_judge_live
    ),
)
