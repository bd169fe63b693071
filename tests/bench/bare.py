"""How to start the bare pygls server that ours is measured against."""

import sys
from pathlib import Path

BARE = (sys.executable, "-P", str(Path(__file__).with_name("bare_server.py")))
