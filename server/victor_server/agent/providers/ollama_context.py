"""Chooses how large a context Ollama is asked for: from the model's limit and the machine's memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from victor_server.agent.providers.json_values import count

MOST_CHOSEN = 32_768
"""Without a word of the person: more is slow on most machines, and memory that other programs want."""

MOST_CHOSEN_ELSEWHERE = 16_384
"""On a machine whose memory we cannot see."""

LEAST = 2_048
_STEP = 1_024
_SHARE_OF_MEMORY = 0.6
_BYTES_OF_A_VALUE = 2


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that Ollama runs on; `memory_bytes` None where it is another than this one."""

    memory_bytes: int | None


def chosen_context(
    model_info: Mapping[str, Any], model_bytes: int, machine: Machine, wanted: int | None
) -> int:
    """Return `num_ctx`: constant for a model, as Ollama loads the model again whenever it changes.

    `model_info` is what `/api/show` tells, `wanted` what the profile says: it counts, up to the model's own limit.
    """
    limit = count(_value(model_info, "context_length")) or MOST_CHOSEN
    if wanted:
        return min(wanted, limit)
    if machine.memory_bytes is None:
        return min(limit, MOST_CHOSEN_ELSEWHERE)
    return min(limit, MOST_CHOSEN, _that_fits(model_info, model_bytes, machine.memory_bytes))


def _that_fits(model_info: Mapping[str, Any], model_bytes: int, memory_bytes: int) -> int:
    """The context whose cache of keys and values fits into memory beside the model."""
    token_bytes = _bytes_of_a_token(model_info)
    if not token_bytes:
        return MOST_CHOSEN
    left = memory_bytes * _SHARE_OF_MEMORY - model_bytes
    return max(LEAST, int(left / token_bytes) // _STEP * _STEP)


def _bytes_of_a_token(model_info: Mapping[str, Any]) -> int:
    layers = count(_value(model_info, "block_count"))
    heads = count(_value(model_info, "attention.head_count"))
    kv_heads = count(_value(model_info, "attention.head_count_kv")) or heads
    width = count(_value(model_info, "embedding_length"))
    head = count(_value(model_info, "attention.key_length")) or (width // heads if heads else 0)
    return layers * kv_heads * head * 2 * _BYTES_OF_A_VALUE


def _value(model_info: Mapping[str, Any], name: str) -> Any:
    """The value of the model's own architecture: `qwen2.context_length` where `general.architecture` is qwen2."""
    return model_info.get(f"{model_info.get('general.architecture')}.{name}")
