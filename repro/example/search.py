"""The client of the example: it searches a catalogue of films."""

from __future__ import annotations

from typing import Any, Self

import httpx


class Search:
    """Searches a catalogue; a context manager that holds one connection pool.

    Args:
        url: Where the catalogue is, with the path that all its addresses begin with.
        key: The secret to be let in with.
    """

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def films(self, title: str) -> Any:
        """What the catalogue finds for a title.

        Raises:
            httpx.HTTPError: The catalogue did not answer, or with an error.
        """
        answer = self._client.get("/search", params={"title": title})
        answer.raise_for_status()
        return answer.json()
