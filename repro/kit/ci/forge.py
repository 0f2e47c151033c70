"""The API of GitHub, as far as CI here needs it: JSON out and in, page by page. A redirect is an answer, not followed.

The token goes to the one host that was named, and into no message.
"""

from __future__ import annotations

import http.client
import json
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: How many entries a page has: the most that GitHub gives.
PAGE = 100

_TIMEOUT = 30.0
_SUCCESS = 2  # as in 200 to 299


@dataclass(frozen=True)
class Forge:
    """A repository, seen through the API.

    Attributes:
        api: The address of the API, as `https://api.github.com`.
        repository: The repository, as `owner/name`.
        token: What authorises.
    """

    api: str
    repository: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Forge:
        """The repository that a runner of GitHub Actions works for.

        Raises:
            Problem: The environment does not name it, or has no token.
        """
        for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN"):
            if not environ.get(name):
                raise Problem(f"{name} is not set.", "Run this in a job of GitHub Actions, or set it.")
        api = environ.get("GITHUB_API_URL", "https://api.github.com")
        return cls(api.rstrip("/"), environ["GITHUB_REPOSITORY"], environ["GITHUB_TOKEN"])

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request about the repository, and return what is answered.

        Args:
            method: The method.
            path: The path below the repository, with its query.
            body: What is sent as JSON; None for nothing.

        Raises:
            Problem: The API refused, or could not be reached.
        """
        place = urllib.parse.urlsplit(self.api)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        connection = kind(place.netloc, timeout=_TIMEOUT)
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "User-Agent": "httpx-upgrade-kit",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        sent = None if body is None else json.dumps(body)
        try:
            connection.request(method, f"{place.path}/repos/{self.repository}/{path}", sent, headers)
            response = connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Problem(f"{self.api} could not be reached: {error}.", "Run the job again.", code=3) from None
        finally:
            connection.close()
        try:
            answered = json.loads(text) if text else None
        except ValueError:
            answered = None
        if response.status // 100 != _SUCCESS:
            said = answered.get("message", "") if isinstance(answered, dict) else ""
            raise Problem(
                f"{method} {path} was answered {response.status}: {said or response.reason}.",
                "Look at the permissions of the job: a pull request from a fork may read and no more.",
                code=3,
            )
        return answered

    def every(self, path: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list, page by page.

        Args:
            path: The path of the list below the repository, with its query.
        """
        separator = "&" if "?" in path else "?"
        page = 1
        while True:
            entries = self.call("GET", f"{path}{separator}per_page={PAGE}&page={page}")
            yield from entries
            if len(entries) < PAGE:
                return
            page += 1
