"""Sends the requests of a contract to both sides, and measures what comes back. Prints nothing.

Each round sends one request to stable, to stable once more, and to the candidate, in random order, so that whatever
else the machines do falls on all three alike. Redirects are answers like any other and never followed, so no request
leaves for another host. One request is on its way at a time: what is measured is how long one takes, not how many fit.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import urllib3

from repro.kit.canary.facets import FAILED, Collected, facets
from repro.kit.canary.judge import Side
from repro.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prometheus_client.samples import Sample

    from repro.kit.canary.contract import Contract, Metrics, Request
    from repro.kit.canary.deployment import Deployment

#: The three that requests go to: the deployment of each, by the name of its side.
ARMS = {"stable": "stable", "again": "stable", "candidate": "candidate"}
#: How many rounds are sent before anything is measured.
WARM_UP = 20
#: How long one request may take, in seconds.
PATIENCE = 30.0
#: After how many requests in a row without any answer a side counts as gone.
GONE = 20
#: Headers of what a service sends upstream that differ with the release's name and the stand-in's port.
_NAMES = {"user-agent", "host"}


@dataclass
class Arm:
    """What was measured of one of the three.

    Attributes:
        seconds: How long each answered request took.
        sent: How many were sent.
        errors: How many failed.
        attempts: How many requests arrived upstream; None where nobody counts.
        connections: How many connections were opened upstream; None where nobody counts.
        silent: How many in a row had no answer at all, up to now.
    """

    seconds: list[float] = field(default_factory=list)
    sent: int = 0
    errors: int = 0
    attempts: int | None = None
    connections: int | None = None
    silent: int = 0

    def side(self) -> Side:
        """The same as the judge takes it."""
        retries = None if self.attempts is None else max(0, self.attempts - self.sent)
        return Side(self.seconds, self.sent, self.errors, retries, self.connections)


@dataclass(frozen=True)
class Measured:
    """What a canary measured.

    Attributes:
        arms: Each of the three.
        stable: The facets of what stable answered, both times.
        candidate: The facets of what the candidate answered.
        trouble: What ended it before its time; None if nothing did.
        remarks: What a reader should know of how it was measured.
    """

    arms: Mapping[str, Side]
    stable: Collected
    candidate: Collected
    trouble: str | None
    remarks: list[str]


class Client:
    """Sends requests to one deployment, over connections that are kept.

    Args:
        deployment: Where to.
        contract: What is sent.
        trust: A file of certificates to trust instead of the system's; None for the system's.
    """

    def __init__(self, deployment: Deployment, contract: Contract, trust: str | None) -> None:
        self.deployment = deployment
        self._pool = urllib3.PoolManager(
            num_pools=1, maxsize=2, retries=False, timeout=PATIENCE, cert_reqs="CERT_REQUIRED", ca_certs=trust
        )
        self._pause = 0.0 if contract.rate is None else 1 / contract.rate

    def send(self, request: Request) -> tuple[float, int, dict[str, str]]:
        """Send a request: the seconds it took, its status (0 for no answer), and the facets of what came back."""
        wait = self.deployment.free - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        begun = time.perf_counter()
        try:
            answer = self._pool.request(
                request.method,
                self.deployment.url + request.path,
                body=request.body,
                headers=request.sent_with(),
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, OSError):
            return time.perf_counter() - begun, 0, {}
        finally:
            self.deployment.free = time.monotonic() + self._pause
        seconds = time.perf_counter() - begun
        headers = [(name, value) for name, value in answer.headers.items()]
        return seconds, answer.status, facets(request, answer.status, headers, answer.data)

    def upstream(self) -> tuple[int, int, dict[str, str]] | None:
        """What arrived at the stand-in since it was asked last: requests, new connections, and the facets of the first.

        None where there is no stand-in.
        """
        if self.deployment.upstream is None:
            return None
        seen = self.deployment.upstream.lines()
        opened = {entry["connection"] for entry in seen} - self.deployment.connections
        self.deployment.connections |= opened
        found: dict[str, str] = {}
        if seen:
            found["request upstream"] = seen[0]["request"]
            for name, value in seen[0]["headers"]:
                if name.lower() not in _NAMES and name.lower() != "x-api-key":
                    found[f"header upstream {name.lower()}"] = value
            found["headers upstream, in order"] = ", ".join(name for name, _ in seen[0]["headers"])
        return len(seen), len(opened), found

    def metrics(self, metrics: Metrics) -> dict[str, float]:
        """What the deployment has counted, by the names `retries` and `connections`.

        Raises:
            Problem: Its metrics cannot be read, or lack a counter that the contract names.
        """
        from prometheus_client.parser import text_string_to_metric_families

        try:
            answer = self._pool.request("GET", self.deployment.url + metrics.path, redirect=False)
            families = list(text_string_to_metric_families(answer.data.decode()))
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise Problem(
                f"The metrics of {self.deployment.name} at {metrics.path} cannot be read: {error}.",
                "Mend [metrics] of the contract, or leave it out.",
                code=3,
            ) from None
        found = {}
        for what in ("retries", "connections"):
            if name := getattr(metrics, what):
                samples = [each for family in families for each in family.samples if _is(each, name)]
                if not samples:
                    raise Problem(
                        f"The metrics of {self.deployment.name} at {metrics.path} have no counter {name}.",
                        "Mend [metrics] of the contract, or leave it out.",
                        code=3,
                    )
                found[what] = sum(each.value for each in samples)
        return found


def _is(sample: Sample, name: str) -> bool:
    """Whether a sample is of the counter that a contract names, with the labels that it chooses."""
    wanted, _, chosen = name.partition("{")
    if sample.name != wanted:
        return False
    pairs = (pair.partition("=") for pair in chosen.rstrip("}").split(",") if pair)
    return all(sample.labels.get(key.strip()) == value.strip().strip('"') for key, _, value in pairs)


def drive(
    deployments: Mapping[str, Deployment],
    contract: Contract,
    *,
    seed: int,
    until: float,
    trust: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Measured:
    """Send the requests of a contract, and measure.

    Args:
        deployments: Both sides, by name.
        contract: What to send.
        seed: Decides the order.
        until: When to stop, as `time.monotonic` counts; what is measured by then is judged.
        trust: A file of certificates to trust instead of the system's.
        progress: Told how many rounds are done, and of how many.

    Raises:
        Problem: A side cannot be reached at all, or its metrics cannot be read.
    """
    order = random.Random(seed)  # noqa: S311 - an order, not a secret
    clients = {arm: Client(deployments[side], contract, trust) for arm, side in ARMS.items()}
    arms = {arm: Arm() for arm in ARMS}
    kept = {side: Collected() for side in ("stable", "candidate")}
    remarks: list[str] = []
    for number in range(WARM_UP):
        for client in clients.values():
            _, status, _ = client.send(contract.requests[number % len(contract.requests)])
            client.upstream()
            if status == 0 and number == 0:
                raise Problem(
                    f"{client.deployment.name} at {client.deployment.url} does not answer.",
                    "Start it, or give another URL.",
                    code=3,
                )
    counted = _counted(clients, contract)
    trouble = None
    for number in range(contract.each):
        if time.monotonic() >= until:
            remarks.append(f"time was up after {number} of {contract.each} requests a side")
            break
        request = contract.requests[number % len(contract.requests)]
        for arm in order.sample(list(ARMS), len(ARMS)):
            _exchange(clients[arm], request, arms[arm], kept[ARMS[arm]])
        if trouble := _trouble(clients, arms):
            break
        progress(number + 1, contract.each)
    if trouble is None and contract.metrics:
        _count(arms, counted, _counted(clients, contract))
    return Measured(
        {name: arm.side() for name, arm in arms.items()}, kept["stable"], kept["candidate"], trouble, remarks
    )


def _exchange(client: Client, request: Request, arm: Arm, kept: Collected) -> None:
    """Send a request, and keep what came of it."""
    seconds, status, found = client.send(request)
    arm.sent += 1
    arm.silent = arm.silent + 1 if status == 0 else 0
    if status == 0 or status >= FAILED:
        arm.errors += 1
    if status:
        arm.seconds.append(seconds)
    if (upstream := client.upstream()) is not None:
        attempts, opened, sent = upstream
        arm.attempts = (arm.attempts or 0) + attempts
        arm.connections = (arm.connections or 0) + opened
        found |= sent if found else {}
    if found:
        kept.add(request.name, found)


def _trouble(clients: Mapping[str, Client], arms: Mapping[str, Arm]) -> str | None:
    """What ends a canary before its time."""
    for name, client in clients.items():
        if found := client.deployment.trouble():
            return found
        if arms[name].silent >= GONE:
            return f"{client.deployment.name} did not answer {GONE} times in a row"
    return None


def _counted(clients: Mapping[str, Client], contract: Contract) -> dict[str, dict[str, float]]:
    """What each side has counted until now."""
    if contract.metrics is None:
        return {}
    return {side: clients[side].metrics(contract.metrics) for side in ("stable", "candidate")}


def _count(
    arms: Mapping[str, Arm], before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]
) -> None:
    """Give each of the three what its side counted; stable's two share what stable counted."""
    for side, counts in after.items():
        of = [arms[arm] for arm, where in ARMS.items() if where == side]
        for what, value in counts.items():
            whole = max(0, round(value - before[side][what]))
            for place, arm in enumerate(of):
                share = whole // len(of) + (1 if place < whole % len(of) else 0)
                if what == "retries":
                    arm.attempts = arm.sent + share
                else:
                    arm.connections = share
