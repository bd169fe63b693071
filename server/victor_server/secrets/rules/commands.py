"""Credentials that commands and statements are given: `curl -u`, `sshpass -p`, `IDENTIFIED BY`, `-AsPlainText`."""

from dataclasses import replace

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import is_placeholder, is_reference
from victor_server.secrets.judge.people import could_be_chosen, is_strong, is_usual, is_word
from victor_server.secrets.rule import Rule, format_rule
from victor_server.secrets.rules.addresses import judge_placed

_VALUE = r"[\"']?(?P<value>[^\s\"'`;|&<>$()\\,]{3,100}+)"


def _judge_given(value: str) -> Tier | None:
    """What stands where a password must stand, in a command."""
    tier = judge_placed(value)
    if (
        tier is None
        or value.startswith(("-", "/", "@", "file:", "env:", "[", "%", "*"))
        or not could_be_chosen(value)
    ):
        return None
    return "certain" if is_strong(value) else "possible"


def _judge_stated(value: str) -> Tier | None:
    """What stands where a password must stand, in a statement: here a name of a variable would not be quoted."""
    if is_placeholder(value) or is_reference(value) or not could_be_chosen(value):
        return None
    if is_word(value) and not (value.islower() or is_usual(value)):
        return None
    return "certain" if is_strong(value) and not is_word(value) else "possible"


def _command(keywords: str, pattern: str) -> Rule:
    """`keywords` are separated by bars: commands hold spaces."""
    rule = format_rule(
        "command-password", "Basic Auth Credentials", "", pattern, judge=_judge_given, bounded=False
    )
    return replace(rule, keywords=tuple(keywords.split("|")))


def _statement(rule_id: str, keywords: str, pattern: str) -> Rule:
    return format_rule(
        rule_id, "Password in Statement", keywords, pattern, judge=_judge_stated, bounded=False
    )


_CALLERS = (
    *("curl", "wget", "siege", "ab -", "xh -"),
    *(f"http{s} {word}" for s in ("", "s") for word in ("-", "get", "post", "put", "patch", "delete")),
)
"""Names of two letters, or that stand in every address, count only where they are called: each hit costs time."""

RULES = (
    replace(
        format_rule(
            "curl-user",
            "Basic Auth Credentials",
            "curl",
            r"\b(?:curl|wget|http|https|ab|siege|xh)(?=\s)[^\r\n|;]{0,160}?[\s\"'](?:-u|--user|-a|--auth|-A|--basic)[ =]{0,2}[\"']?"
            r"[^\s:\"'$<>{}/=-][^\s:\"'$<>{}/=]{0,60}:(?P<value>[^\s\"'|;<>{}`]{3,100}+)",
            judge=judge_placed,
        ),
        keywords=_CALLERS,
    ),
    _command("sshpass", rf"\bsshpass\s{{1,3}}-p\s?{_VALUE}"),
    _command(
        "mysql|mariadb",
        rf"\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlcheck|mariadb|mariadb-dump|mariadb-admin)\s"
        rf"[^\r\n|;]{{0,200}}?(?<=\s)-p(?![\s-]){_VALUE}",
    ),
    _command(
        "docker login|podman login|registry login|az login|oc login|cf login|skopeo login|buildah login|nerdctl login|ibmcloud login",
        rf"\b(?:docker|podman|buildah|skopeo|helm\sregistry|az|oc|cf|ibmcloud|nerdctl)\slogin\s[^\r\n|;]{{0,160}}?(?<=\s)-p\s{_VALUE}",
    ),
    _command(
        "mongo |mongosh |mongodump|mongorestore|mongoimport|mongoexport|redis-cli |sqlcmd |cqlsh |zip -|smbclient |bcp |sqlplus |ldapsearch |ldapadd |ldapmodify |ldapdelete |ldappasswd ",
        r"\b(?:(?:mongo|mongosh|mongodump|mongorestore|mongoimport|mongoexport|cqlsh)\s[^\r\n|;]{0,160}?(?<=\s)-p\s?"
        r"|redis-cli\s[^\r\n|;]{0,100}?(?<=\s)-a\s|(?:sqlcmd|bcp|zip|unzip)\s[^\r\n|;]{0,160}?(?<=\s)-P\s?"
        r"|smbclient\s[^\r\n|;]{0,160}?-U\s?[\"']?[\w\\.-]{1,40}%|sqlplus\s[^\r\n|;]{0,60}?\b[\w$#]{1,40}/"
        rf"|ldap(?:search|add|modify|delete|passwd)\s[^\r\n|;]{{0,200}}?(?<=\s)-w\s){_VALUE}",
    ),
    _command(
        "htpasswd",
        rf"\bhtpasswd\s[^\r\n|;]{{0,80}}?-\w{{0,6}}b\w{{0,6}}\s[^\s\"']{{0,80}}\s?[\w.@-]{{1,60}}\s{_VALUE}",
    ),
    _command("pass:", rf"-pass(?:in|out)?\s[\"']?pass:{_VALUE}"),
    _command(
        "chpasswd",
        r"[\"'\s][\w.-]{1,40}:(?P<value>[^\s\"'$|:]{3,100}+)[\"']?\s{0,3}\|\s{0,3}(?:sudo\s)?chpasswd",
    ),
    _command(
        "--stdin|sudo |vncpasswd",
        rf"\becho\s(?:-\w\s)?{_VALUE}[\"']?\s{{0,3}}\|\s{{0,3}}(?:sudo\s(?:-\w\s)?)?(?:passwd\s[^\r\n|;]{{0,40}}--stdin|vncpasswd|sudo\s[^\r\n|;]{{0,20}}-\w?S)",
    ),
    _command(
        "net use|net user|net1 use|net1 user",
        rf"(?i:\bnet1?\s(?:use\s(?:\w:\s)?\\\\[\w.\\$-]{{1,80}}|user\s[\w.-]{{1,40}}))\s(?!/){_VALUE}(?=\s{{1,3}}/)",
    ),
    _command(
        "rabbitmqctl",
        rf"\brabbitmqctl\s(?:[^\r\n|;]{{0,40}}\s)?(?:add_user|change_password|authenticate_user)\s[\w.@-]{{1,40}}\s{_VALUE}",
    ),
    format_rule(
        "router-password",
        "Password of Network Device",
        "username snmp-server tacacs radius-server isakmp enable neighbor",
        r"(?:^|(?<=\n))[ \t]{0,8}(?:enable\s(?:password|secret)(?:\slevel\s\d{1,2})?|username\s(?!and\s|or\s)\S{1,60}\s(?:privilege\s\d{1,2}\s)?(?:password|secret)"
        r"|(?:tacacs|radius)-server\s(?:host\s\S{1,60}\s)?key|crypto\sisakmp\skey|snmp-server\scommunity|neighbor\s\S{1,60}\spassword)"
        r"\s(?:[057]\s)?(?P<value>[^\s\"'<>]{3,100}+)",
        judge=_judge_stated,
        bounded=False,
    ),
    _command("stats auth", r"\bstats\s{1,3}auth\s{1,3}[\w.@-]{1,60}:(?P<value>\S{3,100}+)"),
    _statement(
        "powershell-password",
        "convertto-securestring securestring",
        r"(?i:convertto-securestring)\s{1,3}(?:(?i:-string|-asplaintext|-force|-a|-f)\s{1,3}){0,3}(?:\"(?=[^\"\r\n]{1,100}\")|'(?=[^'\r\n]{1,100}'))(?P<value>[^\"'\r\n]{3,100}+)",
    ),
    _statement(
        "sql-password",
        "identified",
        r"(?i:\bidentified\s{1,3}(?:with\s{1,3}[\w\"'`]{1,60}\s{1,3})?(?:by|as)\s{1,3}(?:password\s{1,3})?)\\?[\"'](?P<value>[^\"'\\\r\n]{3,100}+)(?=\\?[\"'])",
    ),
    _statement(
        "sql-password",
        "password",
        r"(?i:\b(?:create|alter)\s{1,3}(?:user|role|login|database|account|certificate|credential)\b[^\r\n;]{0,160}?\b(?:password|secret|passwd)\s{0,3}=?\s{0,3}|"
        r"\bset\s{1,3}password\b[^\r\n;]{0,100}?=\s{0,3}(?:password\s?\(\s?)?|(?:=|\bselect)\s{0,3}password\s?\(\s?(?=['\"]))N?\\?['\"](?P<value>[^\"'\\\r\n]{3,100}+)(?=\\?['\"])",
    ),
)
