# requirements: requirements-api.txt
"""Asks independent libraries about the running program's OpenAPI document: is it valid OpenAPI 3.1, do its examples fit
their schemas, and do the answers fit the schemas it gives for them? Writes nothing; ends with 1 and a list where
something does not hold.

usage: validate_openapi.py [BINARY]      default build/release/clairscore
"""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import jsonschema
import openapi_spec_validator

# Values that are not there or not right, beside the examples of the document itself.
WRONG = {
    "customer_id": ["1", "abc"],
    "feature": ["NOPE"],
    "feat_x": ["", "NOPE"],
    "input": ["NOPE"],
    "model": ["nothing"],
    "version": ["2"],
    "limit": ["-1", "x"],
    "order": ["NOPE"],
    "filter": ["NOPE:1", ":"],
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(url, method="GET", body=None, media_type=None):
    """Status, media type and body; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    headers = {"Content-Type": media_type} if media_type else {}
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        answer = urllib.request.build_opener(Stay).open(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers.get_content_type(), answer.read()


def targets_of(path, operation, first):
    """The examples of the parameters that are required, then of all, then each wrong value."""
    parameters = operation.get("parameters", [])
    examples = {p["name"]: p["example"] for p in parameters if "example" in p}
    if "customer_id" in examples:
        examples["customer_id"] = first
    needed = {p["name"] for p in parameters if p.get("required")}
    choices = [{name: examples[name] for name in needed}, examples]
    choices += [examples | {name: value} for name in examples for value in WRONG.get(name, [])]
    for choice in choices:
        query = {p["name"]: choice[p["name"]] for p in parameters if p["in"] == "query" and p["name"] in choice}
        target = path
        for name, value in choice.items():
            target = target.replace("{" + name + "}", urllib.parse.quote(str(value), safe=""))
        query = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}
        yield target + ("?" + urllib.parse.urlencode(query, doseq=True) if query else "")


def fits(value, schema, document):
    """What is wrong with a value, or nothing."""
    try:
        whole = {"components": document["components"], **schema}
        jsonschema.validate(value, whole, jsonschema.Draft202012Validator)
    except jsonschema.ValidationError as error:
        return error.message[:300]


def fault(document, operation, target, answer):
    status, media_type, body = answer
    described = operation["responses"].get(str(status))
    if described is None:
        return f"{target}: status {status} is not described"
    if not described.get("content"):
        return None
    if media_type not in described["content"]:
        return f"{target}: {media_type} is not described"
    schema = described["content"][media_type].get("schema")
    if media_type != "application/json" or not schema:
        return None
    problem = fits(json.loads(body), schema, document)
    return problem and f"{target}: {problem}"


def check(base):
    document = json.loads(ask(base + "/openapi.json")[2])
    openapi_spec_validator.validate(document)
    first = json.loads(ask(base + "/customers")[2])["customer_ids"][0]
    wrong, requests, examples = [], 0, 0
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for parameter in operation.get("parameters", []):
                if "example" not in parameter:
                    wrong.append(f"{method} {path}: no example of {parameter['name']}")
                    continue
                examples += 1
                problem = fits(parameter["example"], parameter["schema"], document)
                if problem:
                    wrong.append(f"{method} {path}: the example of {parameter['name']}: {problem}")
            if method == "get":
                for target in targets_of(path, operation, first):
                    requests += 1
                    wrong.append(fault(document, operation, target, ask(base + target)))
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                if "example" not in content:
                    wrong.append(f"{method} {path}: no example of {media_type}")
                    continue
                examples += 1
                example = content["example"]
                problem = fits(example, content.get("schema", {}), document)
                if problem:
                    wrong.append(f"{method} {path}: the example of {media_type}: {problem}")
                body = example if isinstance(example, str) else json.dumps(example)
                target = list(targets_of(path, operation, first))[1]
                requests += 1
                answer = ask(base + target, method.upper(), body.encode(), media_type)
                wrong.append(fault(document, operation, target, answer))
                # Nobody knows the webhook's secret.
                if answer[0] != 200 and "hub" not in path:
                    wrong.append(f"{method} {target}: its own example is answered by {answer[0]}: {answer[2][:300]}")
    wrong = [one for one in wrong if one]
    print(f"{len(document['paths'])} paths, {examples} examples, {requests} requests, {len(wrong)} faults")
    return wrong


def main():
    binary = Path(sys.argv[1] if len(sys.argv) > 1 else "build/release/clairscore")
    if not binary.exists():
        print(f"not checked: {binary} is not there, run `make build` first")
        return
    screen, api = free_port(), free_port()
    command = [binary, "demo", "--rows", "500", "--port", str(screen), "--api-port", str(api)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                if ask(f"http://127.0.0.1:{api}/readyz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.05)
        wrong = check(f"http://127.0.0.1:{api}")
    finally:
        process.terminate()
        process.wait(20)
    if wrong:
        sys.exit("\n".join(wrong))


main()
