"""Keys of clouds, hosts and networks other than the three large ones."""

from victor_server.secrets.rule import format_rule
from victor_server.secrets.rules.named import named_rule

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"

RULES = (
    format_rule(
        "digitalocean-token", "DigitalOcean Token", "dop_v1_ doo_v1_ dor_v1_", r"do[opr]_v1_[a-f0-9]{64}"
    ),
    named_rule(
        "digitalocean-token",
        "DigitalOcean Token",
        "digitalocean digital_ocean digital-ocean do_token do_api do_access do-token",
        r"[a-f0-9]{64}",
    ),
    named_rule(
        "digitalocean-spaces-secret",
        "DigitalOcean Spaces Secret",
        "digitaloceanspaces do_spaces spaces_secret spaces-secret spaces_key",
        r"[A-Za-z0-9/+]{43}",
    ),
    format_rule("alibaba-access-key", "Alibaba Cloud Access Key", "ltai", r"LTAI[A-Za-z0-9]{12,21}"),
    format_rule("alibaba-sts-key", "Alibaba Cloud STS Key", "sts.n", r"STS\.N[A-Za-z0-9]{19,39}"),
    named_rule(
        "alibaba-secret-key",
        "Alibaba Cloud Secret Key",
        "alibaba aliyun alicloud aliyuncs accesskeysecret access_key_secret access-key-secret",
        r"[A-Za-z0-9]{30}",
    ),
    format_rule("tencent-secret-id", "Tencent Cloud Secret ID", "akid", r"AKID[A-Za-z0-9]{32}"),
    named_rule(
        "tencent-secret-key",
        "Tencent Cloud Secret Key",
        "tencent qcloud cos_secret",
        r"[A-Za-z0-9]{32}",
    ),
    named_rule(
        "huawei-secret-key", "Huawei Cloud Secret Key", "huawei hwclouds hw_secret hw_access", r"[A-Za-z0-9]{40}"
    ),
    named_rule("baidu-secret-key", "Baidu Cloud Secret Key", "baidu_ baidubce bce_ baiduapi baidusecret baiduak baidusk", r"[A-Za-z0-9]{32}"),
    format_rule("yandex-api-key", "Yandex Cloud API Key", "aqvn", r"AQVN[A-Za-z0-9_-]{35,38}"),
    format_rule("yandex-oauth-token", "Yandex OAuth Token", "y0_ag", r"y0_Ag[A-Za-z0-9_-]{50,60}"),
    format_rule("yandex-access-key", "Yandex Cloud Access Key", "ycaj ycp", r"YC(?:AJE[A-Za-z0-9_-]{20}|[NMPO][A-Za-z0-9_-]{38})"),
    format_rule(
        "yandex-iam-token", "Yandex Cloud IAM Token", "t1.", r"t1\.[A-Z0-9a-z_-]{40,400}={0,2}\.[A-Z0-9a-z_-]{86}={0,2}"
    ),
    format_rule(
        "ibm-cloud-iam-key",
        "IBM Cloud IAM Key",
        "ibm cloud_iam cloud-iam cloudiam",
        r"(?i:ibm[_-]?cloud[_-]?iam|cloud[_-]?iam|ibm[_-]?cloud|ibm[_-]?iam|ibm)[_-]?(?i:api)?[_-]?"
        r"(?i:key|pwd|password|pass|token)[\"'\]]{0,2}\s{0,4}(?:=>|:=|::|[:=])\s{0,4}[\"']?"
        r"(?P<value>[A-Za-z0-9_-]{44})(?![A-Za-z0-9_-])",
    ),
    named_rule(
        "ibm-cloud-iam-key", "IBM Cloud IAM Key", "ibmcloud ibm_cloud ibm-cloud watson bluemix", r"[A-Za-z0-9_-]{44}"
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
        "cloudant clou_ clou-",
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
    named_rule("linode-token", "Linode Token", "linode", r"[a-f0-9]{64}"),
    named_rule("hetzner-token", "Hetzner Cloud Token", "hetzner hcloud hcloud_token", r"[A-Za-z0-9]{64}"),
    named_rule("vultr-key", "Vultr API Key", "vultr", r"[A-Z0-9]{36}"),
    named_rule("scaleway-secret-key", "Scaleway Secret Key", "scaleway scw_ scw.", _UUID),
    named_rule("ovh-secret", "OVH Application Secret", "ovh_ ovhcloud ovh- ovh.", r"[A-Za-z0-9]{32}"),
    format_rule("exoscale-key", "Exoscale API Key", "exoscale", r"EXO[0-9a-f]{24}"),
    named_rule("exoscale-secret", "Exoscale API Secret", "exoscale", r"[A-Za-z0-9_-]{43}"),
    format_rule("upcloud-token", "UpCloud API Token", "ucat_", r"ucat_[A-Z0-9]{26}"),
    named_rule("equinix-token", "Equinix Metal Token", "equinix packet_auth metal_auth packet.net", r"[A-Za-z0-9]{32}"),
    named_rule("heroku-token", "Heroku API Key", "heroku", _UUID),
    format_rule("heroku-token", "Heroku API Key", "hrku-", rf"HRKU-(?:AA[A-Za-z0-9_-]{{58,60}}|{_UUID})(?![\w-])"),
    format_rule(
        "fly-token",
        "Fly.io Token",
        "fo1_ fm1_ fm1r_ fm1a_ fm2_",
        r"(?:fo1_[\w-]{43}|fm(?:1r|1a|1|2)_[A-Za-z0-9+/]{100,4000}+={0,3})",
    ),
    format_rule(
        "cloudflare-token", "Cloudflare API Token", "cfut_ cfat_ cfk_", r"cf(?:ut|at|k)_[A-Za-z0-9]{40}[0-9a-f]{8}"
    ),
    named_rule(
        "cloudflare-token",
        "Cloudflare API Token",
        "cloudflare cf_api cf_token cf-api x-auth-key x_auth_key workers_",
        r"[A-Za-z0-9_-]{40}|[0-9a-f]{37}",
    ),
    format_rule(
        "cloudflare-ca-key", "Cloudflare Origin CA Key", "v1.0-", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}"
    ),
    format_rule(
        "cloudflare-turnstile-secret",
        "Cloudflare Turnstile Secret",
        "0x4aaaaaaa",
        r"0x4AAAAAAA[A-Za-z0-9_-]{27}(?![\w-])",
    ),
    named_rule("fastly-token", "Fastly API Token", "fastly", r"[A-Za-z0-9_-]{32}"),
    named_rule("bunny-key", "Bunny.net API Key", "bunnycdn bunny_ bunny.net", rf"{_UUID}(?:{_UUID})?|[0-9a-f]{{12}}-(?:[0-9a-f]{{4}}-){{2}}[0-9a-f]{{12}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}"),
    named_rule("godaddy-secret", "GoDaddy API Secret", "godaddy", r"[A-Za-z0-9_]{22,37}"),
    named_rule("namecheap-key", "Namecheap API Key", "namecheap", r"[a-f0-9]{32}"),
    named_rule("gandi-key", "Gandi API Key", "gandi", r"[A-Za-z0-9]{24}|[a-f0-9]{40}"),
    named_rule("dnsimple-token", "DNSimple Token", "dnsimple", r"(?:dnsimple_[ua]_)?[A-Za-z0-9]{32}"),
    named_rule("ns1-key", "NS1 API Key", "nsone ns1_", r"[A-Za-z0-9]{20}"),
    format_rule("doppler-token", "Doppler Token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit. dp.said.",
        r"dp\.(?:pt|st|ct|sa|said|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
    ),
    format_rule("infisical-token", "Infisical Service Token", "infisical", r"st\.[0-9a-f]{24}\.[0-9a-f]{32,64}\.[0-9a-f]{32}"),
    format_rule("vault-token", "HashiCorp Vault Token", "hvs. hvb. hvr.", r"hv[sbr]\.[A-Za-z0-9_-]{24,2000}+"),
    named_rule("vault-token", "HashiCorp Vault Token", "vault", r"[sbr]\.[A-Za-z0-9]{24}(?:\.[A-Za-z0-9]{5})?"),
    named_rule("vault-approle-secret", "HashiCorp Vault AppRole Secret ID", "approle vault_secret_id secret_id", _UUID),
    named_rule("consul-token", "HashiCorp Consul Token", "consul nomad", _UUID),
    format_rule(
        "terraform-token",
        "Terraform Cloud Token",
        ".atlasv1.",
        r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}",
    ),
    format_rule("pulumi-token", "Pulumi Access Token", "pul-", r"pul-[a-f0-9]{40}"),
    format_rule("netlify-token", "Netlify Token", "nfp_ nfc_ nfo_ nfb_ nfu_", r"nf[pcobu]_[A-Za-z0-9]{36}"),
    named_rule("netlify-token", "Netlify Token", "netlify", r"[A-Za-z0-9_-]{43}"),
    format_rule("vercel-token", "Vercel Token", "vcp_ vci_ vca_ vcr_ vck_", r"vc[piark]_[A-Za-z0-9_-]{56}"),
    named_rule("vercel-token", "Vercel Token", "vercel zeit_", r"[A-Za-z0-9]{24}"),
    format_rule("vercel-blob-token", "Vercel Blob Token", "vercel_blob_rw_", r"vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30,50}"),
    format_rule("render-key", "Render API Key", "rnd_", r"rnd_[A-Za-z0-9]{28,32}"),
    named_rule("railway-token", "Railway Token", "railway", _UUID),
    named_rule("koyeb-token", "Koyeb API Token", "koyeb", r"[a-z0-9]{64}"),
    format_rule("deno-deploy-token", "Deno Deploy Token", "ddp_ ddw_ ddo_", r"dd[pwo]_[A-Za-z0-9]{36}"),
    format_rule("scalingo-token", "Scalingo Token", "tk-us-", r"tk-us-[\w-]{48}"),
    format_rule("openshift-token", "OpenShift Token", "sha256~", r"sha256~[\w-]{43}"),
    format_rule("rancher-token", "Rancher API Token", "token- kubeconfig-u", r"(?:token-[a-z0-9]{5}|kubeconfig-u(?:ser)?-[a-z0-9]{5,12}(?:\.[a-z0-9-]{4,12})?):[a-z0-9]{54}"),
    format_rule("portainer-token", "Portainer API Token", "ptr_", r"ptr_[A-Za-z0-9+/]{43}="),
    named_rule("kubernetes-bootstrap-token", "Kubernetes Bootstrap Token", "kubeadm bootstrap_token bootstraptoken bootstrap-token", r"[a-z0-9]{6}\.[a-z0-9]{16}"),
    format_rule("k3s-token", "K3s Server Token", "::server:", r"K10[0-9a-f]{64}::(?:server|node):[0-9a-zA-Z]{16,64}"),
    format_rule("docker-swarm-key", "Docker Swarm Key", "swmkey-1- swmtkn-1-", r"SWM(?:KEY-1-[A-Za-z0-9+/]{43}|TKN-1-[a-z0-9]{50}-[a-z0-9]{25})(?![A-Za-z0-9+/])"),
    format_rule(
        "tailscale-key",
        "Tailscale Key",
        "tskey-",
        r"tskey-[a-z]{3,12}-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,40}",
    ),
    format_rule("netbird-token", "NetBird Token", "nbp_", r"nbp_[A-Za-z0-9]{36}"),
    format_rule("twingate-token", "Twingate API Key", "twingate", r"tg-[a-z]{4,12}-[A-Za-z0-9_-]{40,400}+"),
    named_rule("ngrok-token", "ngrok Authtoken", "ngrok", r"(?:[0-9][A-Za-z0-9]{26}|cr|ak)_[A-Za-z0-9]{20,27}"),
    named_rule("wireguard-key", "WireGuard Private Key", "privatekey presharedkey wireguard wg_private wg_", r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="),
    format_rule(
        "age-secret-key",
        "age Secret Key",
        "age-secret-key-1",
        r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    ),
    format_rule("backblaze-key", "Backblaze B2 Application Key", "k00", r"K00[0-9][A-Za-z0-9/+]{27}(?![A-Za-z0-9/+])"),
    named_rule("backblaze-key", "Backblaze B2 Application Key", "backblaze b2_app b2_key b2_account", r"K00[0-9][A-Za-z0-9/+]{27}|[0-9a-f]{42}"),
    named_rule("wasabi-secret-key", "Wasabi Secret Key", "wasabi", r"[A-Za-z0-9/+]{40}"),
    named_rule("minio-secret-key", "MinIO Secret Key", "minio", r"[A-Za-z0-9/+]{40}|[A-Za-z0-9]{32}"),
)  # fmt: skip
