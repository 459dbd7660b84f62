# requirements: requirements-api.txt
"""Asks independent libraries about the running program's OpenAPI document: is it valid OpenAPI 3.1, and do the answers
fit the schemas it gives for them? Writes nothing; ends with 1 and a list where something does not hold.

usage: validate_openapi.py [BINARY]      default build/release/clairscore
"""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema
import openapi_spec_validator

EXAMPLES = {
    "customer_id": ["{first}", "1", "abc"],
    "feature": ["EXT_SOURCE_3", "NOPE"],
    "feat_x": ["EXT_SOURCE_2", ""],
    "feat_y": ["EXT_SOURCE_3", "NOPE"],
    "model": ["clairscore", "nothing"],
    "version": ["1", "2"],
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url):
    """Status, media type and body; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    try:
        answer = urllib.request.build_opener(Stay).open(url, timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers.get_content_type(), answer.read()


def requests_of(path, operation, first):
    """One request with the first example of every parameter, and one for each other example."""
    parameters = operation.get("parameters", [])
    choices = [{p["name"]: EXAMPLES[p["name"]][0] for p in parameters}]
    for parameter in parameters:
        for example in EXAMPLES[parameter["name"]][1:]:
            choices.append(choices[0] | {parameter["name"]: example})
    for choice in choices:
        target, query = path, []
        for parameter in parameters:
            value = choice[parameter["name"]].format(first=first)
            if parameter["in"] == "path":
                target = target.replace("{" + parameter["name"] + "}", value)
            else:
                query.append(f"{parameter['name']}={value}")
        yield target + ("?" + "&".join(query) if query else "")


def check(base):
    document = json.loads(get(base + "/openapi.json")[2])
    openapi_spec_validator.validate(document)
    first = json.loads(get(base + "/customers")[2])["customer_ids"][0]
    wrong, count = [], 0
    for path, item in document["paths"].items():
        if "get" not in item:
            continue
        for target in requests_of(path, item["get"], first):
            count += 1
            status, media_type, body = get(base + target)
            described = item["get"]["responses"].get(str(status))
            if described is None:
                wrong.append(f"{target}: status {status} is not described")
                continue
            if not described.get("content"):
                continue
            if media_type not in described["content"]:
                wrong.append(f"{target}: {media_type} is not described")
                continue
            schema = described["content"][media_type].get("schema")
            if media_type == "application/json" and schema:
                whole = {"components": document["components"], **schema}
                try:
                    jsonschema.validate(json.loads(body), whole, jsonschema.Draft202012Validator)
                except jsonschema.ValidationError as error:
                    wrong.append(f"{target}: {error.message}")
    print(f"{len(document['paths'])} paths, {count} requests, {len(wrong)} faults")
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
                if get(f"http://127.0.0.1:{api}/readyz")[0] == 200:
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
