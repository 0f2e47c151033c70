"""The fixtures of the kit's tests, and what they play on, for whole runs."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))

from fixtures import *  # noqa: F403 - found on the path above; pytest finds fixtures by their names here
