"""Tokens of chat, mail, phone and social services."""

from victor_server.secrets.classify import judge_token
from victor_server.secrets.finding import Tier
from victor_server.secrets.rule import format_rule


def _judge_twitter(value: str) -> Tier | None:
    """What follows the run of A that every such token begins with."""
    return judge_token(value.lstrip("A"))


RULES = (
    format_rule(
        "slack-token",
        "Slack Token",
        "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxc- xoxd- xoxe.",
        r"xox(?:e\.xox[bp]-\d|[abceoprs])-[A-Za-z0-9-]{12,}",
    ),
    format_rule("slack-token", "Slack Token", "xoxd-", r"xoxd-[A-Za-z0-9%/+=_-]{20,}"),
    format_rule(
        "slack-token", "Slack Token", "xapp-", r"xapp-\d-[A-Za-z0-9]{9,12}-\d{10,14}-[a-f0-9]{32,64}"
    ),
    format_rule(
        "slack-webhook",
        "Slack Token",
        "hooks.slack.com/",
        r"https?://hooks\.slack\.com/(?:services/T\w{6,}/B\w{6,}/\w{16,}|(?:workflows|triggers)/[\w/-]{30,})",
    ),
    format_rule(
        "discord-bot-token",
        "Discord Bot Token",
        "discord token bot",
        r"[MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38}(?![\w-])",
    ),
    format_rule(
        "discord-webhook",
        "Discord Webhook",
        "webhooks/",
        r"https?://(?:\w{3,6}\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{17,20}/[\w-]{60,72}",
    ),
    format_rule("telegram-bot-token", "Telegram Bot Token", ":aa", r"\d{8,10}:AA[0-9A-Za-z_-]{33}(?![\w-])"),
    format_rule(
        "telegram-bot-token", "Telegram Bot Token", "telegram", r"\d{8,10}:[0-9A-Za-z_-]{35}(?![\w-])"
    ),
    format_rule(
        "twilio-api-key", "Twilio API Key", "twilio sid api_key apikey token", r"(?:AC|SK)[a-f0-9]{32}"
    ),
    format_rule("sendgrid-api-key", "SendGrid API Key", "sg.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    format_rule("mailgun-api-key", "Mailgun API Key", "key-", r"key-[a-f0-9]{32}"),
    format_rule(
        "mailchimp-api-key", "Mailchimp Access Key", "-us", r"(?<![0-9a-z])[0-9a-z]{32}-us[0-9]{1,2}"
    ),
    format_rule("mandrill-api-key", "Mandrill API Key", "mandrill", r"md-[A-Za-z0-9_-]{22}(?![\w-])"),
    format_rule(
        "brevo-api-key",
        "Brevo API Key",
        "xkeysib- xsmtpsib-",
        r"x(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
    ),
    format_rule("resend-api-key", "Resend API Key", "re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"),
    format_rule(
        "teams-webhook",
        "Microsoft Teams Webhook",
        ".webhook.office.com/",
        r"https://[\w-]{2,63}\.webhook\.office\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}",
    ),
    format_rule(
        "zapier-webhook",
        "Zapier Webhook",
        "hooks.zapier.com/",
        r"https://hooks\.zapier\.com/hooks/catch/\d{5,9}/\w{6,12}",
    ),
    format_rule(
        "facebook-token",
        "Facebook Access Token",
        "eaa",
        r"(?<![+/])EAA[A-Z][A-Za-z0-9]{80,260}(?![A-Za-z0-9+/])",
    ),
    format_rule(
        "twitter-bearer-token",
        "Twitter Bearer Token",
        "aaaaaaaaaaaaaaaaaaaaa",
        r"(?<![+/])A{21,22}[A-Za-z0-9%]{60,120}(?![+/])",
        judge=_judge_twitter,
    ),
    format_rule(
        "mapbox-token", "Mapbox Secret Token", "sk.eyj", r"sk\.eyJ[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{20,}"
    ),
    format_rule("dropbox-token", "Dropbox Access Token", "sl.", r"sl\.(?:u\.)?[A-Za-z0-9_-]{130,}"),
    format_rule("figma-token", "Figma Token", "figd_", r"figd_[A-Za-z0-9_-]{40}"),
    format_rule(
        "linear-token", "Linear Token", "lin_api_ lin_oauth_", r"lin_(?:api|oauth)_[A-Za-z0-9]{40,64}"
    ),
    format_rule(
        "notion-token", "Notion Token", "ntn_ secret_", r"(?:ntn_[A-Za-z0-9]{46}|secret_[A-Za-z0-9]{43})"
    ),
    format_rule("airtable-token", "Airtable Token", "pat", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    format_rule(
        "hubspot-token",
        "HubSpot Token",
        "pat-na pat-eu",
        r"pat-(?:na|eu)\d-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    ),
    format_rule("clickup-token", "ClickUp Token", "pk_", r"pk_\d{6,9}_[A-Z0-9]{32}"),
    format_rule("contentful-token", "Contentful Token", "cfpat-", r"CFPAT-[A-Za-z0-9_-]{43}"),
    format_rule("typeform-token", "Typeform Token", "tfp_", r"tfp_[A-Za-z0-9_.=-]{44,59}"),
    format_rule("frameio-token", "Frame.io Token", "fio-u-", r"fio-u-[A-Za-z0-9_=-]{64}"),
)
