"""Reads an OpenAPI document: JSON, or YAML, which holds JSON as well."""

from __future__ import annotations

import json
from typing import Any


def document(text: str, suffix: str = ".yaml") -> Any:
    """What an OpenAPI document holds.

    Args:
        text: The document.
        suffix: How its file's name ends; anything but `.json` is read as YAML.

    Raises:
        ValueError: It is damaged.
    """
    if suffix == ".json":
        return json.loads(text)
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None
