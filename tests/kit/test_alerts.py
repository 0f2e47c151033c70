"""The alert rules of the hardened service: what they ask for is there, and they ring when they should."""

import re
import shutil
import subprocess

from stage import ROOT

from repro.hardened.metrics import Metrics

HARDENED = ROOT / "repro" / "hardened"
RULES = (HARDENED / "alerts.yml").read_text(encoding="utf-8")


def test_alerts_ask_for_metrics_that_there_are():
    """Every series that a rule asks for is one that the service exports or that another rule records."""
    metrics = Metrics("https://upstream.invalid")
    metrics.attempt("first")
    metrics.decision("first")
    with metrics.measured("GET"):
        pass
    exported = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    recorded = set(re.findall(r"record: (\S+)", RULES))
    asked = set(
        re.findall(
            r"\b(?:service:|service_|upstream_|guard_)\w[\w:]*", re.sub(r"(?m)^ *(record|#|-? *name).*", "", RULES)
        )
    )
    asked -= {"upstream_seconds"}  # what the description of an alert calls the histogram
    assert asked
    assert asked <= exported | recorded


def test_every_alert_is_tried():
    """Every alert has a case in which it rings."""
    tests = (HARDENED / "alerts_test.yml").read_text(encoding="utf-8")
    rings = set(re.findall(r"alertname: (\w+)\n +exp_alerts:", tests))
    assert rings == set(re.findall(r"alert: (\w+)", RULES))


def test_alerts_ring():
    """Prometheus takes the rules, and they ring in the cases where they should and in no other."""
    assert shutil.which("promtool"), "There is no promtool on the path. Install it with: apt-get install prometheus"
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run(["promtool", *command], cwd=HARDENED, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
