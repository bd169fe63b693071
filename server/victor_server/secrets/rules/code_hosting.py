"""Tokens of code hosts, package registries and build services."""

import zlib

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import judge_token
from victor_server.secrets.plugins import plugin_rule
from victor_server.secrets.rule import format_rule
from victor_server.secrets.rules.named import exactly, named_rule

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_CHECKSUM_LENGTH = 6
_SHORT_BODY = 36
_REFRESH_BODY = 76
_ROUTABLE_CHECKSUM_LENGTH = 7

_N_ROUTABLE_DOTS = 2
_judge_gitlab_length = exactly(
    r"gl(?:pat|dt|ft|soat|rtr|ffct|wt)-[\w-]{20}|glrt-(?:t\d_)?[\w-]{20}|glptt-[0-9a-f]{40}|glcbt-[0-9a-zA-Z]{1,5}_[\w-]{20}|"
    r"glagent-[\w-]{50}|gloas-[0-9a-f]{64}|glimt-[\w-]{25}"
)

_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_GITLAB = r"gl(?:pat|dt|ft|soat|rtr|rt|cbt|imt|ptt|agent|oas|ffct|wt)-"


def _judge_with_checksum(value: str) -> Tier | None:
    """Most have a 36-character body that ends with the CRC-32 of what precedes it: another one was made up."""
    tier = judge_token(value)
    body = value.partition("_")[2]
    is_right = len(body) == _REFRESH_BODY if value.startswith("ghr_") else has_checksum(body)
    return tier if tier is None or is_right else "possible"


def has_checksum(body: str) -> bool:
    """Whether the last six characters are the CRC-32 of the others in base 62, as GitHub and npm write it."""
    rest = zlib.crc32(body[:-_CHECKSUM_LENGTH].encode())
    is_whole = len(body) == _SHORT_BODY
    return is_whole and body[-_CHECKSUM_LENGTH:] == _digits(rest, _BASE62, _CHECKSUM_LENGTH)


def _judge_gitlab(value: str) -> Tier | None:
    """A routable token, `glpat-….01.…`, ends with the CRC-32 of all that precedes it."""
    if value.count(".") == _N_ROUTABLE_DOTS:
        return (
            judge_token(value) if has_routable_checksum(value) else _judge_gitlab_length(value) and "possible"
        )
    return _judge_gitlab_length(value)


def has_routable_checksum(token: str) -> bool:
    """Whether the last seven characters are the CRC-32 of the others, prefix included, in base 36, as GitLab writes it."""
    rest = zlib.crc32(token[:-_ROUTABLE_CHECKSUM_LENGTH].encode())
    return token[-_ROUTABLE_CHECKSUM_LENGTH:] == _digits(rest, _BASE36, _ROUTABLE_CHECKSUM_LENGTH)


def _digits(number: int, alphabet: str, length: int) -> str:
    """A number in the base that the alphabet has digits for, with leading zeros."""
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        digits = alphabet[digit] + digits
    return digits


RULES = (
    format_rule(
        "github-token",
        "GitHub Token",
        "ghs_",
        r"ghs_\d{1,12}_eyJ[A-Za-z0-9_-]{10,1000}\.eyJ[A-Za-z0-9_-]{10,3000}\.[A-Za-z0-9_-]{40,1000}",
    ),
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
    named_rule("github-legacy-token", "GitHub Token", "github gh_token gh_pat gh_oauth", r"[0-9a-f]{40}"),
    format_rule(
        "gitlab-token",
        "GitLab Token",
        "glpat- gldt- glft- glsoat- glrt- glrtr- glcbt- glimt- glptt- glagent- gloas- glffct- glwt-",
        _GITLAB + r"(?:[A-Za-z0-9_-]{27,300}\.[0-9a-z]{2}\.[0-9a-z]{9}|[A-Za-z0-9_=-]{20,300})",
        judge=_judge_gitlab,
    ),
    format_rule("gitlab-token", "GitLab Token", "gr1348941", r"GR1348941[A-Za-z0-9_-]{20,50}"),
    format_rule(
        "gitlab-token", "GitLab Token", "_gitlab_session=", r"_gitlab_session=(?P<value>[0-9a-f]{32})"
    ),
    named_rule("gitlab-legacy-token", "GitLab Token", "gitlab private-token", r"[A-Za-z0-9_-]{20}"),
    format_rule("bitbucket-token", "Bitbucket App Password", "atbb", r"ATBB[A-Za-z0-9]{32}"),
    named_rule("bitbucket-secret", "Bitbucket OAuth Secret", "bitbucket", r"[A-Za-z0-9]{32}"),
    format_rule("atlassian-token", "Atlassian API Token", "atatt3 atctt3 atstt3", r"AT[ACS]TT3[A-Za-z0-9_=-]{60,400}+"),
    named_rule("atlassian-legacy-token", "Atlassian API Token", "atlassian jira confluence", r"[A-Za-z0-9]{24}"),
    named_rule("jira-server-token", "Jira or Confluence Data Center Token", "jira confluence", r"[A-Za-z0-9+/]{44}"),
    format_rule("gitea-token", "Gitea Token", "gto_", r"gto_[a-z2-7]{52}"),
    named_rule("gitea-token", "Gitea Token", "gitea forgejo codeberg gogs", r"[0-9a-f]{40}"),
    format_rule("gitpod-token", "Gitpod Token", "gitpod_pat_", r"gitpod_pat_[A-Za-z0-9_.-]{20,200}+"),
    format_rule("npm-token", "NPM tokens", "npm_", r"npm_[A-Za-z0-9]{36}", judge=_judge_with_checksum),
    format_rule(
        "npm-token",
        "NPM tokens",
        ":_authtoken",
        r":_authToken\s{0,4}=\s{0,4}[\"']?(?P<value>[A-Fa-f0-9]{8}-(?:[A-Fa-f0-9]{4}-){3}[A-Fa-f0-9]{12}|[A-Za-z0-9+/=_.-]{20,}+)",
        bounded=False,
    ),
    named_rule("npm-legacy-token", "NPM tokens", "npm_token npm_auth npmtoken npm-token npm_config", _UUID),
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
    format_rule("docker-token", "Docker Token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[\w-]{26,36}", judge=exactly(r"dckr_(?:pat_[\w-]{27}|oat_[\w-]{32})")),
    named_rule("docker-legacy-token", "Docker Token", "dockerhub docker_hub docker_token docker_password hub.docker", _UUID),
    format_rule("packagist-token", "Packagist Token", "packagist_", r"packagist_[ou][ru][twc]_[A-Za-z0-9]{64,80}"),
    format_rule("open-vsx-token", "Open VSX Token", "ovsxat_", r"ovsxat_[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"),
    named_rule("cloudsmith-key", "Cloudsmith API Key", "cloudsmith", r"[a-f0-9]{40}"),
    named_rule("gemfury-token", "Gemfury Token", "gemfury fury.io", r"[A-Za-z0-9]{20}"),
    format_rule("artifactory-token", "Artifactory Credentials", "akc", r"AKC[a-zA-Z0-9]{64,74}"),
    format_rule("artifactory-token", "Artifactory Credentials", "cmvmdgtu", r"cmVmdGtu[A-Za-z0-9]{56}"),
    format_rule(
        "artifactory-token",
        "Artifactory Credentials",
        "artifactory jfrog",
        r"(?i:artifactory|jfrog)[\w .-]{0,40}+[\"'\]\s]{0,4}(?:=>|:=|[:=])\s{0,4}[\"']?(?P<value>AK[Cc][a-zA-Z0-9]{10,}|AP[\dABCDEF][a-zA-Z0-9]{8,})(?![^\s\"'])",
        bounded=False,
    ),
    named_rule("artifactory-legacy-key", "Artifactory Credentials", "artifactory jfrog bintray", r"[A-Za-z0-9]{73}|[a-f0-9]{40}|[a-z0-9]{64}"),
    format_rule("sonar-token", "SonarQube Token", "squ_ sqp_ sqa_", r"sq[pau]_[a-f0-9]{40}"),
    named_rule("sonar-token", "SonarQube Token", "sonar", r"[a-f0-9]{40}"),
    format_rule(
        "circleci-token", "CircleCI Token", "ccipat_ cciprj_", r"CCIP(?:AT|RJ)_[A-Za-z0-9]{20,22}_[a-f0-9]{40}"
    ),
    named_rule("circleci-token", "CircleCI Token", "circleci circle_token circle-token circle_ci", r"[a-f0-9]{40}"),
    named_rule("travis-token", "Travis CI Token", "travis", r"[A-Za-z0-9_-]{22}"),
    named_rule("drone-token", "Drone CI Token", "drone_token drone_secret drone_rpc", r"[A-Za-z0-9]{32}"),
    format_rule("buildkite-token", "Buildkite Token", "bkua_ bkaj_ bkct_ bkpt_ bkar_", r"bk(?:ua|aj|ct|pt|ar)_[A-Za-z0-9]{40}"),
    named_rule("buildkite-token", "Buildkite Token", "buildkite", r"[a-f0-9]{40,50}"),
    named_rule("jenkins-token", "Jenkins API Token", "jenkins", r"11[a-f0-9]{32}|[a-f0-9]{32}"),
    named_rule("appveyor-token", "AppVeyor Token", "appveyor", r"(?:v2\.)?[a-z0-9]{20}"),
    named_rule("bitrise-token", "Bitrise Token", "bitrise", r"[A-Za-z0-9_-]{86}|[A-Za-z0-9_-]{22}"),
    named_rule("codemagic-token", "Codemagic Token", "codemagic", r"[A-Za-z0-9_-]{43}"),
    named_rule("codecov-token", "Codecov Token", "codecov", _UUID),
    named_rule("coveralls-token", "Coveralls Token", "coveralls", r"[A-Za-z0-9]{32,37}"),
    named_rule("codeclimate-token", "Code Climate Token", "codeclimate code_climate cc_test_reporter", r"[a-f0-9]{40}|[a-f0-9]{64}"),
    named_rule("codacy-token", "Codacy Token", "codacy", r"[A-Za-z0-9]{20}|[a-f0-9]{32}"),
    named_rule("percy-token", "Percy Token", "percy", r"(?:web_|auto_|app_)?[a-f0-9]{64}"),
    named_rule("browserstack-key", "BrowserStack Access Key", "browserstack", r"[A-Za-z0-9]{20}"),
    named_rule("saucelabs-key", "Sauce Labs Access Key", "sauce_ saucelabs", _UUID),
    named_rule("lambdatest-key", "LambdaTest Access Key", "lambdatest lt_access", r"(?:LT_)?[A-Za-z0-9]{50}"),
    named_rule("cypress-key", "Cypress Record Key", "cypress_record cypress", _UUID),
    format_rule("nx-cloud-token", "Nx Cloud Token", "nx_cloud_access_token nxcloudaccesstoken",
        r"(?i:nx_?cloud_?access_?token)[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?P<value>[A-Za-z0-9+/]{48,100}={0,2})", bounded=False),
    format_rule("depot-token", "Depot Token", "depot_", r"depot_(?:org|project|user)_[a-f0-9]{64,80}"),
    format_rule("postman-key", "Postman API Key", "pmak-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    format_rule("postman-collection-key", "Postman Collection Access Key", "pmat-", r"PMAT-[A-Z0-9]{26}"),
    format_rule(
        "launchdarkly-key",
        "LaunchDarkly Key",
        "api- sdk-",
        r"(?:api|sdk)-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    named_rule("split-key", "Split API Key", "splitio split_api split.io", r"[a-z0-9]{50,60}"),
    named_rule("optimizely-token", "Optimizely Token", "optimizely", r"2:[A-Za-z0-9_-]{40,60}"),
    format_rule("statsig-key", "Statsig Key", "secret- console-", r"(?:secret|console)-[A-Za-z0-9]{43}"),
    format_rule(
        "sourcegraph-token", "Sourcegraph Token", "sgp_", r"sgp_(?:[a-f0-9]{16}_|local_)?[a-f0-9]{40}"
    ),
    format_rule("prefect-key", "Prefect API Key", "pnu_ pnb_", r"pn[ub]_[A-Za-z0-9]{36}"),
    format_rule("infracost-key", "Infracost API Key", "ico-", r"(?<![\w.-])ico-[A-Za-z0-9]{32}(?!\.\w)"),
    format_rule(
        "snyk-token",
        "Snyk Service Account Token",
        "snyk_uat. snyk_sat.",
        r"snyk_[us]at\.[0-9a-f]{8}\.[A-Za-z0-9_-]{40,400}+(?:\.[\w-]{1,400}+)?",
    ),
    named_rule("snyk-token", "Snyk Service Account Token", "snyk", _UUID),
    named_rule("semgrep-token", "Semgrep App Token", "semgrep", r"[a-f0-9]{64}"),
    format_rule("socket-token", "Socket API Token", "sktsec_", r"sktsec_[A-Za-z0-9_-]{30,60}(?:_api)?"),
    named_rule("gitguardian-token", "GitGuardian API Key", "gitguardian", r"[A-Za-z0-9]{72}"),
    named_rule("fossa-key", "FOSSA API Key", "fossa", r"[a-f0-9]{32}"),
    format_rule("readme-key", "ReadMe API Key", "rdme_", r"rdme_[a-z0-9]{70}"),
    format_rule(
        "harness-token",
        "Harness Token",
        "pat. sat.",
        r"[ps]at\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}",
    ),
    named_rule("octopus-key", "Octopus Deploy API Key", "octopus x-octopus", r"API-[A-Z0-9]{25,36}"),
    format_rule("spacelift-key", "Spacelift API Key Secret", "spacelift_api_key_secret",
        r"(?i:spacelift_api_key_secret)[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?P<value>[a-f0-9]{64})", bounded=False),
    named_rule("crowdin-token", "Crowdin Token", "crowdin", r"[a-f0-9]{80}"),
    named_rule("lokalise-token", "Lokalise Token", "lokalise", r"[a-f0-9]{40}"),
    named_rule("transifex-token", "Transifex Token", "transifex", r"1/[a-f0-9]{40}"),
    format_rule("contribsys-credentials", "Contribsys Gem Credentials", "contribsys",
        r"(?i:BUNDLE_(?:ENTERPRISE|GEMS)__CONTRIBSYS__COM)[\"']?\s{0,2}[:=]\s{0,2}[\"']?(?P<value>[0-9a-f]{8}:[0-9a-f]{8})", bounded=False),
)  # fmt: skip
