"""Manifests as the API server would read them, without one."""

import os
import re
import subprocess
import tempfile
import unittest

import yaml

import expressions
import manifests

# Kubernetes' own; the others belong to operators whose schemas are not packaged.
OPERATORS = ("cert-manager.io/v1", "monitoring.coreos.com/v1", "keda.sh/v1alpha1")
PROMETHEUS_RULE = (manifests.ROOT / "deploy" / "kubernetes" / "components" / "monitoring"
                   / "prometheusrule.yaml")


class Manifests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as scratch:
            cls.rendered = {overlay: manifests.render(overlay) for overlay in manifests.OVERLAYS}
            for scaler in ("autoscale-keda", "autoscale-hpa"):
                cls.rendered[f"gpu, monitoring, {scaler}"] = manifests.render(
                    "gpu", "monitoring", scaler, scratch=scratch)
            cls.rendered["cpu, mtls"] = manifests.render("cpu", "mtls", scratch=scratch)

    def each(self, select=lambda resources: resources):
        for resources in self.rendered.values():
            yield from select(resources)

    def each_container(self):
        for workload in self.each(manifests.workloads):
            for container in manifests.containers(workload):
                yield workload, container

    def test_are_valid_by_the_schemas_of_kubernetes(self):
        for name, resources in self.rendered.items():
            own = [resource for resource in resources if resource["apiVersion"] not in OPERATORS]
            self.assertGreaterEqual(len(own), 12)
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump_all(own, file)
                file.flush()
                done = subprocess.run(["kubernetes-validate", "--strict", file.name],
                                      capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, name + done.stdout + done.stderr)

    def test_lie_in_the_namespace_of_outerloop(self):
        for resource in self.each():
            if resource["kind"] not in ("Namespace", "PriorityClass"):
                self.assertEqual(resource["metadata"].get("namespace"), "outerloop", resource)

    def test_pods_keep_to_the_restricted_standard(self):
        for workload, container in self.each_container():
            pod = workload["spec"]["template"]["spec"]
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertGreater(pod["securityContext"]["runAsUser"], 0)
            self.assertEqual(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
            self.assertFalse(pod["automountServiceAccountToken"])
            context = container["securityContext"]
            self.assertFalse(context["allowPrivilegeEscalation"])
            self.assertTrue(context["readOnlyRootFilesystem"])
            self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
            for volume in pod["volumes"]:
                self.assertLessEqual(set(volume), {"name", "emptyDir", "configMap", "secret"})

    def test_every_selector_finds_the_pods_it_means(self):
        for name, resources in self.rendered.items():
            pods = [workload["spec"]["template"]["metadata"]["labels"]
                    for workload in manifests.workloads(resources)]
            selectors = [r["spec"]["selector"] for r in manifests.of_kind(
                resources, "PodDisruptionBudget", "PodMonitor", "Deployment", "StatefulSet")]
            selectors += [{"matchLabels": service["spec"]["selector"]}
                          for service in manifests.of_kind(resources, "Service")]
            selectors += [policy["spec"]["podSelector"]
                          for policy in manifests.of_kind(resources, "NetworkPolicy")
                          if policy["metadata"]["name"] in ("coordinator", "worker", "monitoring")]
            for selector in selectors:
                self.assertTrue(any(manifests.matches(selector, labels) for labels in pods),
                                f"{name}: {selector}")

    def test_every_port_that_is_named_is_a_containers(self):
        for name, resources in self.rendered.items():
            ports = {port["name"] for workload in manifests.workloads(resources)
                     for container in manifests.containers(workload) for port in container["ports"]}
            used = [port["targetPort"] for service in manifests.of_kind(resources, "Service")
                    for port in service["spec"]["ports"]]
            used += [endpoint["port"] for monitor in manifests.of_kind(
                resources, "PodMonitor") for endpoint in monitor["spec"]["podMetricsEndpoints"]]
            used += [port["port"] for policy in manifests.of_kind(resources, "NetworkPolicy")
                     for rule in policy["spec"].get("ingress", []) for port in rule.get("ports", [])]
            self.assertLessEqual({port for port in used if isinstance(port, str)}, ports, name)

    def test_workers_find_the_coordinator_by_its_service(self):
        for name, resources in self.rendered.items():
            services = {service["metadata"]["name"]: service
                        for service in manifests.of_kind(resources, "Service")}
            for deployment in manifests.of_kind(resources, "Deployment"):
                arguments = " ".join(manifests.containers(deployment)[0]["args"])
                host, port = re.search(r"--coordinator=(\S+):(\d+)", arguments).groups()
                ports = [entry["port"] for entry in services[host]["spec"]["ports"]]
                self.assertIn(int(port), ports, name)

    def test_pods_may_take_longer_to_end_than_they_need(self):
        for workload, container in self.each_container():
            grace = workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
            pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
            # A worker leaves within ten seconds, then has ten for its last checkpoint.
            self.assertGreater(grace, pause + 20)

    def test_a_worker_without_a_coordinator_is_not_ended_for_it(self):
        for deployment in self.each(lambda resources: manifests.of_kind(resources, "Deployment")):
            self.assertNotIn("grpc", manifests.containers(deployment)[0]["livenessProbe"])

    def test_images_have_a_version(self):
        for _, container in self.each_container():
            self.assertRegex(container["image"], r"^[\w.-]+(/[\w.-]+)+:\d+\.\d+\.\d+$")

    def test_the_gpu_overlay_asks_for_one_gpu_and_uses_it(self):
        deployment, = manifests.of_kind(self.rendered["gpu"], "Deployment")
        container, = manifests.containers(deployment)
        self.assertEqual(container["resources"]["limits"]["nvidia.com/gpu"], "1")
        self.assertEqual(container["command"], ["outerloop-worker-cuda"])
        self.assertIn("--device=cuda", container["args"])
        self.assertNotIn("--device=cpu", container["args"])

    def test_autoscalers_decide_alone_how_many_workers_there_are(self):
        for name, resources in self.rendered.items():
            deployment, = manifests.of_kind(resources, "Deployment")
            scalers = manifests.of_kind(resources, "ScaledObject", "HorizontalPodAutoscaler")
            self.assertEqual("replicas" in deployment["spec"], not scalers, name)
            for scaler in scalers:
                self.assertEqual(scaler["spec"]["scaleTargetRef"]["name"],
                                 deployment["metadata"]["name"])
                self.assertIn("outerloop_worker_demand", str(scaler["spec"]))

    def test_workers_make_room_for_a_data_set_before_their_volume_is_full(self):
        for deployment in self.each(lambda resources: manifests.of_kind(resources, "Deployment")):
            arguments = " ".join(manifests.containers(deployment)[0]["args"])
            limit = int(re.search(r"--cache-limit=(\d+)GiB", arguments).group(1))
            cache, = (volume for volume in deployment["spec"]["template"]["spec"]["volumes"]
                      if volume["name"] == "cache")
            self.assertLess(limit, int(cache["emptyDir"]["sizeLimit"].removesuffix("Gi")))

    def test_with_mtls_every_container_shows_a_certificate_that_is_made_for_it(self):
        resources = self.rendered["cpu, mtls"]
        secrets = {certificate["spec"]["secretName"]: certificate["spec"]
                   for certificate in manifests.of_kind(resources, "Certificate")}
        for workload in manifests.workloads(resources):
            container, = manifests.containers(workload)
            volume, = (volume["secret"] for volume in workload["spec"]["template"]["spec"]["volumes"]
                       if "secret" in volume)
            self.assertEqual(secrets[volume["secretName"]]["issuerRef"]["name"], "outerloop")
            self.assertIn("client auth", secrets[volume["secretName"]]["usages"])
            files = {entry["name"]: entry["value"] for entry in container["env"]
                     if entry["name"].startswith("OUTERLOOP_TLS_")}
            self.assertEqual(files, {"OUTERLOOP_TLS_CERT": "/tls/tls.crt",
                                     "OUTERLOOP_TLS_KEY": "/tls/tls.key",
                                     "OUTERLOOP_TLS_CA": "/tls/ca.crt"})

    def test_with_mtls_the_coordinators_certificate_has_the_names_of_its_service(self):
        resources = self.rendered["cpu, mtls"]
        service, = manifests.of_kind(resources, "Service")
        certificate, = (certificate["spec"] for certificate
                        in manifests.of_kind(resources, "Certificate")
                        if "server auth" in certificate["spec"].get("usages", []))
        name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
        self.assertLessEqual(
            {name, f"{name}.{namespace}", f"{name}.{namespace}.svc", "localhost"},
            set(certificate["dnsNames"]))

    def test_the_operators_rules_are_those_of_prometheus(self):
        groups = [group for path in sorted((expressions.PROMETHEUS / "rules").glob("*.yaml"))
                  for group in yaml.safe_load(path.read_text())["groups"]]
        wanted = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
                  "metadata": {"name": "outerloop"}, "spec": {"groups": groups}}
        if os.environ.get("OUTERLOOP_REWRITE") == "1":
            PROMETHEUS_RULE.write_text(
                "# deploy/prometheus/rules for the operator, by OUTERLOOP_REWRITE=1 "
                "tests/operations/run.sh manifests_test.py\n" + yaml.safe_dump(wanted, width=100))
        self.assertEqual(yaml.safe_load(PROMETHEUS_RULE.read_text()), wanted)


if __name__ == "__main__":
    unittest.main()
