"""Texts with marks around the secret that is to be found in them, filled in when a test runs."""

from victor_server.secrets.scanner import scan

FILLINGS = {
    "{P}": "tR7!kw" + "Q2#zp9",  # a strong password
    "{H}": "hunter" + "2024",  # one that a person chose
    "{N}": "kfm" + "wpzq",  # letters that make no word
    "{W}": "galat" + "asaray",  # a word
    "{T}": "q7Wn2Lx9" + "Vb4Tz8Kd1Rp6Mc3Hs5Gy0Jf2",  # a machine's token
    "{X}": "9f86d081" + "884c7d659a2feaa0c55ad015",  # one in base 16
    "{U}": "5f0c6f3a" + "-8e4b-4c8e-9d57-2b1f6a7c3e90",  # one that is a UUID
}
"""What stands for a secret in a fixture: no fixture holds one, so that scanners stay silent on the tests."""


def filled(fixture: str) -> str:
    """The fixture with secrets in it."""
    for name, value in FILLINGS.items():
        fixture = fixture.replace(name, value)
    return fixture


def check_found(fixture: str, path: str, rule: str = "secret-assignment") -> None:
    """What stands between « and » is found by `rule`, at exactly that place, and nothing else is."""
    before, _, rest = filled(fixture).partition("«")
    value, _, after = rest.partition("»")
    text = before + value + after
    found = [(finding.rule, text[finding.start : finding.end], finding.start) for finding in scan(text, path)]
    assert found == [(rule, value, len(before))], text


def check_quiet(fixture: str, path: str) -> None:
    """Nothing is found."""
    text = filled(fixture)
    assert [(finding.rule, text[finding.start : finding.end]) for finding in scan(text, path)] == [], text
