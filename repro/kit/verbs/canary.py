"""The verb `canary`: verifies a candidate beside stable, and promotes it, or holds it and says why."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from repro.kit import arguments, console, interpreter
from repro.problem import Problem

if TYPE_CHECKING:
    import argparse

    from repro.kit.run import Run
    from repro.kit.workspace import Workspace


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's options."""
    parser.add_argument("releases", nargs="*", metavar="A B", help="serve the service under these two, and drive both")
    parser.add_argument("--service", choices=("reproduction", "hardened"), default="reproduction", help="which service")
    parser.add_argument("--profile", default="calm", help="what the upstream behind them does (default: calm)")
    parser.add_argument("--stable", metavar="URL", help="the deployment that is there")
    parser.add_argument("--candidate", metavar="URL", help="the deployment beside it")
    parser.add_argument("--contract", type=Path, metavar="FILE", help="what to send: TOML, or an OpenAPI document")
    parser.add_argument("--allow", action="append", default=[], metavar="NAME", help="send this one, which is not safe")
    parser.add_argument("--requests", type=arguments.times, metavar="N", help="how many to each side (default: 1000)")
    parser.add_argument("--rate", type=float, metavar="R", help="requests a second to a deployment, at most")
    parser.add_argument("--trust", metavar="FILE", help="trust these certificates instead of the system's")
    parser.add_argument("--seed", type=int, default=0, help="decides the order of the requests (default: 0)")
    parser.add_argument("--timeout", type=float, default=900.0, metavar="SECONDS", help="bounds the whole")
    parser.add_argument("--format", choices=("text", "json", "markdown", "html"), default="text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead of printing it")
    parser.add_argument("--python", type=arguments.minor, help="the Python to serve under (default: this one)")
    parser.set_defaults(verb=_canary)


def _canary(chosen: argparse.Namespace, workspace: Workspace, run: Run) -> int:
    """Verify a candidate beside stable, and print or write the verdict in the form asked for."""
    from repro.kit.canary import contract, deployment, verification  # scipy is there in the session that needs it
    from repro.kit.report import canary, canary_page

    urls = {"stable": chosen.stable, "candidate": chosen.candidate}
    there = any(urls.values())
    if there == bool(chosen.releases) or len(chosen.releases) not in {0, 2} or (there and not all(urls.values())):
        raise Problem(
            "A canary has two sides: two releases, or the URLs of two deployments.",
            "As in: nox -s canary -- 0.12.1 0.13.0, or -- --stable URL --candidate URL --contract FILE",
        )
    if there and not chosen.contract:
        raise Problem("What to send to the deployments is not said.", "Give --contract FILE.")
    if chosen.profile not in deployment.profiles():
        raise Problem(
            f"{chosen.profile!r} is no fault profile.", f"The profiles are {', '.join(deployment.profiles())}."
        )
    sent = (
        contract.read(chosen.contract, os.environ, chosen.allow)
        if chosen.contract
        else contract.Contract((contract.SEARCH,))
    )
    asked = verification.Options(chosen.requests, chosen.rate, chosen.seed, chosen.trust)
    with contextlib.ExitStack() as stack:
        until = stack.enter_context(verification.bounded(chosen.timeout))
        if there:
            sides = {name: verification.checked_url(url, name) for name, url in urls.items()}
            deployments = {name: deployment.Deployment(name, url) for name, url in sides.items()}
        else:
            releases = workspace.releases()
            minor = chosen.python or arguments.THIS_PYTHON
            subjects = dict(zip(urls, arguments.sides(chosen.releases, releases), strict=True))
            sides = {name: str(subject) for name, subject in subjects.items()}
            python = interpreter.find(minor)
            stands = deployment.stood_up(
                subjects, chosen.service, chosen.profile, python, minor, releases, workspace, say=console.complain
            )
            deployments = stack.enter_context(stands)
        body = verification.verify(deployments, sent, sides, asked, until=until, progress=console.progress)
    output = chosen.output
    forms = {
        "json": lambda: json.dumps(body, indent=1, ensure_ascii=False) + "\n",
        "markdown": lambda: canary.markdown(body),
        "html": lambda: canary_page.page(body),
        "text": lambda: canary.text(
            body, width=console.width(output), paint=console.paint(output), last=output is None
        ),
    }
    console.tell(forms[chosen.format](), output, canary.says(body))
    return 0 if body["verdict"] == "promote" else 1
