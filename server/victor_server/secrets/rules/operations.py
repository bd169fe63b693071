"""Keys of monitoring, identity and operations services."""

from victor_server.secrets.rule import format_rule

RULES = (
    format_rule(
        "newrelic-key",
        "New Relic Key",
        "nrak- nrii- nrjs-",
        r"NR(?:AK-[A-Z0-9]{27}|II-[A-Za-z0-9_-]{32}|JS-[a-f0-9]{19})",
    ),
    format_rule("newrelic-key", "New Relic Key", "nral", r"[a-f0-9]{36}(?:FF)?NRAL"),
    format_rule(
        "grafana-token",
        "Grafana Token",
        "glc_ glsa_",
        r"gl(?:c_eyJ[A-Za-z0-9+/=]{30,}|sa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})",
    ),
    format_rule("grafana-token", "Grafana Token", "eyjrijoi", r"eyJrIjoi[A-Za-z0-9+/=]{50,}"),
    format_rule(
        "sentry-token",
        "Sentry Token",
        "sntrys_ sntryu_",
        r"sntry(?:s_eyJ[A-Za-z0-9+/=_]{60,}|u_[a-f0-9]{64})",
    ),
    format_rule(
        "dynatrace-token",
        "Dynatrace Token",
        "dt0",
        r"dt0[a-z]\d{2}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}",
    ),
    format_rule(
        "honeycomb-key",
        "Honeycomb Key",
        "hcaik_ hcbik_ hcxik_ hcaic_ hcxlk_ hcamk_ hcalk_ hcblk_",
        r"hc(?:[abx]ik|aic|xlk|amk|[ab]lk)_[A-Za-z0-9]{58,64}",
    ),
    format_rule("posthog-key", "PostHog Personal Key", "phx_", r"phx_[A-Za-z0-9]{43,48}"),
    format_rule(
        "onepassword-token",
        "1Password Service Account Token",
        "ops_eyj",
        r"ops_eyJ[A-Za-z0-9+/_-]{150,}={0,3}",
    ),
    format_rule("adobe-client-secret", "Adobe Client Secret", "p8e-", r"p8e-[A-Za-z0-9_-]{32}"),
    format_rule("maxmind-key", "MaxMind License Key", "_mmk", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    format_rule("okta-token", "Okta API Token", "okta ssws", r"00[A-Za-z0-9_-]{40}(?![\w=-])"),
    format_rule("unkey-root-key", "Unkey Root Key", "unkey_", r"unkey_[A-Za-z0-9]{20,32}"),
    format_rule("onesignal-key", "OneSignal API Key", "os_v2_", r"os_v2_(?:app|org)_[a-z2-7]{90,130}"),
    format_rule(
        "pagerduty-key",
        "PagerDuty API Key",
        "pagerduty pdauth",
        r"(?<![\w+])[uy]\+[A-Za-z0-9_-]{18}(?![\w-])",
    ),
    format_rule(
        "settlemint-token", "SettleMint Token", "sm_aat_ sm_pat_ sm_sat_", r"sm_[aps]at_[A-Za-z0-9]{16}"
    ),
)
