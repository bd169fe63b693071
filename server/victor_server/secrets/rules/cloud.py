"""Keys of clouds, hosts and infrastructure."""

import re

from victor_server.secrets.classify import is_placeholder, judge_token, looks_random
from victor_server.secrets.finding import Tier
from victor_server.secrets.rule import format_rule


def _judge_aws_secret(value: str) -> Tier | None:
    """40 characters of base64: both cases and digits, else it is a SHA-1 or a path."""
    if not (re.search(r"[a-z]", value) and re.search(r"[A-Z]", value) and re.search(r"\d", value)):
        return None
    return judge_token(value) if looks_random(value) else None


def _judge_access_key(value: str) -> Tier | None:
    return None if value.endswith("EXAMPLE") else judge_token(value)


def _judge_signature(value: str) -> Tier | None:
    return None if is_placeholder(value) or not looks_random(value) else "certain"


RULES = (
    format_rule(
        "aws-access-key",
        "AWS Access Key",
        "akia asia abia acca a3t",
        r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}",
        judge=_judge_access_key,
    ),
    format_rule(
        "aws-secret-key",
        "AWS Access Key",
        "aws secret_access_key secretaccesskey secret-access-key secret_key secretkey",
        r"(?i:aws|secret)[\w .\-]{0,40}+[\"'\]\s]{0,4}(?:=>|:=|[:=,(>])\s{0,8}[\"'`]?(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        judge=_judge_aws_secret,
        bounded=False,
    ),
    format_rule("aws-bedrock-key", "AWS Bedrock API Key", "absk", r"ABSK[A-Za-z0-9+/]{109,269}={0,2}"),
    format_rule(
        "aws-bedrock-key", "AWS Bedrock API Key", "bedrock-api-key-", r"bedrock-api-key-[A-Za-z0-9+/=]{20,}"
    ),
    format_rule(
        "aws-mws-key",
        "AWS MWS Auth Token",
        "amzn.mws.",
        r"amzn\.mws\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    ),
    format_rule(
        "azure-storage-key",
        "Azure Storage Account access key",
        "accountkey",
        r"(?i:AccountKey)[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?P<value>[A-Za-z0-9+/]{86}==)",
    ),
    format_rule(
        "azure-shared-access-key",
        "Azure Shared Access Key",
        "sharedaccesskey shared_access_key",
        r"(?i:Shared_?Access_?Key)[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?P<value>[A-Za-z0-9+/]{43}=)",
    ),
    format_rule(
        "azure-sas-token",
        "Azure SAS Token",
        "sig=",
        r"(?<=[?&;])sig=(?P<value>[A-Za-z0-9%/+]{40,80}(?:%3[dD]|=))",
        judge=_judge_signature,
    ),
    format_rule(
        "azure-client-secret",
        "Azure Client Secret",
        "q~",
        r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])",
    ),
    format_rule(
        "azure-devops-token",
        "Azure DevOps Personal Access Token",
        "azdo",
        r"[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
    ),
    format_rule("google-api-key", "Google API Key", "aiza", r"AIza[0-9A-Za-z_-]{35}"),
    format_rule("google-oauth-secret", "Google OAuth Client Secret", "gocspx-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
    format_rule("google-oauth-token", "Google OAuth Access Token", "ya29.", r"ya29\.[A-Za-z0-9_-]{30,}"),
    format_rule("google-refresh-token", "Google OAuth Refresh Token", "1//0", r"1//0[A-Za-z0-9_-]{40,}"),
    format_rule(
        "digitalocean-token", "DigitalOcean Token", "dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[a-f0-9]{64}"
    ),
    format_rule("alibaba-access-key", "Alibaba Cloud Access Key", "ltai", r"LTAI[A-Za-z0-9]{17,21}"),
    format_rule("tencent-secret-id", "Tencent Cloud Secret ID", "akid", r"AKID[A-Za-z0-9]{32}"),
    format_rule("yandex-api-key", "Yandex Cloud API Key", "aqvn", r"AQVN[A-Za-z0-9_-]{35,38}"),
    format_rule(
        "ibm-cloud-iam-key",
        "IBM Cloud IAM Key",
        "ibm cloud_iam cloud-iam cloudiam",
        r"(?i:ibm[_-]?cloud[_-]?iam|cloud[_-]?iam|ibm[_-]?cloud|ibm[_-]?iam|ibm)[_-]?(?i:api)?[_-]?"
        r"(?i:key|pwd|password|pass|token)[\"'\]]{0,2}\s{0,4}(?:=>|:=|::|[:=])\s{0,4}[\"']?"
        r"(?P<value>[A-Za-z0-9_-]{44})(?![A-Za-z0-9_-])",
    ),
    format_rule(
        "ibm-cos-hmac",
        "IBM COS HMAC Credentials",
        "secret_access_key secretaccesskey secret-access-key secret_key secret-key secretkey",
        r"(?i:secret[-_]?(?:access)?[-_]?key)[\"'\]]{0,2}\s{0,4}(?:=>|:=|::|[:=])\s{0,4}[\"']?"
        r"(?P<value>[a-f0-9]{48})(?![A-Za-z0-9])",
        bounded=False,
    ),
    format_rule(
        "softlayer-key",
        "SoftLayer Credentials",
        "softlayer sl_ sl-",
        r"(?i:(?:softlayer|(?<![A-Za-z])sl)[_-]?(?:api)?[_-]?(?:key|pwd|password|pass|token))[\"'\]]{0,2}\s{0,4}"
        r"(?:=>|:=|::|[:= ])\s{0,4}[\"']?(?P<value>(?i:[a-z0-9]{64}))(?![A-Za-z0-9])",
        bounded=False,
    ),
    format_rule(
        "softlayer-key",
        "SoftLayer Credentials",
        "api.softlayer.com",
        r"(?i:https?://api\.softlayer\.com/soap/v3(?:\.1)?/(?P<value>[a-z0-9]{64}))",
    ),
    format_rule(
        "cloudant-credentials",
        "Cloudant Credentials",
        "cloudant clou",
        r"(?i:cloudant|clou)[_-]?(?i:api)?[_-]?(?i:key|pwd|pw|password|pass|token)[\"'\]]{0,2}\s{0,4}"
        r"(?:=>|:=|::|[:= ])\s{0,4}[\"']?(?P<value>[0-9a-f]{64}|[a-z]{24})(?![A-Za-z0-9])",
        bounded=False,
    ),
    format_rule(
        "cloudant-credentials",
        "Cloudant Credentials",
        "cloudant.com",
        r"https?://[\w-]{1,64}:(?P<value>[0-9a-f]{64}|[a-z]{24})@[\w-]{1,64}\.cloudant\.com",
    ),
    format_rule("heroku-token", "Heroku API Key", "hrku-aa", r"HRKU-AA[A-Za-z0-9_-]{58,60}"),
    format_rule(
        "fly-token",
        "Fly.io Token",
        "fo1_ fm1_ fm1r_ fm2_",
        r"(?:fo1_[\w-]{43}|fm(?:1r|1a|1|2)_[A-Za-z0-9+/]{100,}={0,3})",
    ),
    format_rule(
        "cloudflare-ca-key", "Cloudflare Origin CA Key", "v1.0-", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"
    ),
    format_rule(
        "doppler-token",
        "Doppler Token",
        "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.",
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
    ),
    format_rule("vault-token", "HashiCorp Vault Token", "hvs. hvb. hvr.", r"hv[sbr]\.[A-Za-z0-9_-]{24,}"),
    format_rule(
        "terraform-token",
        "Terraform Cloud Token",
        ".atlasv1.",
        r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}",
    ),
    format_rule("pulumi-token", "Pulumi Access Token", "pul-", r"pul-[a-f0-9]{40}"),
    format_rule("databricks-token", "Databricks Token", "dapi", r"dapi[a-f0-9]{32}(?:-\d)?"),
    format_rule(
        "planetscale-token", "PlanetScale Token", "pscale_", r"pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64}"
    ),
    format_rule(
        "supabase-token", "Supabase Token", "sbp_ sb_secret_", r"(?:sbp_[a-f0-9]{40}|sb_secret_[\w-]{20,})"
    ),
    format_rule("vercel-token", "Vercel Token", "vcp_ vci_ vca_ vcr_ vck_", r"vc[piark]_[A-Za-z0-9_-]{56}"),
    format_rule("netlify-token", "Netlify Token", "nfp_", r"nfp_[A-Za-z0-9]{36}"),
    format_rule("render-key", "Render API Key", "rnd_", r"rnd_[A-Za-z0-9]{32}"),
    format_rule("scalingo-token", "Scalingo Token", "tk-us-", r"tk-us-[\w-]{48}"),
    format_rule("openshift-token", "OpenShift Token", "sha256~", r"sha256~[\w-]{43}"),
    format_rule(
        "tailscale-key",
        "Tailscale Key",
        "tskey-",
        r"tskey-(?:api|auth|client|scim|webhook)-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,40}",
    ),
    format_rule(
        "mongodb-atlas-secret", "MongoDB Atlas Service Account Secret", "mdb_sa_sk_", r"mdb_sa_sk_[\w-]{40}"
    ),
    format_rule(
        "age-secret-key",
        "age Secret Key",
        "age-secret-key-1",
        r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    ),
)
