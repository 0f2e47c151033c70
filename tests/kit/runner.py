"""A runner of workflows: it runs the commands of a job in order, as GitHub's runner would, from a clean clone.

It knows what the workflows here use and no more: `run` steps with their environment, outputs and summaries, artifacts,
and expressions that name an input, an output, a value of the matrix or of the context. Actions are not run: a checkout
is the clone, `prepare` is the interpreter of these tests, and artifacts are folders.
"""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from stage import ROOT

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def clone(target, without=("snapshots/", "tests/", ".github/pictures/")):
    """A clean clone of this checkout: what git tracks or would, but for what is left out, and nothing that was made."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, done.stdout.split("\0")):
        if not name.startswith(without) and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


class Runner:
    """Runs jobs of a workflow.

    Args:
        folder: An empty folder, for clones and artifacts.
        workflow: The path of the workflow in the repository.
        prepare: What is done to each clone before its first step.
        context: The values that expressions may name, by dotted name.
    """

    def __init__(self, folder, workflow, prepare, **context):
        self.folder = folder
        self.workflow = yaml.safe_load((ROOT / workflow).read_text())
        self.prepare = prepare
        self.artifacts = folder / "artifacts"
        self.context = context
        self.clones = 0

    def job(self, name, **context):
        """Run a job: its clone, its exit code, what its steps printed, its outputs and its summary."""
        job = self.workflow["jobs"][name]
        self.clones += 1
        root = self.prepare(clone(self.folder / f"clone-{self.clones}"))
        return self.steps(job, job["steps"], root, **context)

    def steps(self, job, steps, root, **context):
        """Run steps in a clone that is there."""
        made = self.folder / f"runner-{self.clones}"
        made.mkdir()
        known = self.context | context
        said, code, outputs = [], 0, {}
        for step in steps:
            wanted = str(step.get("if", "success()"))
            if code and "always()" not in wanted and "failure()" not in wanted:
                continue
            if "steps." in wanted and not evaluate(wanted, known):
                continue
            if "run" in step:
                env = {**self.workflow.get("env", {}), **job.get("env", {}), **step.get("env", {})}
                status, text = self._run(step, root, made, {key: self._value(env[key], known) for key in env})
                said.append(text)
                code = code or (0 if step.get("continue-on-error") else status)
                written = made / "output"
                lines = written.read_text().splitlines() if written.exists() else []
                outputs[step.get("id")] = dict(line.split("=", 1) for line in lines)
                written.unlink(missing_ok=True)
                known = known | {
                    f"steps.{step.get('id')}.outputs.{key}": value for key, value in outputs[step.get("id")].items()
                }
            elif "artifact" in step.get("uses", ""):
                self._artifact(step, root, known)
        handed = {key: self._value(value, known) for key, value in job.get("outputs", {}).items()} if not code else {}
        summary = (made / "summary").read_text() if (made / "summary").exists() else ""
        return Done(root, code, said, handed, summary)

    def _run(self, step, root, made, env):
        script = made / "script.sh"
        script.write_text(step["run"])
        options = ["--noprofile", "--norc", "-eo", "pipefail"] if step.get("shell") == "bash" else ["-e"]
        done = subprocess.run(
            ["bash", *options, str(script)],
            cwd=root / step.get("working-directory", "."),
            env={
                # What runs in a clone is the clone's code, and no part of what these tests cover.
                **{name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")},
                "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
                "GITHUB_REPOSITORY": "owner/name",
                "GITHUB_API_URL": str(self.context.get("github.api_url", "")),
                **{key: str(value) for key, value in env.items()},
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_WORKSPACE": str(root),
                "GITHUB_OUTPUT": str(made / "output"),
                "GITHUB_STEP_SUMMARY": str(made / "summary"),
                "GITHUB_ENV": str(made / "env"),
                "GITHUB_PATH": str(made / "path"),
                "RUNNER_OS": "Linux",
                "RUNNER_TEMP": str(made),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout

    def _artifact(self, step, root, known):
        given = {key: self._value(value, known) for key, value in step["with"].items()}
        if "upload" in step["uses"]:
            source = root / given["path"]
            target = self.artifacts / str(given["name"])
            if source.is_dir():
                shutil.copytree(source, target)
            elif source.is_file():
                target.mkdir(parents=True)
                shutil.copy(source, target)
        else:
            wanted = given.get("pattern", given.get("name", ""))
            there = sorted(self.artifacts.glob("*")) if self.artifacts.exists() else []
            found = [path for path in there if fnmatch.fnmatch(path.name, wanted)]
            # As download-artifact does: several go into folders of their own, and one into the folder itself.
            apart = "pattern" in given and not given.get("merge-multiple") and len(found) > 1
            for path in found:
                target = root / given["path"]
                shutil.copytree(path, target / path.name if apart else target, dirs_exist_ok=True)

    def _value(self, text, known):
        """A value with its expressions replaced."""
        if not isinstance(text, str):
            return text
        return _EXPRESSION.sub(lambda found: str(self._expression(found[1], known)), text)

    @staticmethod
    def _expression(text, known):
        if found := re.fullmatch(r"fromJSON\((.*)\)", text):
            return json.loads(known[found[1]])
        if found := re.fullmatch(r"toJSON\((.*)\)", text):
            return json.dumps(known[found[1]])
        return evaluate(text, known)


def evaluate(text, known):
    """The value of an expression.

    Args:
        text: The expression: names, texts, `&&`, `||`, `!`, `==`, `!=`, and the functions that workflows here call.
        known: The value of each name; what is not there is the empty text.
    """
    functions = {
        "contains": lambda whole, part: str(part).lower() in str(whole).lower(),
        "endsWith": lambda whole, part: str(whole).lower().endswith(str(part).lower()),
        "format": lambda form, *values: form.format(*values),
        "cancelled": lambda: False,
        "always": lambda: True,
    }
    python = []
    for text_, word, other in re.findall(r"('[^']*')|([A-Za-z_][\w.-]*)|(&&|\|\||!=|==|!|[(),]|\s+)", text):
        if word and word not in functions:
            python.append(repr(known.get(word, "")))
        else:
            python.append({"&&": " and ", "||": " or ", "!": " not "}.get(other, text_ or word or other))
    return eval("".join(python).strip(), functions)  # the expressions are the workflows' own


class Done:
    """What a job came to.

    Args:
        root: Its clone.
        code: The exit code of the first step that failed, or 0.
        said: What each of its steps printed.
        outputs: What it handed to other jobs.
        summary: Its summary.
    """

    def __init__(self, root, code, said, outputs, summary):
        self.root = root
        self.code = code
        self.said = said
        self.outputs = outputs
        self.summary = summary


def nox(*arguments, cwd=ROOT, **environ):
    """Run nox: its exit code, what it printed, and its errors."""
    done = subprocess.run(
        [sys.executable, "-m", "nox", *arguments],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def git(folder, *arguments, author="somebody"):
    """What git says in a folder, as somebody."""
    name = ["-c", f"user.name={author}", "-c", f"user.email={author}@example"]
    done = subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def published(folder, origin):
    """Make what is in a folder the first commit of a bare repository; what clones that, by name, beside it."""
    git(origin.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "push", "--quiet", str(origin), "main")

    def clone(name):
        git(origin.parent, "clone", "--quiet", str(origin), name)
        return origin.parent / name

    return clone
