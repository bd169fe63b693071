"""Keys of model providers and the services around them."""

from victor_server.secrets.rule import format_rule

RULES = (
    format_rule(
        "anthropic-api-key",
        "Anthropic API Key",
        "sk-ant-",
        r"sk-ant-(?:api|oat|ort|admin|sid)\d{2}-[A-Za-z0-9_-]{24,}",
    ),
    format_rule(
        "openai-api-key",
        "OpenAI Token",
        "sk-proj- sk-svcacct- sk-admin- sk-none-",
        r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{36,}",
    ),
    format_rule(
        "openai-api-key",
        "OpenAI Token",
        "t3blbkfj",
        r"sk-(?:[A-Za-z0-9_-]{1,120}-)?[A-Za-z0-9_]{20,74}T3BlbkFJ[A-Za-z0-9_]{20,74}",
    ),
    format_rule("openrouter-api-key", "OpenRouter API Key", "sk-or-v1-", r"sk-or-v1-[0-9a-f]{64}"),
    format_rule(
        "langfuse-secret-key",
        "Langfuse Secret Key",
        "sk-lf-",
        r"sk-lf-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    ),
    format_rule("openai-api-key", "OpenAI Token", "sk-", r"sk-[A-Za-z0-9]{48}"),
    format_rule("deepseek-api-key", "DeepSeek API Key", "sk-", r"sk-[0-9a-f]{32}"),
    format_rule("huggingface-token", "Hugging Face Token", "hf_ api_org_", r"(?:hf|api_org)_[A-Za-z0-9]{34}"),
    format_rule("replicate-token", "Replicate Token", "r8_", r"r8_[A-Za-z0-9]{37}"),
    format_rule("groq-api-key", "Groq API Key", "gsk_", r"gsk_[A-Za-z0-9]{52}"),
    format_rule("xai-api-key", "xAI API Key", "xai-", r"xai-[A-Za-z0-9_-]{78,84}"),
    format_rule("perplexity-api-key", "Perplexity API Key", "pplx-", r"pplx-[A-Za-z0-9]{48}"),
    format_rule(
        "langsmith-api-key",
        "LangSmith API Key",
        "lsv2_pt_ lsv2_sk_",
        r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}",
    ),
    format_rule("pinecone-api-key", "Pinecone API Key", "pcsk_", r"pcsk_[A-Za-z0-9_]{50,80}"),
    format_rule("elevenlabs-api-key", "ElevenLabs API Key", "sk_", r"sk_[a-f0-9]{48}"),
    format_rule("tavily-api-key", "Tavily API Key", "tvly-", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{32}"),
    format_rule("fireworks-api-key", "Fireworks API Key", "fw_", r"fw_[A-Za-z0-9]{24}"),
    format_rule("together-api-key", "Together API Key", "tgp_v1_", r"tgp_v1_[\w-]{43}"),
    format_rule("cerebras-api-key", "Cerebras API Key", "csk-", r"csk-[a-z0-9]{48}"),
    format_rule("nvidia-api-key", "NVIDIA API Key", "nvapi-", r"nvapi-[\w-]{60,70}"),
    format_rule("firecrawl-api-key", "Firecrawl API Key", "fc-", r"fc-[a-f0-9]{32}"),
    format_rule("wandb-api-key", "Weights & Biases API Key", "wandb_v1_", r"wandb_v1_[A-Za-z0-9_]{60,100}"),
    format_rule("jina-api-key", "Jina API Key", "jina_", r"jina_[a-f0-9]{32}[\w-]{28}"),
    format_rule("e2b-api-key", "E2B API Key", "e2b_", r"e2b_[a-f0-9]{40}"),
    format_rule("voyage-api-key", "Voyage API Key", "pa-", r"pa-[A-Za-z0-9_-]{43}"),
)
