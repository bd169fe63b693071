"""What `detect-secrets scan -p FILE` loads: every rule of ours as a plugin.

Runs once for each plugin that a baseline names, so that there is nothing in it but names.
"""

from victor_server.secrets.detect_secrets_rules import plugin_classes

globals().update(plugin_classes())
