"""All rules, the surer ones first: where two claim the same text, the earlier has it."""

from victor_server.secrets.rule import Rule
from victor_server.secrets.rules import (
    ai,
    assignment,
    cloud,
    code_hosting,
    messaging,
    operations,
    payment,
    structure,
)

RULES: tuple[Rule, ...] = (
    *ai.RULES,
    *cloud.RULES,
    *code_hosting.RULES,
    *messaging.RULES,
    *payment.RULES,
    *operations.RULES,
    *structure.RULES,
    *assignment.RULES,
)
