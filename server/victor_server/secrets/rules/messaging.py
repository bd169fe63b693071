"""Tokens of chat, mail, phone and social services."""

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import judge_token
from victor_server.secrets.rule import format_rule
from victor_server.secrets.rules.named import exactly, judge_shape, named_rule

_MIN_SLACK_SECRET = 10
_MIN_TWITTER_SECRET = 50
_judge_slack_shape = exactly(
    r"xoxb-(?:\d{9,14}-){1,2}[A-Za-z0-9]{24}|xox[pc]-(?:\d{9,14}-){3}[0-9a-f]{32,64}|xoxe(?:\.xox[bp])?-\d-[A-Za-z0-9]{140,200}|"
    r"xoxa-2-(?:\d{9,14}-){3}[0-9a-f]{32}|xox[osra]-(?:\d{1,14}-){1,4}[0-9a-f]{10,64}|xwfp-[\w-]{100,}"
)
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


def _judge_twitter(value: str) -> Tier | None:
    """What follows the run of A that every such token begins with."""
    secret = value.lstrip("A")
    return judge_token(secret) if len(secret) >= _MIN_TWITTER_SECRET else None


def _judge_slack(value: str) -> Tier | None:
    """What follows the numbers of the workspace and the user, which are no secrets and may be any."""
    secret = max(value.split("-")[1:], key=len)
    if len(secret) < _MIN_SLACK_SECRET or not any(map(str.isdigit, secret)):
        return None
    return _judge_slack_shape(value) or ("possible" if judge_shape(secret) else None)


def _judge_account(value: str) -> Tier | None:
    """`AC…` names an account and opens nothing alone, `SK…` a key."""
    tier = judge_token(value)
    return "possible" if tier and value.startswith("AC") else tier


RULES = (
    format_rule(
        "slack-token",
        "Slack Token",
        "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxc- xoxd- xoxe. xwfp-",
        r"(?:xox(?:e\.xox[bp]-\d|[abceoprs])|xwfp)-[A-Za-z0-9-]{12,400}+",
        judge=_judge_slack,
    ),
    format_rule("slack-token", "Slack Token", "xoxd-", r"xoxd-[A-Za-z0-9%/+=_-]{20,400}+"),
    format_rule(
        "slack-token", "Slack Token", "xapp-", r"xapp-\d-[A-Za-z0-9]{9,12}-\d{10,14}-[a-f0-9]{32,64}",
        judge=exactly(r"xapp-\d-[A-Z0-9]{9,12}-\d{10,14}-[a-f0-9]{64}"),
    ),
    format_rule(
        "slack-webhook",
        "Slack Token",
        "hooks.slack.com/",
        r"(?:https?://)?hooks\.slack\.com/(?:services/T\w{6,20}/B\w{6,20}/\w{16,64}|services/[A-Za-z0-9+/]{43,56}|"
        r"(?:workflows|triggers)/[\w/-]{30,120})",
        judge=exactly(r".{1,60}services/T\w{8,12}/B\w{8,12}/\w{24}|.{1,60}(?:workflows|triggers)/.{30,120}"),
    ),
    named_rule("slack-signing-secret", "Slack Signing Secret", "slack", r"[0-9a-f]{32}"),
    format_rule(
        "discord-bot-token",
        "Discord Bot Token",
        "discord bot_token bottoken bot.run( client.run( client.login( bot.login(",
        r"[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38}(?![\w-])",
    ),
    format_rule("discord-bot-token", "Discord Bot Token", "mfa.", r"mfa\.[A-Za-z\d_-]{84}"),
    named_rule("discord-client-secret", "Discord Client Secret", "discord", r"[A-Za-z0-9_-]{32}"),
    format_rule(
        "discord-webhook",
        "Discord Webhook",
        "webhooks/",
        r"https?://(?:\w{3,6}\.)?discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{17,20}/[\w-]{60,72}",
    ),
    format_rule("telegram-bot-token", "Telegram Bot Token", ":aa", r"(?:(?<=/bot)|(?<![\w/]))\d{8,10}:AA[0-9A-Za-z_-]{33}(?![\w-])", bounded=False),
    format_rule(
        "telegram-bot-token", "Telegram Bot Token", "telegram", r"\d{8,10}:[0-9A-Za-z_-]{35}(?![\w-])"
    ),
    format_rule(
        "mattermost-webhook",
        "Mattermost Incoming Webhook",
        "/hooks/",
        r"https?://[\w.-]{0,80}(?:mattermost|chat)[\w.-]{0,80}(?::\d{2,5})?/hooks/[a-z0-9]{26}",
    ),
    named_rule("mattermost-token", "Mattermost Token", "mattermost", r"[a-z0-9]{26}"),
    format_rule("rocketchat-webhook", "Rocket.Chat Webhook", "/hooks/", r"https?://[\w.:-]{3,100}/hooks/[A-Za-z0-9]{17}/[A-Za-z0-9]{40,64}"),
    named_rule("zulip-key", "Zulip API Key", "zulip", r"[A-Za-z0-9]{32}"),
    format_rule("matrix-token", "Matrix Access Token", "syt_", r"syt_[A-Za-z0-9_-]{1,60}_[A-Za-z]{20}_[A-Za-z0-9]{6}"),
    named_rule("webex-token", "Webex Token", "webex ciscospark", r"[A-Za-z0-9]{64}_[A-Z0-9]{4}_[0-9a-f-]{36}|[A-Za-z0-9]{64}"),
    named_rule("line-token", "LINE Channel Token", "line_channel line_access linebot line_bot line_notify notify-api.line", r"[A-Za-z0-9+/]{170}=?|[A-Za-z0-9]{43}|[0-9a-f]{32}"),
    format_rule(
        "feishu-webhook", "Feishu or Lark Webhook", "/open-apis/bot/",
        rf"https://open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/{_UUID}",
    ),
    named_rule("lark-secret", "Lark or Feishu App Secret", "lark_ larkapp feishu lark-", r"[A-Za-z0-9]{32}"),
    format_rule("dingtalk-webhook", "DingTalk Webhook", "oapi.dingtalk.com", r"https://oapi\.dingtalk\.com/robot/send\?access_token=[0-9a-f]{64}"),
    named_rule("dingtalk-secret", "DingTalk Secret", "dingtalk dingding", r"SEC[0-9a-f]{64}|[A-Za-z0-9_-]{64}"),
    format_rule("wecom-webhook", "WeCom Webhook", "qyapi.weixin.qq.com", rf"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key={_UUID}"),
    named_rule("wechat-secret", "WeChat App Secret", "wechat weixin wx_ wxapp appsecret", r"[0-9a-f]{32}"),
    format_rule("twilio-api-key", "Twilio API Key", "twilio account_sid accountsid api_key_sid authtoken auth_token", r"(?:AC|SK)[a-f0-9]{32}", judge=_judge_account),
    named_rule("twilio-auth-token", "Twilio Auth Token", "twilio tw_auth api.twilio.com", r"(?:SK)?[a-f0-9]{32}"),
    format_rule(
        "twilio-auth-token",
        "Twilio Auth Token",
        "'ac \"ac",
        r"[\"']AC[0-9a-f]{32}[\"'],\s{0,4}[\"'](?P<value>[0-9a-f]{32})[\"']",
        judge=judge_shape,
        bounded=False,
    ),
    named_rule("twilio-api-secret", "Twilio API Key Secret", "twilio", r"[A-Za-z0-9]{32}"),
    format_rule("sendgrid-api-key", "SendGrid API Key", "sg.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}(?![\w-])"),
    format_rule("mailgun-api-key", "Mailgun API Key", "key-", r"key-[a-f0-9]{32}"),
    named_rule("mailgun-api-key", "Mailgun API Key", "mailgun mg_api", r"(?:key-)?[a-z0-9]{32}|[a-f0-9]{32}-[a-f0-9]{8}-[a-f0-9]{8}"),
    format_rule(
        "mailchimp-api-key", "Mailchimp Access Key", "-us", r"(?<![0-9a-z])[0-9a-z]{32}-us[0-9]{1,2}"
    ),
    format_rule("mandrill-api-key", "Mandrill API Key", "mandrill", r"md-[A-Za-z0-9_-]{22}(?![\w-])"),
    named_rule("mandrill-api-key", "Mandrill API Key", "mandrill", r"[A-Za-z0-9_-]{22}"),
    format_rule(
        "brevo-api-key",
        "Brevo API Key",
        "xkeysib- xsmtpsib-",
        r"x(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
    ),
    format_rule("resend-api-key", "Resend API Key", "re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}"),
    named_rule("postmark-token", "Postmark Token", "postmark", _UUID),
    named_rule("sparkpost-key", "SparkPost API Key", "sparkpost", r"[a-f0-9]{40}"),
    named_rule("mailjet-secret", "Mailjet Secret Key", "mailjet", r"[a-f0-9]{32}"),
    format_rule("mailersend-token", "MailerSend Token", "mlsn.", r"mlsn\.[a-f0-9]{64}"),
    named_rule("mailerlite-key", "MailerLite API Key", "mailerlite", r"[a-f0-9]{32}"),
    named_rule("klaviyo-key", "Klaviyo Private Key", "klaviyo", r"pk_[a-f0-9]{34}"),
    named_rule("convertkit-secret", "Kit API Secret", "convertkit", r"[A-Za-z0-9_-]{43}"),
    named_rule("activecampaign-key", "ActiveCampaign API Key", "activecampaign active_campaign", r"[a-f0-9]{72}|[a-f0-9]{64}"),
    named_rule("vonage-secret", "Vonage API Secret", "nexmo vonage", r"[A-Za-z0-9]{16}"),
    named_rule("plivo-token", "Plivo Auth Token", "plivo", r"[A-Za-z0-9]{40}"),
    named_rule("messagebird-key", "MessageBird API Key", "messagebird", r"[A-Za-z0-9]{25}"),
    format_rule("telnyx-key", "Telnyx API Key", "key0", r"KEY0[0-9A-F]{31}_[A-Za-z0-9]{22}"),
    named_rule("sinch-secret", "Sinch API Token", "sinch", r"[a-f0-9]{32}|[A-Za-z0-9+/]{22}=="),
    named_rule("clicksend-key", "ClickSend API Key", "clicksend", r"[A-F0-9]{8}-(?:[A-F0-9]{4}-){3}[A-F0-9]{12}"),
    named_rule("agora-certificate", "Agora App Certificate", "agora", r"[a-f0-9]{32}"),
    format_rule(
        "teams-webhook",
        "Microsoft Teams Webhook",
        ".webhook.office.com/ outlook.office.com/webhook",
        r"https://(?:[\w-]{2,63}\.webhook\.office\.com/webhookb2|outlook\.office(?:365)?\.com/webhook)/[0-9a-f-]{36}@[0-9a-f-]{36}/"
        r"IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}(?:/[\w-]{20,60})?",
    ),
    format_rule(
        "zapier-webhook",
        "Zapier Webhook",
        "hooks.zapier.com/",
        r"https://hooks\.zapier\.com/hooks/catch/\d{5,9}/\w{6,12}",
    ),
    format_rule("ifttt-webhook", "IFTTT Webhook Key", "maker.ifttt.com/", r"https://maker\.ifttt\.com/trigger/[\w{}-]{1,60}/(?:json/)?with/key/(?P<value>[A-Za-z0-9_-]{22,43})"),
    format_rule("make-webhook", "Make Webhook", "make.com/", r"https://hook\.(?:[a-z]{2}\d\.)?make\.com/[a-z0-9]{32}"),
    format_rule(
        "facebook-token",
        "Facebook Access Token",
        "eaa",
        r"(?<![+/])EAA[A-Z][A-Za-z0-9]{80,260}(?![A-Za-z0-9+/])",
    ),
    format_rule("facebook-app-token", "Facebook App Access Token", "facebook graph. fb_ access_token", r"\d{15,16}(?:\||%7[Cc])[A-Za-z0-9_-]{27}(?![\w-])"),
    named_rule("facebook-app-secret", "Facebook App Secret", "facebook fb_ fb. instagram whatsapp meta_app", r"[a-f0-9]{32}"),
    format_rule("instagram-token", "Instagram Access Token", "igq", r"IGQ[VW][A-Za-z0-9_-]{100,260}"),
    format_rule(
        "twitter-bearer-token",
        "Twitter Bearer Token",
        "aaaaaaaaaaaaaaaaaaaaa",
        r"(?<![+/])A{21,22}[A-Za-z0-9%]{60,120}(?![+/])",
        judge=_judge_twitter,
    ),
    named_rule("twitter-consumer-secret", "Twitter API Secret", "twitter tweepy", r"[A-Za-z0-9]{50}|[A-Za-z0-9]{45}"),
    named_rule("twitter-consumer-key", "Twitter API Key", "twitter tweepy", r"[A-Za-z0-9]{25}"),
    named_rule("twitter-access-token", "Twitter Access Token", "twitter tweepy access_token accesstoken", r"\d{8,20}-[A-Za-z0-9]{38,45}"),
    named_rule("linkedin-secret", "LinkedIn Client Secret", "linkedin", r"(?:WPL_AP1\.)?[A-Za-z0-9]{16}(?:\.[A-Za-z0-9+/]{6}==)?"),
    format_rule("linkedin-secret", "LinkedIn Client Secret", "wpl_ap", r"WPL_AP[01]\.[A-Za-z0-9.]{16,30}(?:={1,2})?"),
    named_rule("reddit-secret", "Reddit Client Secret", "reddit praw", r"[A-Za-z0-9_-]{27,30}"),
    named_rule("spotify-secret", "Spotify Client Secret", "spotify", r"[a-f0-9]{32}"),
    named_rule("twitch-secret", "Twitch Client Secret", "twitch", r"[a-z0-9]{30}"),
    format_rule("twitch-token", "Twitch OAuth Token", "oauth:", r"oauth:[a-z0-9]{30}"),
    named_rule("tiktok-secret", "TikTok Client Secret", "tiktok", r"[a-f0-9]{32,40}|[A-Za-z0-9]{32}"),
    named_rule("pinterest-token", "Pinterest Token", "pinterest", r"pina_[A-Z0-9]{60,80}|[a-f0-9]{40}"),
    named_rule("strava-secret", "Strava Client Secret", "strava", r"[a-f0-9]{40}"),
    named_rule("vk-token", "VK Access Token", "vk_ vkontakte api.vk.com", r"vk1\.a\.[A-Za-z0-9_-]{80,300}|[a-f0-9]{85}"),
    named_rule("flickr-secret", "Flickr Secret", "flickr", r"[a-f0-9]{16}|[a-f0-9]{32}"),
    named_rule("naver-secret", "Naver Client Secret", "naver", r"[A-Za-z0-9_-]{10}"),
    named_rule("kakao-key", "Kakao API Key", "kakao", r"[a-f0-9]{32}"),
    named_rule("pusher-secret", "Pusher Secret", "pusher", r"[a-f0-9]{20}"),
    format_rule("pubnub-secret", "PubNub Secret Key", "sec-c-", r"sec-c-[A-Za-z0-9]{48,60}"),
    format_rule("ably-key", "Ably API Key", "ably_key ably_api ably.io ably.com ablykey ably_token ably-key", r"[\w-]{6}\.[\w-]{6}:[\w-]{22,43}(?![\w-])"),
    named_rule("stream-secret", "Stream API Secret", "getstream stream_secret stream_api", r"[a-z0-9]{64}"),
    format_rule("livekit-secret", "LiveKit API Secret", "livekit_api_secret", r"(?i:livekit_api_secret)[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?P<value>[A-Za-z0-9]{40,50})", bounded=False),
    named_rule("pushover-token", "Pushover Token", "pushover", r"[a-z0-9]{30}"),
    format_rule("pushbullet-token", "Pushbullet Token", "pushbullet", r"(?<![\w.])o\.[A-Za-z0-9]{32}(?![\w.])"),
    named_rule("sendbird-token", "Sendbird Token", "sendbird", r"[a-f0-9]{40}"),
    named_rule("zoom-secret", "Zoom Client Secret", "zoom_ zoom. zoomus zoom-", r"[A-Za-z0-9]{32}|[A-Za-z0-9]{36}"),
)  # fmt: skip
