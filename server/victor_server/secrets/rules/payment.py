"""Keys of payment and commerce services."""

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import judge_token
from victor_server.secrets.plugins import plugin_rule
from victor_server.secrets.rule import format_rule
from victor_server.secrets.rules.named import exactly, named_rule

_STRIPE_LENGTHS = {24, *range(90, 248)}


def _judge_live(value: str) -> Tier | None:
    """A key of a test account opens nothing of worth."""
    tier = judge_token(value)
    return "possible" if tier and ("test" in value or "sandbox" in value) else tier


def _judge_stripe(value: str) -> Tier | None:
    """The older ones have 24 characters, the newer about a hundred."""
    tier = _judge_live(value)
    return tier if tier is None or len(value.rpartition("_")[2]) in _STRIPE_LENGTHS else "possible"


def _judge_easypost(value: str) -> Tier | None:
    """`EZTK…` belongs to a test account."""
    tier = judge_token(value)
    return "possible" if tier and value.startswith("EZTK") else tier


def _judge_checkout(value: str) -> Tier | None:
    """27 characters of base 32 need digits among them; an identifier seldom has two."""
    return _judge_live(value) if sum(map(str.isdigit, value)) > 1 else None


_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"

RULES = (
    format_rule(
        "stripe-access-key",
        "Stripe Access Key",
        "k_live_ k_test_ sk_org_",
        r"(?:[rs]k_(?:live|test)|sk_org(?:_live|_test)?)_[0-9a-zA-Z]{16,247}",
        judge=_judge_stripe,
    ),
    format_rule("stripe-webhook-secret", "Stripe Webhook Secret", "whsec_", r"whsec_[A-Za-z0-9+/=]{32,80}", judge=exactly(r"whsec_(?:[A-Za-z0-9]{32}|[A-Za-z0-9+/]{32}|[A-Za-z0-9+/]{43}=|[0-9a-f]{64})")),
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
        "shopify-token",
        "Shopify Token",
        "shpat_ shpca_ shppa_ shpss_ shpua_ shptka_",
        r"shp(?:at|ca|pa|ss|ua|tka)_[a-fA-F0-9]{32}",
    ),
    named_rule("shopify-secret", "Shopify API Secret", "shopify", r"[a-f0-9]{32}"),
    format_rule(
        "braintree-token",
        "PayPal Braintree Access Token",
        "access_token$",
        r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}",
        judge=_judge_live,
    ),
    named_rule("braintree-private-key", "Braintree Private Key", "braintree bt_private", r"[a-f0-9]{32}"),
    named_rule("paypal-secret", "PayPal Client Secret", "paypal", r"E[A-Za-z0-9_-]{79}"),
    format_rule(
        "plaid-token",
        "Plaid Access Token",
        "access-sandbox- access-development- access-production-",
        rf"access-(?:sandbox|development|production)-{_UUID}",
        judge=_judge_live,
    ),
    named_rule("plaid-secret", "Plaid Secret", "plaid", r"[a-f0-9]{30}"),
    named_rule("adyen-key", "Adyen API Key", "adyen", r"AQE[A-Za-z0-9+/=.-]{60,200}[A-Za-z0-9]|[A-F0-9]{64}"),
    format_rule("adyen-key", "Adyen API Key", "aqe", r"(?<![A-Za-z0-9+/])AQE[a-z]h[A-Za-z0-9+/]{60,110}={0,2}-[A-Za-z0-9+/]{43}=-[A-Za-z0-9]{16}"),
    format_rule(
        "razorpay-key", "Razorpay Key", "rzp_", r"rzp_(?:live|test)_[A-Za-z0-9]{14}", judge=_judge_live
    ),
    named_rule("razorpay-secret", "Razorpay Key Secret", "razorpay rzp_", r"[A-Za-z0-9]{24}"),
    named_rule("paytm-key", "Paytm Merchant Key", "paytm", r"[A-Za-z0-9#@&%_!*]{16}"),
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
    format_rule("easypost-key", "EasyPost API Key", "ezak eztk", r"EZ[AT]K[A-Za-z0-9]{54}", judge=_judge_easypost),
    format_rule(
        "shippo-token", "Shippo API Token", "shippo_", r"shippo_(?:live|test)_[a-fA-F0-9]{40}", judge=_judge_live
    ),
    format_rule(
        "duffel-token", "Duffel API Token", "duffel_", r"duffel_(?:live|test)_[\w=-]{43}", judge=_judge_live
    ),
    named_rule("mollie-key", "Mollie API Key", "mollie", r"(?:live|test)_[A-Za-z0-9]{30,40}", judge=_judge_live),
    format_rule("checkout-key", "Checkout.com Secret Key", "sk_sbox_ sk_", r"sk_(?:sbox_)?[a-z2-7]{26}[a-z0-9*#$=]", judge=_judge_checkout),
    format_rule("paddle-key", "Paddle API Key", "pdl_", r"pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}"),
    named_rule("lob-key", "Lob API Key", "lob_api lob_key lob_secret lob_test lob_token lob.com lobtoken", r"(?:live|test)_[a-f0-9]{35}", judge=_judge_live),
    named_rule("recurly-key", "Recurly Private Key", "recurly", r"[a-f0-9]{32}"),
    format_rule("chargebee-key", "Chargebee API Key", "chargebee", r"(?:live|test)_[A-Za-z0-9]{30,40}", judge=_judge_live),
    named_rule("authorizenet-key", "Authorize.net Transaction Key", "authorizenet authorize_net authorize.net transactionkey transaction_key", r"[A-Za-z0-9]{16}"),
    format_rule("mercury-token", "Mercury API Token", "secret-token:mercury_", r"secret-token:mercury_(?:production|sandbox)_[A-Za-z0-9_]{20,200}+"),
    format_rule("secret-token-uri", "Secret Token URI", "secret-token:", r"secret-token:[A-Za-z0-9._~%!$&'()*+,;=:@-]{16,400}+"),
    format_rule("xendit-key", "Xendit Secret Key", "xnd_", r"xnd_(?:production|development)_[A-Za-z0-9]{40,80}", judge=_judge_live),
    format_rule("mercadopago-token", "Mercado Pago Access Token", "app_usr-", r"APP_USR-\d{13,17}-\d{6}-[a-f0-9]{32}-\d{6,11}"),
    format_rule("pagarme-key", "Pagar.me API Key", "ak_live_ ak_test_", r"ak_(?:live|test)_[A-Za-z0-9]{30}", judge=_judge_live),
    named_rule("wise-token", "Wise API Token", "transferwise wise_api wise_token", _UUID),
    named_rule("finicity-secret", "Finicity Key", "finicity", r"[A-Za-z0-9]{20}|[a-f0-9]{32}"),
    named_rule("binance-secret", "Binance API Key", "binance", r"[A-Za-z0-9]{64}"),
    named_rule("kraken-secret", "Kraken API Secret", "kraken", r"[A-Za-z0-9/+]{86}==|[A-Za-z0-9/+=_-]{80,90}"),
    named_rule("coinbase-secret", "Coinbase API Secret", "coinbase gdax", r"[A-Za-z0-9]{32}|[A-Za-z0-9/+]{86}==|[A-Za-z0-9_-]{64}"),
    named_rule("kucoin-secret", "KuCoin API Secret", "kucoin", rf"{_UUID}|[a-f0-9]{{24}}"),
    named_rule("bittrex-secret", "Bittrex Secret Key", "bittrex", r"[a-z0-9]{32}"),
    named_rule("bybit-secret", "Bybit or OKX API Secret", "bybit okx_ okex", r"[A-Za-z0-9]{36}|[A-F0-9]{32}"),
    named_rule("bitfinex-secret", "Bitfinex API Secret", "bitfinex", r"[A-Za-z0-9_-]{43}"),
    named_rule("gemini-exchange-secret", "Gemini Exchange Secret", "gemini_api_secret gemini_secret", r"[A-Za-z0-9]{26,28}"),
    named_rule("infura-secret", "Infura API Key", "infura", r"[a-f0-9]{32}|[A-Za-z0-9+/]{54}"),
    format_rule("infura-url", "Infura API Key", "infura.io/", r"(?:https|wss)://[\w-]{3,40}\.infura\.io/(?:ws/)?v3/(?P<value>[a-f0-9]{32})"),
    named_rule("alchemy-key", "Alchemy API Key", "alchemy", r"[A-Za-z0-9_-]{32}"),
    format_rule("alchemy-url", "Alchemy API Key", ".alchemy.com/ alchemyapi.io/", r"(?:https|wss)://[\w-]{3,40}\.(?:g\.alchemy\.com|alchemyapi\.io)/v2/(?P<value>[A-Za-z0-9_-]{32})"),
    named_rule("etherscan-key", "Etherscan API Key", "etherscan bscscan polygonscan arbiscan", r"[A-Z0-9]{34}"),
    named_rule("quicknode-key", "QuickNode Token", "quicknode quiknode", r"[a-f0-9]{40}"),
    named_rule("ethereum-private-key", "Ethereum Private Key", "private_key privatekey private-key pk= deployer_key wallet_key", r"0x[a-fA-F0-9]{64}"),
    named_rule("ethereum-private-key", "Ethereum Private Key", "eth_private ethereum wallet_private deployer_private metamask ganache hardhat", r"(?:0x)?[a-fA-F0-9]{64}"),
    named_rule("coinmarketcap-key", "CoinMarketCap API Key", "coinmarketcap cmc_pro x-cmc_pro", _UUID),
    named_rule("alphavantage-key", "Alpha Vantage API Key", "alphavantage alpha_vantage", r"[A-Z0-9]{16}"),
    named_rule("polygon-key", "Polygon.io API Key", "polygon_api polygon.io polygonio", r"[A-Za-z0-9_]{32}"),
    named_rule("finnhub-key", "Finnhub API Key", "finnhub", r"[a-z0-9]{20,40}"),
    named_rule("quandl-key", "Nasdaq Data Link API Key", "quandl nasdaq_data", r"[A-Za-z0-9_-]{20}"),
    named_rule("alpaca-secret", "Alpaca Secret Key", "alpaca apca", r"[A-Za-z0-9/]{40,44}"),
    named_rule("iex-token", "IEX Cloud Token", "iex_ iexcloud iexapis", r"T?sk_[a-f0-9]{32}"),
)  # fmt: skip
