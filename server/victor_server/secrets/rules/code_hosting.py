"""Tokens of code hosts, package registries and build services."""

import zlib

from victor_server.secrets.classify import judge_token
from victor_server.secrets.finding import Tier
from victor_server.secrets.plugins import plugin_rule
from victor_server.secrets.rule import format_rule

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM_LENGTH = 6
_SHORT_BODY = 36


def _judge_with_checksum(value: str) -> Tier | None:
    """A 36-character body ends with the CRC-32 of what precedes it; another checksum means that it was made up."""
    tier = judge_token(value)
    body = value.partition("_")[2]
    if tier == "certain" and len(body) == _SHORT_BODY and not has_checksum(body):
        return "possible"
    return tier


def has_checksum(body: str) -> bool:
    """Whether the last six characters are the CRC-32 of the others in base 62, as GitHub and npm write it."""
    rest, digits = zlib.crc32(body[:-_CHECKSUM_LENGTH].encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        rest, digit = divmod(rest, len(_BASE62))
        digits = _BASE62[digit] + digits
    return body[-_CHECKSUM_LENGTH:] == digits


RULES = (
    format_rule(
        "github-token",
        "GitHub Token",
        "ghp_ gho_ ghu_ ghs_ ghr_",
        r"gh[pousr]_[A-Za-z0-9]{36,251}",
        judge=_judge_with_checksum,
    ),
    format_rule(
        "github-fine-grained-token",
        "GitHub Token",
        "github_pat_",
        r"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    ),
    format_rule(
        "gitlab-token",
        "GitLab Token",
        "glpat- gldt- glft- glsoat- glrt- glrtr- glcbt- glimt- glptt- glagent- gloas- glffct- glwt-",
        r"gl(?:pat|dt|ft|soat|rtr|rt|cbt|imt|ptt|agent|oas|ffct|wt)-[A-Za-z0-9_-]{20,300}(?:\.[0-9a-z]{2}\.[0-9a-z]{9})?",
    ),
    format_rule("gitlab-token", "GitLab Token", "gr1348941", r"GR1348941[A-Za-z0-9_-]{20,50}"),
    format_rule(
        "gitlab-token", "GitLab Token", "_gitlab_session=", r"_gitlab_session=(?P<value>[0-9a-f]{32})"
    ),
    format_rule("bitbucket-token", "Bitbucket App Password", "atbb", r"ATBB[A-Za-z0-9]{32}"),
    format_rule("atlassian-token", "Atlassian API Token", "atatt3 atctt3", r"AT[AC]TT3[A-Za-z0-9_=-]{60,}"),
    format_rule("npm-token", "NPM tokens", "npm_", r"npm_[A-Za-z0-9]{36}", judge=_judge_with_checksum),
    format_rule(
        "npm-token",
        "NPM tokens",
        ":_authtoken",
        r":_authToken\s{0,4}=\s{0,4}[\"']?(?P<value>[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}|[A-Za-z0-9+/=_.-]{20,})",
        bounded=False,
    ),
    plugin_rule(
        "pypi-token",
        "PyPI Token",
        "pypi-ageichlwas5vcmc pypi-agendgvzdc5wexbplm9yzw",
        "pypi_token.PypiTokenDetector",
        at_least=r"pypi-[\w\-]{80}",
    ),
    format_rule("rubygems-key", "RubyGems API Key", "rubygems_", r"rubygems_[a-f0-9]{48}"),
    format_rule("crates-token", "crates.io Token", "cio", r"cio[A-Za-z0-9]{32}"),
    format_rule("nuget-key", "NuGet API Key", "oy2", r"oy2[a-z0-9]{43}"),
    format_rule("clojars-token", "Clojars Token", "clojars_", r"CLOJARS_[A-Za-z0-9]{60}"),
    format_rule("docker-token", "Docker Token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[\w-]{27,36}"),
    format_rule("artifactory-token", "Artifactory Credentials", "akc", r"AKC[a-zA-Z0-9]{64,74}"),
    format_rule("artifactory-token", "Artifactory Credentials", "cmvmdgtu", r"cmVmdGtu[A-Za-z0-9]{56}"),
    format_rule(
        "artifactory-token",
        "Artifactory Credentials",
        "artifactory jfrog",
        r"(?i:artifactory|jfrog)[\w .-]{0,40}+[\"'\]\s]{0,4}(?:=>|:=|[:=])\s{0,4}[\"']?(?P<value>AK[Cc][a-zA-Z0-9]{10,}|AP[\dABCDEF][a-zA-Z0-9]{8,})(?![^\s\"'])",
        bounded=False,
    ),
    format_rule("sonar-token", "SonarQube Token", "squ_ sqp_ sqa_", r"sq[pau]_[a-f0-9]{40}"),
    format_rule(
        "circleci-token", "CircleCI Token", "ccipat_ cciprj_", r"CCIP(?:AT|RJ)_[A-Za-z0-9]{22}_[a-f0-9]{40}"
    ),
    format_rule("buildkite-token", "Buildkite Token", "bkua_ bkaj_", r"bk(?:ua|aj)_[A-Za-z0-9]{40}"),
    format_rule("postman-key", "Postman API Key", "pmak-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    format_rule(
        "launchdarkly-key",
        "LaunchDarkly Key",
        "api- sdk-",
        r"(?:api|sdk)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    format_rule(
        "sourcegraph-token", "Sourcegraph Token", "sgp_", r"sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}"
    ),
    format_rule("prefect-key", "Prefect API Key", "pnu_ pnb_", r"pn[ub]_[A-Za-z0-9]{36}"),
    format_rule("infracost-key", "Infracost API Key", "ico-", r"ico-[A-Za-z0-9]{32}"),
    format_rule(
        "snyk-token",
        "Snyk Service Account Token",
        "snyk_uat. snyk_sat.",
        r"snyk_[us]at\.[0-9a-f]{8}\.[A-Za-z0-9_-]{40,}(?:\.[\w-]+)?",
    ),
    format_rule("readme-key", "ReadMe API Key", "rdme_", r"rdme_[a-z0-9]{70}"),
    format_rule(
        "harness-token",
        "Harness Token",
        "pat. sat.",
        r"[ps]at\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}",
    ),
)
