"""The manifests of deploy/kubernetes, rendered by kubectl."""

import pathlib
import shutil
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
OVERLAYS = ("cpu", "gpu")


def kustomize(folder):
    """Every resource that the folder's kustomization makes."""
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def render(overlay, *components, scratch=None):
    """An overlay, with components added to a copy of it in the folder `scratch`."""
    if not components:
        return kustomize(ROOT / "deploy" / "kubernetes" / "overlays" / overlay)
    copy = pathlib.Path(scratch) / "-".join((overlay, *components))
    shutil.copytree(ROOT / "deploy", copy / "deploy")
    folder = copy / "deploy" / "kubernetes" / "overlays" / overlay
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    kustomization["components"] = [f"../../components/{name}" for name in components]
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return kustomize(folder)


def of_kind(resources, *kinds):
    return [resource for resource in resources if resource["kind"] in kinds]


def workloads(resources):
    """What has pods."""
    return of_kind(resources, "Deployment", "StatefulSet")


def containers(workload):
    return workload["spec"]["template"]["spec"]["containers"]


def probes(container):
    """(name, probe) of each that it has."""
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        if name in container:
            yield name, container[name]


def port_number(container, port):
    """A port's number, which may be given by its name."""
    if isinstance(port, int):
        return port
    return next(p["containerPort"] for p in container["ports"] if p["name"] == port)


def matches(selector, labels):
    return selector["matchLabels"].items() <= labels.items()
