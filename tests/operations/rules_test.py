"""Rules, alerts, dashboards and runbook without anything running."""

import json
import re
import subprocess
import unittest

import expressions

ROOT = expressions.ROOT


def promtool(*arguments):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)


class Rules(unittest.TestCase):
    def test_the_configuration_with_its_rules_and_targets_is_valid(self):
        done = promtool("check", "config", expressions.PROMETHEUS / "prometheus.yaml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_fires_when_it_should_and_not_otherwise(self):
        done = promtool("test", "rules", expressions.PROMETHEUS / "tests" / "alerts_test.yaml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_has_a_case_that_fires_and_one_that_does_not(self):
        text = (expressions.PROMETHEUS / "tests" / "alerts_test.yaml").read_text()
        cases = re.findall(r'alertname="(\w+)", alertstate.*\n\s+eval_time: \w+\n\s+exp_samples:(.*)',
                           text)
        for alert in expressions.alerts():
            outcomes = {samples.strip() for name, samples in cases if name == alert["alert"]}
            self.assertEqual(outcomes, {"", "[]"}, alert["alert"])

    def test_every_alert_says_how_urgent_it_is_and_what_to_do(self):
        sections = set(re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbook.md").read_text(), re.M))
        names = set()
        for alert in expressions.alerts():
            name = alert["alert"]
            names.add(name)
            self.assertIn(alert["labels"]["severity"], ("page", "ticket"), name)
            self.assertTrue(alert["annotations"]["summary"], name)
            self.assertEqual(alert["annotations"]["runbook"], f"docs/runbook.md#{name.lower()}")
        self.assertEqual(names, sections)


class Dashboards(unittest.TestCase):
    def test_have_ids_of_their_own_and_panels_that_do_not_overlap(self):
        uids = [dashboard["uid"] for _, dashboard in expressions.dashboards()]
        self.assertEqual(len(uids), len(set(uids)))
        self.assertGreaterEqual(len(uids), 3)
        for name, dashboard in expressions.dashboards():
            taken = {}
            for panel in dashboard["panels"]:
                place = panel["gridPos"]
                for x in range(place["x"], place["x"] + place["w"]):
                    self.assertLess(x, 24, f"{name}: {panel['title']}")
                    for y in range(place["y"], place["y"] + place["h"]):
                        other = taken.setdefault((x, y), panel["title"])
                        self.assertEqual(other, panel["title"], name)

    def test_take_their_data_source_from_a_variable(self):
        for name, dashboard in expressions.dashboards():
            variables = {variable["name"] for variable in dashboard["templating"]["list"]}
            self.assertIn("datasource", variables, name)
            used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard["panels"])))
            self.assertLessEqual(used, variables | {"__rate_interval"}, name)


if __name__ == "__main__":
    unittest.main()
