"""Vendors' secrets in the surroundings they are met in, and what resembles them; run it for a table by vendor."""

import base64
import hashlib
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from vendor_secrets import ALPHANUMERIC, BASE64, HEXADECIMAL, SECRETS, Kind, draw

from victor_server.secrets.scanner import scan


class Sample(NamedTuple):
    """A file's name and text, and the secret in it; for a near miss what it resembles."""

    path: str
    text: str
    value: str


SURROUNDINGS = (
    ("prod.env", "{UPPER}={value}"),
    ("prod.env", 'DEBUG=0\n{UPPER}="{value}"\nPORT=80'),
    ("deploy.sh", 'export {UPPER}="{value}"'),
    ("deploy.sh", "{UPPER}='{value}' ./run --all"),
    ("deploy.sh", "./deploy --{kebab} {value} --region eu"),
    ("values.yaml", "app:\n  {snake}: {value}\n  replicas: 2"),
    ("values.yaml", "app:\n  {camel}: '{value}'"),
    ("deployment.yaml", '  env:\n    - name: {UPPER}\n      value: "{value}"'),
    ("ci.yml", "env:\n  {UPPER}: {value}"),
    ("docker-compose.yml", "    environment:\n      - {UPPER}={value}"),
    ("config.json", '{{\n  "{camel}": "{value}",\n  "debug": false\n}}'),
    ("config.json", '{{"name": "svc", "{snake}": "{value}"}}'),
    ("fixture.js", 'const body = "{{\\"{snake}\\": \\"{value}\\"}}";'),
    ("settings.py", '{UPPER} = "{value}"'),
    ("app.py", "client = Client({snake}='{value}', retries=3)"),
    ("app.py", 'os.environ["{UPPER}"] = "{value}"'),
    ("app.py", 'key = os.getenv("{UPPER}", "{value}")'),
    ("app.py", 'config = {{"{snake}": "{value}"}}'),
    ("index.js", "const {camel} = '{value}';"),
    ("index.js", "const key = process.env.{UPPER} || '{value}';"),
    ("index.ts", "export default {{ {camel}: '{value}', timeout: 30 }};"),
    ("service.ts", 'private readonly {camel}: string = "{value}";'),
    ("App.java", 'private static final String {UPPER} = "{value}";'),
    ("application.properties", "app.{dotted}={value}"),
    ("main.go", '\t{camel} := "{value}"'),
    ("main.go", 'var {camel} string = "{value}"'),
    ("Program.cs", 'var {camel} = "{value}";'),
    ("config.rb", "{UPPER} = '{value}'"),
    ("config.rb", "  {snake}: '{value}',"),
    ("config.php", "    '{snake}' => '{value}',"),
    ("config.php", "define('{UPPER}', '{value}');"),
    ("main.rs", 'let {snake} = "{value}";'),
    ("Main.kt", 'val {camel} = "{value}"'),
    ("App.swift", 'let {camel} = "{value}"'),
    ("Dockerfile", "ENV {UPPER}={value}"),
    ("Dockerfile", 'ARG {UPPER}="{value}"'),
    ("main.tf", '  {snake} = "{value}"'),
    ("variables.tf", 'variable "{snake}" {{\n  type    = string\n  default = "{value}"\n}}'),
    ("settings.xml", "<{camel}>{value}</{camel}>"),
    ("web.config", '<add key="{camel}" value="{value}" />'),
    ("pyproject.toml", '{snake} = "{value}"'),
    ("app.ini", "[app]\n{snake} = {value}"),
    ("run.ps1", '$env:{UPPER} = "{value}"'),
    ("server.log", "2024-05-01 12:00:00 INFO starting with {snake}={value}"),
    ("notes.txt", "{words}: {value}"),
)

NEUTRAL = (
    ("app.py", 'item = "{value}"'),
    ("data.json", '{{"ref": "{value}"}}'),
    ("server.log", "2024-05-01 12:00:00 INFO handled {value} in 3 ms"),
    ("values.yaml", "  name: {value}"),
    ("index.js", "render('{value}');"),
    ("notes.txt", "see {value} for more"),
)
"""What names nothing: a text here is a secret by its format alone, or none."""

PLACEHOLDERS = (
    "YOUR_{UPPER}", "<your-{kebab}>", "<{snake}>", "your-{kebab}-here", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "changeme",
    "REPLACE_ME", "...", "********", "{kebab}", "{UPPER}", "example-{kebab}", "TODO",
)  # fmt: skip
REFERENCES = (
    "${{{UPPER}}}", "$({UPPER})", "${UPPER}", "{{{{ .Values.{camel} }}}}", "{{{{ {snake} }}}}", "%{UPPER}%", "#{{{snake}}}",
    "${{{{ secrets.{UPPER} }}}}", "vault:secret/data/app#{snake}", "op://prod/app/{snake}", "/run/secrets/{snake}",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:{kebab}-Ab3dE6", "projects/x/secrets/{kebab}/versions/latest",
    "ssm:/prod/{kebab}", "!Ref {camel}", "@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/{kebab}/)",
)  # fmt: skip
HASH_LINES = (
    ("package.json", '"{vendor}Checksum": "{md5}"'),
    ("app.py", '{vendor}_sha256 = "{sha256}"'),
    ("main.tf", 'source = "git::https://{vendor}.com/acme/mod.git?ref={sha1}"'),
    ("ci.yml", "      - uses: {vendor}/setup@{sha1}"),
    ("CHANGES.txt", "commit {sha1} ({vendor})"),
    ("Dockerfile", "FROM {vendor}/agent@sha256:{sha256}"),
    ("server.log", "{vendor} request_id={uuid} etag={md5}"),
    ("app.json", '{{"{vendor}_account_id": "{uuid}", "{vendor}ClientId": "{md5}"}}'),
    ("index.js", 'const {vendor}Url = "https://cdn.{vendor}.com/{md5}/logo.png";'),
    ("index.html", '<script src="https://{vendor}.com/a.js" integrity="sha384-{sha384}"></script>'),
    ("app.py", '{vendor}_public_key = "{md5}"'),
    ("requirements.txt", "{vendor}==1.2.3 --hash=sha256:{sha256}"),
    ("app.go", '{vendor}Version := "{sha1}"'),
    ("rev.txt", "https://{vendor}.com/acme/x/commit/{sha1}"),
)
PUBLIC = (
    "pk_live_{alnum24}", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{base64}", "AROA{alnum16}", "arn:aws:iam::123456789012:role/x",
    "{digits}.apps.googleusercontent.com", "phc_{alnum24}", "pub-c-{uuid}", "sha256-{base64}=", "ACME-{uuid}", "price_{alnum24}",
    "rsa-sha2-512", "cus_{alnum14}", "evt_{alnum24}", "img_{alnum24}", "task_{uuid}",
)  # fmt: skip


NO_VENDOR = ("database credentials", "private keys", "OAuth and JWT", "passwords")


def names(words: str) -> dict[str, str]:
    """`api key` as names are written."""
    parts = words.split()
    return {
        "words": words,
        "UPPER": "_".join(parts).upper(),
        "snake": "_".join(parts),
        "kebab": "-".join(parts),
        "camel": parts[0] + "".join(part.title() for part in parts[1:]),
        "dotted": ".".join(parts),
    }


def samples(vendor: str, rng: random.Random) -> Iterator[Sample]:
    """Each kind of the vendor's secrets in each of its surroundings."""
    for kind in SECRETS[vendor]:
        if kind.whole:
            value = kind.make(rng)
            yield Sample("prod.txt", f"# settings\n{value}\n", value)
            continue
        for path, template in SURROUNDINGS:
            value = kind.make(rng)
            yield Sample(path, template.format(value=value, **names(kind.words)) + "\n", value)


def near_misses(vendor: str, rng: random.Random) -> Iterator[Sample]:
    """What resembles the vendor's secrets and is none, or nothing that anybody could be sure of."""
    for kind in SECRETS[vendor]:
        styles = names(kind.words)
        if not kind.whole:
            for stand_in in (*PLACEHOLDERS, *REFERENCES):
                path, template = rng.choice(SURROUNDINGS)
                value = stand_in.format(**styles)
                yield Sample(path, template.format(value=value, **styles), value)
            yield from _masked(kind, rng)
        if kind.is_fixed:
            yield from _malformed(kind, rng)
    for path, template in HASH_LINES:
        name = vendor.split()[0].lower() if vendor not in NO_VENDOR else "acme"
        yield Sample(path, template.format(vendor=name, **_fills(rng)), "")
    for template in PUBLIC:
        value = template.format(**_fills(rng))
        path, around = rng.choice(NEUTRAL)
        yield Sample(path, around.format(value=value), value)


def _masked(kind: Kind, rng: random.Random) -> Iterator[Sample]:
    """`ghp_xxxx…`: the mark of the format and then nothing."""
    value = kind.make(rng)
    mark = re.match(r"[A-Za-z]{2,8}[-_.](?:[a-z]{3,10}[-_])?|[A-Z]{4}", value)
    if mark and len(value) > 12:
        for filler in ("x", "X", "*", "0", "A"):
            path, template = rng.choice(SURROUNDINGS)
            masked = mark.group() + filler * (len(value) - mark.end())
            yield Sample(path, template.format(value=masked, **names(kind.words)), masked)


def _malformed(kind: Kind, rng: random.Random) -> Iterator[Sample]:
    """One character too few, too many or wrong, and inside a longer text, where no name speaks for it."""
    for path, template in NEUTRAL:
        value = kind.make(rng)
        place = rng.randrange(len(value) * 2 // 3, len(value) - 1)
        blob = draw(rng, BASE64, 400)
        for broken in (
            value[:-1],
            value + rng.choice(HEXADECIMAL),
            value[:place] + "!" + value[place + 1 :],
            blob[:200] + value.strip("=") + blob[200:],
        ):
            yield Sample(path, template.format(value=broken), broken)


def _fills(rng: random.Random) -> dict[str, str]:
    seed = rng.randbytes(8)
    sha1 = hashlib.sha1(seed, usedforsecurity=False).hexdigest()
    return {
        "md5": hashlib.md5(seed, usedforsecurity=False).hexdigest(),
        "sha1": sha1,
        "sha256": hashlib.sha256(seed).hexdigest(),
        "sha384": base64.b64encode(hashlib.sha384(seed).digest()).decode(),
        "uuid": f"{sha1[:8]}-{sha1[8:12]}-4{sha1[13:16]}-8{sha1[17:20]}-{sha1[20:32]}",
        "alnum14": draw(rng, ALPHANUMERIC, 14),
        "alnum16": draw(rng, ALPHANUMERIC.upper(), 16),
        "alnum24": draw(rng, ALPHANUMERIC, 24),
        "base64": draw(rng, BASE64, 43),
        "digits": str(rng.randrange(10**11, 10**12)),
    }


def is_found(sample: Sample) -> bool:
    """Whether a finding lies within the secret; a password within an address is found alone."""
    start = sample.text.index(sample.value)
    end = start + len(sample.value)
    return any(
        start <= finding.start and finding.end <= end + 1 for finding in scan(sample.text, sample.path)
    )


def misses(vendor: str, seed: int) -> tuple[int, list[Sample]]:
    """How many samples there are, and those that are not found."""
    drawn = list(samples(vendor, random.Random(seed)))
    return len(drawn), [sample for sample in drawn if not is_found(sample)]


def false_alarms(vendor: str, seed: int) -> tuple[int, list[tuple[str, Sample]]]:
    """How many near misses there are, and those that a rule is certain of, with its id."""
    drawn = list(near_misses(vendor, random.Random(seed)))
    certain = [(f.rule, s) for s in drawn for f in scan(s.text, s.path) if f.tier == "certain"]
    return len(drawn), certain


def main() -> None:
    """Recall and false alarms by vendor."""
    sys.stdout.write(
        f"{'vendor':24}{'samples':>8}{'found':>8}{'recall':>8}{'near misses':>13}{'certain':>9}\n"
    )
    for vendor in SECRETS:
        n_samples, missed = misses(vendor, 1)
        n_near, alarms = false_alarms(vendor, 1)
        found = n_samples - len(missed)
        sys.stdout.write(
            f"{vendor:24}{n_samples:8}{found:8}{found / n_samples:8.3f}{n_near:13}{len(alarms):9}\n"
        )
    alarms_by_rule = Counter(rule for vendor in SECRETS for rule, _ in false_alarms(vendor, 1)[1])
    sys.stdout.write(f"{alarms_by_rule.most_common()}\n")


if __name__ == "__main__":
    main()
