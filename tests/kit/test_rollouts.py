"""The examples of a canary as a step of a rollout: what they run is what the command line takes."""

import shlex

import pytest
import yaml

from repro.kit import __main__ as main
from repro.kit.canary import deployment

FOLDER = deployment.PROFILES.with_name("rollouts")
ARGUMENTS = {"{{args.stable}}": "http://stable", "{{args.candidate}}": "http://candidate"}


def documents(name):
    """The documents of an example."""
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def chosen(command):
    """What the command line makes of a command that runs `nox -s canary`."""
    assert command[:4] == ["nox", "-s", "canary", "--"]
    return main.read(["canary", *(ARGUMENTS.get(word, word) for word in command[4:])])


def test_analysis_of_a_rollout_runs_the_canary():
    """The job of the analysis template is a command that is understood, given the arguments that the rollout passes."""
    template, rollout = documents("argo.yaml")
    assert (template["kind"], rollout["kind"]) == ("AnalysisTemplate", "Rollout")
    assert {each["apiVersion"] for each in (template, rollout)} == {"argoproj.io/v1alpha1"}
    (metric,) = template["spec"]["metrics"]
    job = metric["provider"]["job"]["spec"]
    (container,) = job["template"]["spec"]["containers"]
    found = chosen([*container["command"], *container["args"]])
    assert (found.stable, found.candidate) == ("http://stable", "http://candidate")
    # It ends by itself before it is ended.
    assert found.timeout < job["activeDeadlineSeconds"]
    assert (job["backoffLimit"], metric["count"], metric["failureLimit"]) == (0, 1, 0)
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert str(found.contract.parent) == mounts["contract"]
    assert {volume["name"] for volume in job["template"]["spec"]["volumes"]} == set(mounts)


def test_rollout_passes_what_its_analysis_wants():
    """The step names the template, and gives each of its arguments; its services are those of the strategy."""
    template, rollout = documents("argo.yaml")
    strategy = rollout["spec"]["strategy"]["canary"]
    (step,) = [step["analysis"] for step in strategy["steps"] if "analysis" in step]
    assert step["templates"] == [{"templateName": template["metadata"]["name"]}]
    given = {each["name"]: each["value"] for each in step["args"]}
    assert given.keys() == {each["name"] for each in template["spec"]["args"]}
    assert given == {
        "stable": f"http://{strategy['stableService']}",
        "candidate": f"http://{strategy['canaryService']}",
    }
    selector = rollout["spec"]["selector"]["matchLabels"]
    assert selector.items() <= rollout["spec"]["template"]["metadata"]["labels"].items()


def test_job_between_deploying_and_promoting_runs_the_canary():
    """The job runs a command that is understood, keeps the page whatever comes of it, and promoting waits for it."""
    (workflow,) = documents("github.yaml")
    verify, promote = workflow["jobs"]["verify"], workflow["jobs"]["promote"]
    assert promote["needs"] == "verify"
    (command,) = [step["run"] for step in verify["steps"] if "canary" in step.get("run", "")]
    found = chosen(shlex.split(command))
    (keeping,) = [step for step in verify["steps"] if "upload-artifact" in step.get("uses", "")]
    assert keeping["if"] == "always()"
    assert keeping["with"]["path"] == str(found.output)
    assert found.timeout < verify["timeout-minutes"] * 60


@pytest.mark.parametrize("step", documents("github.yaml")[0]["jobs"]["verify"]["steps"])
def test_actions_are_pinned_by_their_hash(step):
    """What somebody else can move is not what runs beside a secret."""
    assert "uses" not in step or len(step["uses"].partition("@")[2]) == 40
