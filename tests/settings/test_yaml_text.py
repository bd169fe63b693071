"""YAML that somebody else may have written: read in memory that grows with its text."""

import pytest
import yaml

from victor_server.settings.yaml_text import load_bounded


def test_merging_is_bounded() -> None:
    """Nine lines that would become nine to the ninth names are refused."""
    lines = ["a0: &a0 {x: 1, y: 2}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 10)]
    with pytest.raises(yaml.MarkedYAMLError, match="merges too much"):
        load_bounded("\n".join(lines))
    wide = f"a: &a {{x: 1}}\nb: {{<<: [{', '.join(['*a'] * 1000)}]}}"
    with pytest.raises(yaml.MarkedYAMLError, match="merges too much"):
        load_bounded(wide)


def test_what_people_write_is_read() -> None:
    """A profile made of another one, and a long list of names."""
    text = "base: &base {provider: ollama, timeout_s: 5}\nfast: {<<: *base, timeout_s: 1}"
    assert load_bounded(text)["fast"] == {"provider": "ollama", "timeout_s": 1}
    assert load_bounded("a: &a {x: 1}\nb: {<<: [*a, {y: 2}]}")["b"] == {"x": 1, "y": 2}
    assert len(load_bounded("\n".join(f"k{n}: 1" for n in range(3000)))) == 3000
