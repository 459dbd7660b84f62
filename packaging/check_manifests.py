"""check_manifests.py KUBERNETES COMPOSE: the compose file against the Compose Specification's schema, and what no schema
says: the manifests' names, ports, volumes and variables fit each other, the image and the program.

A checker that takes everything checks nothing, so a spoiled compose file and a spoiled manifest must be refused.
"""

import copy
import importlib.util
import json
import pathlib
import re
import sys

import jsonschema
import kubernetes_validate
import yaml

SOURCE = pathlib.Path(__file__).resolve().parent.parent


def check(holds, what):
    if not holds:
        sys.exit(f"check_manifests.py: {what}")


def check_compose(compose):
    package = pathlib.Path(importlib.util.find_spec("compose").submodule_search_locations[0])
    schema = jsonschema.Draft7Validator(json.loads((package / "config/compose_spec.json").read_text()))
    for error in schema.iter_errors(compose):
        check(False, f"compose: {'/'.join(map(str, error.path))}: {error.message}")
    for spoil in (lambda s: s.update(read_onyl=True), lambda s: s.update(ports="7860"), lambda s: s.update(tmpfs={"a": 1})):
        spoiled = copy.deepcopy(compose)
        spoil(spoiled["services"]["clairscore"])
        check(not schema.is_valid(spoiled), "the schema takes a spoiled compose file")
    service = compose["services"]["clairscore"]
    check(service["read_only"] is True, "compose: the root is not read-only")
    volumes = [volume.split(":") for volume in service["volumes"]]
    check({name for name, _ in volumes} <= set(compose["volumes"]), "compose: a volume is not declared")
    check(any(service["environment"]["HF_HOME"].startswith(path) for _, path in volumes), "compose: HF_HOME is on no volume")
    return [port.rsplit(":", 1)[1] for port in service["ports"]], service["environment"]


def check_kubernetes(documents):
    kinds = {document["kind"]: document for document in documents}
    deployment = kinds["Deployment"]
    for spoil in (lambda d: d["spec"].update(replicas="one"), lambda d: d["spec"]["template"]["spec"].update(container=[])):
        spoiled = copy.deepcopy(deployment)
        spoil(spoiled)
        try:
            kubernetes_validate.validate(spoiled, "1.37", strict=True)
        except kubernetes_validate.ValidationError:
            continue
        check(False, "the schema takes a spoiled manifest")
    pod = deployment["spec"]["template"]
    container = pod["spec"]["containers"][0]
    check(deployment["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items(), "the deployment selects other pods")
    service = kinds["Service"]["spec"]
    check(service["selector"].items() <= pod["metadata"]["labels"].items(), "the service selects other pods")
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    check(all(port["targetPort"] in ports for port in service["ports"]), "the service names a port that the pod has not")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        check(container[probe]["httpGet"]["port"] in ports, f"{probe} asks a port that the pod has not")
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    check(set(mounts) == {volume["name"] for volume in pod["spec"]["volumes"]}, "volumes and mounts differ")
    check(container["securityContext"]["readOnlyRootFilesystem"] is True, "the root is not read-only")
    check({"requests", "limits"} <= set(container["resources"]), "no resources")
    check(container["envFrom"][0]["configMapRef"]["name"] == kinds["ConfigMap"]["metadata"]["name"], "another ConfigMap is named")
    variables = kinds["ConfigMap"]["data"]
    check(variables["HF_HOME"] in mounts.values() and "/tmp" in mounts.values(), "HF_HOME or /tmp is on no volume")
    return list(ports.values()), {**variables, **{one["name"]: None for one in container["env"]}}


def main():
    documents = list(yaml.safe_load_all(open(sys.argv[1])))
    settings = (SOURCE / "docs/settings.md").read_text()
    exposed = re.search(r"^EXPOSE (.*)$", (SOURCE / "Dockerfile").read_text(), re.M)[1].split()
    for what, (ports, variables) in {"kubernetes": check_kubernetes(documents), "compose": check_compose(yaml.safe_load(open(sys.argv[2])))}.items():
        check(sorted(ports) == sorted(exposed), f"{what}: ports {ports}, and the image's {exposed}")
        for name in variables:
            check(f"`{name}`" in settings, f"{what}: {name} is no setting of docs/settings.md")


if __name__ == "__main__":
    main()
