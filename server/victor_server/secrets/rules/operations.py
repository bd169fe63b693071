"""Keys of monitoring, identity and operations services."""

import zlib

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import judge_token
from victor_server.secrets.rule import format_rule
from victor_server.secrets.rules.named import judge_letters, named_rule

_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"


def _judge_grafana(value: str) -> Tier | None:
    """A service account's token ends in a checksum; another one means that it was made up."""
    tier = judge_token(value)
    body, _, checksum = value.rpartition("_")
    is_wrong = value.startswith("glsa_") and checksum != grafana_checksum(body)
    return "possible" if tier and is_wrong else tier


def grafana_checksum(body: str) -> str:
    """The CRC-32 of `glsa_…` up to the last underscore, its lowest byte first, as Grafana writes it."""
    return zlib.crc32(body.encode()).to_bytes(4, "little").hex()


RULES = (
    format_rule("datadog-app-key", "Datadog Application Key", "ddapp_", r"ddapp_[A-Za-z0-9]{34}"),
    named_rule(
        "datadog-app-key",
        "Datadog Application Key",
        "datadog dd_app dd-app dd_application dd-application ddapp",
        r"[a-f0-9]{40}",
    ),
    named_rule("datadog-api-key", "Datadog API Key", "datadog dd_api dd-api ddapi dd_key", r"[a-f0-9]{32}"),
    format_rule(
        "newrelic-key",
        "New Relic Key",
        "nrak- nraa- nrii- nrjs- nrra- nrsp-",
        r"NR(?:AK-[A-Za-z0-9]{27}|II-[A-Za-z0-9_-]{32}|JS-[a-f0-9]{19}|(?:AA|RA)-[a-f0-9]{27,42}|SP-[a-z]{2}\d{2}[A-Za-z0-9]{30,40})(?![\w-])",
    ),
    format_rule("newrelic-key", "New Relic Key", "nral", r"(?:[a-f0-9]{36}|[a-z]{2}\d{2}xx[a-f0-9]{30})(?:FF)?NRAL"),
    named_rule("newrelic-key", "New Relic Key", "newrelic new_relic new-relic", r"[a-f0-9]{40}|[a-f0-9]{47}|[A-Za-z0-9_-]{32}"),
    format_rule(
        "grafana-token",
        "Grafana Token",
        "glc_ glsa_",
        r"gl(?:c_eyJ[A-Za-z0-9+/=]{30,400}+|sa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})",
        judge=_judge_grafana,
    ),
    format_rule("grafana-token", "Grafana Token", "eyjrijoi", r"eyJrIjoi[A-Za-z0-9+/=]{50,400}+"),
    format_rule(
        "sentry-token",
        "Sentry Token",
        "sntrys_ sntryu_ sntrya_ sntryi_",
        r"sntry(?:s_eyJ[A-Za-z0-9+/=_]{60,400}+|[uai]_[a-f0-9]{64})",
    ),
    named_rule("sentry-token", "Sentry Token", "sentry", r"[a-f0-9]{64}"),
    format_rule(
        "sentry-dsn-secret", "Sentry DSN", "sentry.io/", r"https://(?P<value>[a-f0-9]{32}:[a-f0-9]{32})@[\w.-]{1,80}/\d{1,20}"
    ),
    format_rule(
        "sentry-dsn", "Sentry DSN", "sentry.io/", r"https://(?P<value>[a-f0-9]{32})@(?:[\w-]{1,40}\.){0,3}sentry\.io/\d{1,20}",
        judge=lambda value: "possible" if len(set(value)) > 6 else None,
    ),
    format_rule(
        "dynatrace-token",
        "Dynatrace Token",
        "dt0",
        r"dt0[a-z]\d{2}\.[A-Za-z0-9]{8,24}\.[A-Za-z0-9]{64}",
    ),
    format_rule(
        "honeycomb-key",
        "Honeycomb Key",
        "hcaik_ hcbik_ hcxik_ hcaic_ hcxlk_ hcamk_ hcalk_ hcblk_",
        r"hc(?:[abx]ik|aic|xlk|amk|[ab]lk)_[A-Za-z0-9]{58,64}",
    ),
    named_rule("honeycomb-key", "Honeycomb Key", "honeycomb x-honeycomb-team", r"[A-Za-z0-9]{22}|[a-f0-9]{32}"),
    format_rule("posthog-key", "PostHog Personal Key", "phx_", r"phx_[A-Za-z0-9]{43,48}"),
    format_rule("axiom-token", "Axiom Token", "xaat- xapt-", rf"xa[ap]t-{_UUID}"),
    named_rule("betterstack-token", "Better Stack Token", "betterstack better_stack betteruptime better_uptime logtail", r"[A-Za-z0-9]{24}"),
    named_rule("logdna-key", "Mezmo Ingestion Key", "logdna mezmo", r"[a-f0-9]{32}|sts_[a-f0-9]{32}"),
    named_rule("logzio-token", "Logz.io Token", "logzio logz.io logz_", rf"[A-Za-z]{{32}}|{_UUID}", judge=judge_letters),
    named_rule("loggly-token", "Loggly Token", "loggly", _UUID),
    named_rule("papertrail-token", "Papertrail Token", "papertrail", r"[A-Za-z0-9]{20}"),
    named_rule("sumologic-key", "Sumo Logic Access Key", "sumologic sumo_ sumo.", r"[A-Za-z0-9]{64}"),
    named_rule("splunk-token", "Splunk Token", "splunk hec_token signalfx x-sf-token", rf"(?i:{_UUID})|[A-Za-z0-9_-]{{22}}"),
    named_rule("lightstep-token", "Lightstep Access Token", "lightstep", r"[A-Za-z0-9+/]{80,180}={0,2}"),
    named_rule("rollbar-token", "Rollbar Access Token", "rollbar", r"[a-f0-9]{32}"),
    named_rule("bugsnag-key", "Bugsnag API Key", "bugsnag", r"[a-f0-9]{32}"),
    named_rule("crashlytics-key", "Crashlytics API Key", "crashlytics fabric.io io.fabric", r"[a-f0-9]{40}|[a-f0-9]{64}"),
    named_rule("airbrake-key", "Airbrake Project Key", "airbrake", r"[a-f0-9]{32}|[a-f0-9]{40}"),
    format_rule("honeybadger-key", "Honeybadger API Key", "hbp_", r"hbp_[A-Za-z0-9]{36}"),
    named_rule("honeybadger-key", "Honeybadger API Key", "honeybadger", r"[a-f0-9]{8}|[A-Za-z0-9]{20}"),
    named_rule("raygun-key", "Raygun API Key", "raygun", r"[A-Za-z0-9+/]{22}==|[A-Za-z0-9]{22}"),
    named_rule("appsignal-key", "AppSignal Push Key", "appsignal", _UUID),
    named_rule("scout-key", "Scout APM Key", "scout_key scoutapm scout_apm", r"[A-Za-z0-9]{20}"),
    named_rule("instana-token", "Instana Agent Key", "instana", r"[A-Za-z0-9_-]{22}"),
    named_rule("appdynamics-key", "AppDynamics Access Key", "appdynamics", r"[a-z0-9]{12}|[a-f0-9-]{36}"),
    named_rule("pingdom-token", "Pingdom Token", "pingdom", r"[A-Za-z0-9_-]{86}|[a-z0-9]{32}"),
    named_rule("uptimerobot-key", "UptimeRobot API Key", "uptimerobot uptime_robot", r"[um]\d{6,12}-[a-f0-9]{24}|m\d{6,12}-[a-f0-9]{24}"),
    named_rule("statuscake-key", "StatusCake API Key", "statuscake", r"[A-Za-z0-9]{20,30}"),
    named_rule("statuspage-key", "Statuspage API Key", "statuspage", rf"{_UUID}|[a-f0-9]{{32,64}}"),
    named_rule("pagerduty-key", "PagerDuty API Key", "pagerduty pager_duty routing_key integration_key", r"[a-z0-9]{32}|[A-Za-z0-9_+-]{20}"),
    format_rule(
        "pagerduty-key",
        "PagerDuty API Key",
        "pagerduty pdauth",
        r"(?<![\w+])[uy]\+[A-Za-z0-9_-]{18}(?![\w-])",
    ),
    named_rule("opsgenie-key", "Opsgenie API Key", "opsgenie geniekey", _UUID),
    format_rule("healthchecks-url", "Healthchecks.io Ping Address", "hc-ping.com/", rf"https://hc-ping\.com/{_UUID}"),
    named_rule("victorops-key", "Splunk On-Call Key", "victorops", rf"{_UUID}|[a-f0-9]{{32}}"),
    named_rule("checkly-key", "Checkly API Key", "checkly", r"cu_[a-f0-9]{32}"),
    format_rule(
        "onepassword-token",
        "1Password Service Account Token",
        "ops_eyj",
        r"ops_eyJ[A-Za-z0-9+/_-]{150,4000}+={0,3}",
    ),
    format_rule("onepassword-secret-key", "1Password Secret Key", "a3-", r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    named_rule("bitwarden-secret", "Bitwarden Client Secret", "bitwarden bw_", r"[A-Za-z0-9]{30}"),
    format_rule("bitwarden-access-token", "Bitwarden Access Token", "bws_ bitwarden", rf"0\.{_UUID}\.[A-Za-z0-9]{{30}}:[A-Za-z0-9+/]{{22}}=="),
    format_rule("adobe-client-secret", "Adobe Client Secret", "p8e-", r"p8e-[A-Za-z0-9_-]{32}"),
    named_rule("adobe-client-secret", "Adobe Client Secret", "adobe", r"[a-fA-F0-9]{32}"),
    format_rule("maxmind-key", "MaxMind License Key", "_mmk", r"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    named_rule("maxmind-key", "MaxMind License Key", "maxmind geoip geolite", r"[A-Za-z0-9]{16}"),
    named_rule("okta-token", "Okta API Token", "okta ssws", r"00[A-Za-z0-9_-]{40}"),
    named_rule("okta-client-secret", "Okta Client Secret", "okta", r"[A-Za-z0-9_-]{40}|[A-Za-z0-9_-]{64}"),
    named_rule("auth0-secret", "Auth0 Client Secret", "auth0", r"[A-Za-z0-9_-]{64}"),
    named_rule("onelogin-secret", "OneLogin Client Secret", "onelogin", r"[a-f0-9]{64}"),
    named_rule("duo-secret", "Duo Secret Key", "duo_ duosecurity duo.skey duo-", r"[A-Za-z0-9]{40}"),
    named_rule("jumpcloud-key", "JumpCloud API Key", "jumpcloud", r"(?:jca_)?[A-Za-z0-9]{36,40}"),
    named_rule("keycloak-secret", "Keycloak Client Secret", "keycloak", rf"[A-Za-z0-9]{{32}}|{_UUID}"),
    format_rule("stytch-secret", "Stytch Secret", "secret-live- secret-test-", r"secret-(?:live|test)-[A-Za-z0-9_=-]{36}"),
    named_rule("fusionauth-key", "FusionAuth API Key", "fusionauth", r"[A-Za-z0-9_-]{43,64}"),
    format_rule("descope-key", "Descope Management Key", "descope_management_key", r"(?i:descope_management_key)[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?P<value>K2[A-Za-z0-9]{60,120})", bounded=False),
    format_rule("unkey-root-key", "Unkey Root Key", "unkey_", r"unkey_[A-Za-z0-9]{20,32}"),
    format_rule("onesignal-key", "OneSignal API Key", "os_v2_", r"os_v2_(?:app|org)_[a-z2-7]{90,130}"),
    named_rule("onesignal-legacy-key", "OneSignal API Key", "onesignal one_signal", r"[A-Za-z0-9]{48}|[A-Za-z0-9]{46,47}={1,2}"),
    format_rule(
        "settlemint-token", "SettleMint Token", "sm_aat_ sm_pat_ sm_sat_", r"sm_[aps]at_[A-Za-z0-9]{16}"
    ),
    named_rule("shodan-key", "Shodan API Key", "shodan", r"[A-Za-z0-9]{32}"),
    named_rule("virustotal-key", "VirusTotal API Key", "virustotal virus_total vt_api x-apikey", r"[a-f0-9]{64}"),
    named_rule("censys-secret", "Censys API Secret", "censys", r"[A-Za-z0-9]{32}"),
    named_rule("securitytrails-key", "SecurityTrails API Key", "securitytrails", r"[A-Za-z0-9]{32}"),
    named_rule("urlscan-key", "urlscan.io API Key", "urlscan", _UUID),
    named_rule("abuseipdb-key", "AbuseIPDB API Key", "abuseipdb", r"[a-f0-9]{80}"),
    named_rule("crowdstrike-secret", "CrowdStrike API Secret", "crowdstrike falcon_client falcon_secret", r"[A-Za-z0-9]{40}"),
    named_rule("greynoise-key", "GreyNoise API Key", "greynoise", r"[A-Za-z0-9]{64}"),
    named_rule("hunter-key", "Hunter API Key", "hunter_api hunterio hunter.io", r"[a-f0-9]{40}"),
    named_rule("hibp-key", "Have I Been Pwned API Key", "hibp haveibeenpwned", r"[a-f0-9]{32}"),
    named_rule("meraki-key", "Cisco Meraki API Key", "meraki", r"[a-f0-9]{40}"),
)  # fmt: skip
