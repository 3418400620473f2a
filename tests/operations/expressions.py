"""The expressions of deploy/prometheus and deploy/grafana, as Prometheus would be asked for them."""

import json
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"

# An alert's comparison, or what joins two of them, at the beginning of a line.
_COMPARISON = re.compile(r"\n(?:[<>]=?|==|!=|and(?: on \([^)]*\))?)\s")


def rules():
    """Every rule of deploy/prometheus/rules, as its YAML says."""
    for path in sorted((PROMETHEUS / "rules").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


def operands(expression):
    """What an alert compares, without numbers: the parts that must have a value when all is well."""
    for operand in _COMPARISON.split(expression):
        operand = operand.strip()
        absent = re.fullmatch(r"absent\((.*)\)", operand, re.DOTALL)
        if absent:
            operand = absent.group(1)
        if not re.fullmatch(r"[0-9.]+", operand):
            yield operand


def dashboards():
    """(file name, dashboard) of each."""
    for path in sorted(DASHBOARDS.glob("*.json")):
        yield path.name, json.loads(path.read_text())


def panel_expressions(rate_interval):
    """(where, expression) of every panel, with Grafana's variables filled in."""
    for name, dashboard in dashboards():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                expression = target["expr"].replace("$__rate_interval", rate_interval)
                yield f"{name}: {panel['title']}", expression.replace("$job_name", ".*")
