"""The names of all tasks: what `profiles.yaml` may list, and what the router knows more about."""

TASK_NAMES = (
    "chat",
    "explanation",
    "bug_fixing",
    "code_review",
    "test_generation",
    "documentation",
    "refactoring",
    "commit_message",
    "code_completion",
    "summary",
    "architecture_decisions",
    "production_debugging",
    "security_analysis",
)
