"""Services that are stood up under the release that is installed beside the tests, for the fixture `here`."""

import sys

from stage import MINOR, release

from repro.kit.canary.deployment import stood_up
from repro.kit.workspace import Workspace
from repro.release import Releases

#: What a search for firefly finds.
FOUND = [{"id": 1437, "title": "Firefly"}, {"id": 98, "title": "Élite"}]


def up(subjects=None, profile="calm", service="reproduction"):
    """Stand services up under the release that is installed here."""
    subjects = subjects or dict.fromkeys(("stable", "candidate"), release("0.28.1"))
    return stood_up(subjects, service, profile, sys.executable, MINOR, Releases.load(), Workspace())


def ask(side, path="/movies/search?q=firefly"):
    """The status and the JSON that a deployment answers."""
    import urllib3

    answer = urllib3.request("GET", side.url + path, retries=False)
    return answer.status, answer.json() if answer.status == 200 else None
