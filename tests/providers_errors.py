"""What model servers answer when something is wrong, in each vendor's own shape and wording."""

from typing import Any

from victor_server.errors import (
    ContextTooLong,
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Refused,
    Rejected,
)

KEY = "kq" + "7Zx" * 8
"""A key that some servers repeat in their errors."""

VENDORS: list[tuple[str, int, Any, type[ProviderError]]] = [
    (
        "openai-context",
        400,
        {
            "error": {
                "message": "This model's maximum context length is 8192 tokens. However, your messages resulted in"
                " 9001 tokens. Please reduce the length of the messages.",
                "type": "invalid_request_error",
                "param": "messages",
                "code": "context_length_exceeded",
            }
        },
        ContextTooLong,
    ),
    (
        "vllm-context",
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
        ContextTooLong,
    ),
    (
        "vllm-prompt",
        400,
        {
            "error": {
                "message": "The decoder prompt (length 9000) is longer than the maximum model length of 4096.",
                "type": "BadRequestError",
                "code": 400,
            }
        },
        ContextTooLong,
    ),
    (
        "anthropic-context",
        400,
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "prompt is too long: 210000 tokens > 200000 maximum",
            },
        },
        ContextTooLong,
    ),
    (
        "anthropic-output",
        400,
        {
            "type": "error",
            "error": {
                "type": "invalid_request_error",
                "message": "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000",
            },
        },
        ContextTooLong,
    ),
    (
        "anthropic-large",
        413,
        {
            "type": "error",
            "error": {"type": "request_too_large", "message": "Request exceeds the maximum size"},
        },
        ContextTooLong,
    ),
    (
        "google-context",
        400,
        [
            {
                "error": {
                    "code": 400,
                    "message": "The input token count (1200000) exceeds the maximum number of tokens allowed"
                    " (1048576).",
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
        ContextTooLong,
    ),
    (
        "llamacpp-context",
        400,
        {
            "error": {
                "code": 400,
                "message": "request (5031 tokens) exceeds the available context size (2048 tokens), try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 5031,
                "n_ctx": 2048,
            }
        },
        ContextTooLong,
    ),
    (
        "lmstudio-context",
        400,
        {
            "error": "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded"
            " with context length of only 4096 tokens, which is not enough."
        },
        ContextTooLong,
    ),
    (
        "ollama-context-nested",
        400,
        {
            "error": '{"error":{"code":400,"message":"request (351 tokens) exceeds the available context size'
            ' (256 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":351,"n_ctx":256}}'
        },
        ContextTooLong,
    ),
    ("ollama-context", 400, {"error": "input length exceeds the context length"}, ContextTooLong),
    (
        "xai-context",
        400,
        {
            "code": "Client specified an invalid argument",
            "error": "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        },
        ContextTooLong,
    ),
    (
        "tgi-context",
        422,
        {
            "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs`"
            " tokens and 512 `max_new_tokens`",
            "error_type": "validation",
        },
        ContextTooLong,
    ),
    (
        "tgi-inputs",
        422,
        {"error": "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000"},
        ContextTooLong,
    ),
    (
        "mistral-context",
        400,
        {
            "object": "error",
            "type": "invalid_request_error",
            "message": "Prompt contains 40000 tokens and 0 draft"
            " tokens, too large for model with 32768 maximum context length",
            "code": "3051",
        },
        ContextTooLong,
    ),
    (
        "sglang-context",
        400,
        {
            "object": "error",
            "message": "The input (5031 tokens) is longer than the model's context length (4096 tokens).",
            "type": "BadRequestError",
            "code": 400,
        },
        ContextTooLong,
    ),
    (
        "copilot-context",
        400,
        {
            "error": {
                "message": "prompt token count of 70000 exceeds the limit of 64000",
                "code": "model_max_prompt_tokens_exceeded",
            }
        },
        ContextTooLong,
    ),
    (
        "openai-key",
        401,
        {"error": {"message": f"Incorrect API key provided: {KEY}.", "code": "invalid_api_key"}},
        ProviderAuth,
    ),
    (
        "anthropic-key",
        401,
        {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}},
        ProviderAuth,
    ),
    (
        "anthropic-permission",
        403,
        {"type": "error", "error": {"type": "permission_error", "message": "not yours"}},
        ProviderAuth,
    ),
    (
        "google-key",
        400,
        [
            {
                "error": {
                    "code": 400,
                    "message": "API key not valid. Please pass a valid API key.",
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
        ProviderAuth,
    ),
    (
        "openai-no-credit",
        429,
        {
            "error": {
                "message": "You exceeded your current quota, please check your plan.",
                "type": "insufficient_quota",
                "code": "insufficient_quota",
            }
        },
        ProviderAuth,
    ),
    (
        "openai-limit",
        429,
        {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}},
        RateLimited,
    ),
    (
        "anthropic-overloaded",
        529,
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        RateLimited,
    ),
    (
        "google-limit",
        429,
        [{"error": {"code": 429, "message": "Resource has been exhausted", "status": "RESOURCE_EXHAUSTED"}}],
        RateLimited,
    ),
    (
        "openai-filter",
        400,
        {"error": {"message": "flagged", "code": "content_filter", "type": "invalid_request_error"}},
        Refused,
    ),
    (
        "openai-parameter",
        400,
        {"error": {"message": "Unsupported parameter: 'max_tokens'", "type": "invalid_request_error"}},
        Rejected,
    ),
    (
        "openai-no-model",
        404,
        {"error": {"message": "no such model", "code": "model_not_found"}},
        ProviderUnavailable,
    ),
    ("openai-down", 500, {"error": {"message": "oops", "type": "server_error"}}, ProviderUnavailable),
    ("proxy-down", 502, "<html>Bad Gateway</html>", ProviderUnavailable),
    (
        "llamacpp-loading",
        503,
        {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
        ProviderUnavailable,
    ),
    ("elsewhere", 307, "", ProviderUnavailable),
]
"""Name, status, body, and the error that it means."""
