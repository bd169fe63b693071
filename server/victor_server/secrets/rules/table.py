"""All rules, the surer ones first: where two claim the same text, the earlier has it."""

from victor_server.secrets.rule import Rule
from victor_server.secrets.rules import (
    addresses,
    ai,
    assignment,
    aws,
    azure,
    business,
    calls,
    cloud,
    code_hosting,
    commands,
    data,
    files,
    google,
    kubernetes,
    messaging,
    operations,
    payment,
    structure,
    web_services,
)
from victor_server.secrets.rules.named import NamedRule

_VENDORS: tuple[Rule, ...] = (
    *aws.RULES,
    *azure.RULES,
    *google.RULES,
    *cloud.RULES,
    *code_hosting.RULES,
    *messaging.RULES,
    *payment.RULES,
    *operations.RULES,
    *data.RULES,
    *business.RULES,
    *web_services.RULES,
)

RULES: tuple[Rule, ...] = (
    *ai.RULES,
    *(rule for rule in _VENDORS if not isinstance(rule, NamedRule)),
    *(rule for rule in _VENDORS if isinstance(rule, NamedRule)),
    *structure.RULES,
    *kubernetes.RULES,
    *files.RULES,
    *addresses.RULES,
    *commands.RULES,
    *calls.RULES,
    *assignment.RULES,
)
