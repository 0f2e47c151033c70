"""Stands in for asynctest, which respx up to 0.11 imports and no Python since 3.11 can.

respx uses `asynctest.mock` only, and of it what the standard library's mock has as well.
"""

from unittest import mock

__all__ = ["mock"]
