"""The fixtures of the kit's tests."""

from fixtures import *  # noqa: F403 - pytest finds fixtures by their names here
