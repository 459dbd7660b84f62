#!/usr/bin/env python3
"""Does what docs/from-model-to-space.md says, with the commands in it, against a Hub on this machine.

usage: guide_test.py CLAIRSCORE FOLDER      (`make guide-test`)

Every code block of the guide is run as it stands, in order, in FOLDER, emptied first but for the packages that an
earlier run installed in FOLDER/venv; only the ports are others. The French guide must hold the same blocks. The served
scores are compared with scikit-learn's predict_proba for every applicant, before and after the next model is uploaded.
pip is held to the versions of requirements-guide.txt. Needs only Python's standard library, git, curl and make.
"""

import json
import math
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

SOURCE = pathlib.Path(__file__).resolve().parent.parent
GUIDES = [SOURCE / "docs/from-model-to-space.md", SOURCE / "docs/from-model-to-space.fr.md"]
BLOCK = re.compile(r"(?:<!-- guide-test: (\w+) -->\n)?```(\w+)\n(.*?)```\n", re.S)
# Asks the model itself, as whoever trained it would.
PREDICT = """
import json, mlflow.sklearn
from train import prepare
inputs, _ = prepare("data/application_test.csv")
model = mlflow.sklearn.load_model("gradient_boosting")
print(json.dumps(dict(zip(inputs.index.tolist(), model.predict_proba(inputs)[:, 1].tolist()))))
"""


def blocks(guide):
    return [match.groups() for match in BLOCK.finditer(guide.read_text())]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def check(holds, what):
    if not holds:
        sys.exit(f"guide_test.py: {what}")


class Guide:
    def __init__(self, binary, work, folder, endpoint):
        self.work, self.folder, self.server = work, folder, None
        self.screen, self.api = free_ports(2)
        path = folder / "bin"
        path.mkdir()
        (path / "clairscore").symlink_to(binary)
        self.space = folder / "space.git"
        subprocess.run(["git", "init", "--quiet", "--bare", self.space], check=True)
        self.environment = {
            **os.environ, "PATH": f"{path}:{os.environ['PATH']}", "HF_ENDPOINT": endpoint, "HF_TOKEN": "hf_of_the_test",
            "HF_HOME": str(folder / "cache"), "HF_HUB_DISABLE_XET": "1", "HF_SPACE_REMOTE": str(self.space),
            "PIP_CONSTRAINT": str(SOURCE / "oracles/requirements-guide.txt"), "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "CLAIRSCORE_PORT": str(self.screen), "CLAIRSCORE_API_PORT": str(self.api), "CLAIRSCORE_HUB_POLL_SECONDS": "1"}

    def shell(self, commands, cwd=None):
        script = "set -euo pipefail\nif [ -f venv/bin/activate ]; then . venv/bin/activate; fi\n"
        commands = commands.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{self.api}")
        done = subprocess.run(["bash", "-c", script + commands], cwd=cwd or self.work, env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(done.returncode == 0, f"ended with {done.returncode}:\n{commands}\n{done.stdout}")
        return done.stdout

    def serve(self, commands):
        log = open(self.folder / "serve.log", "w")
        self.server = subprocess.Popen(["bash", "-c", commands], cwd=self.work, env=self.environment, stdout=log,
                                       stderr=log, start_new_session=True)
        for _ in range(600):
            if subprocess.run([self.folder / "bin/clairscore", "health"], env=self.environment, capture_output=True).returncode == 0:
                return
            check(self.server.poll() is None, f"serve ended:\n{(self.folder / 'serve.log').read_text()}")
            time.sleep(0.1)
        check(False, f"not ready after a minute:\n{(self.folder / 'serve.log').read_text()}")

    def stop(self):
        if self.server and self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGTERM)
            self.server.wait()

    def run(self, where, language, text):
        if language in ("python", "yaml"):
            name = re.match(r"# (\w+\.(?:py|yaml))\n", text)
            check(name, f"a block of {language} names no file")
            (self.work / name[1]).write_text(text)
            return ""
        check(language == "sh", f"a block of {language}")
        if where == "background":
            self.serve(text)
            return ""
        return self.shell(text, SOURCE if where == "repository" else None)

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.api}{path}") as answer:
            return json.load(answer)

    def model_hash(self):
        return self.ask("/api/v1/model")["model"]["sha256"]

    def compare_scores(self):
        """Every applicant, to two units in the last place; how many."""
        expected = json.loads(self.shell(f"python - <<'PY'\n{PREDICT}\nPY").splitlines()[-1])
        check(len(expected) == 2000, f"{len(expected)} applicants")
        check(sorted(map(str, self.ask("/customers")["customer_ids"])) == sorted(expected), "other applicants are served")
        for identifier, probability in expected.items():
            served = self.ask(f"/customer/{identifier}/score")
            check(abs(served["probability_pos"] - probability) <= 2 * math.ulp(probability),
                  f"customer {identifier}: {served['probability_pos']!r}, and predict_proba {probability!r}")
            check(served["threshold"] == 0.55, f"the threshold is {served['threshold']}")
        return len(expected)


def main():
    binary, work = map(pathlib.Path, map(os.path.abspath, sys.argv[1:3]))
    english, french = map(blocks, GUIDES)
    check(english == french, "the two languages have different code blocks")
    check(len(english) > 8, "the guide's code blocks were not found")
    work.mkdir(parents=True, exist_ok=True)
    for old in work.iterdir():
        if old.name == "venv":
            continue
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "hub").mkdir()
        hub = subprocess.Popen([sys.executable, SOURCE / "bench/hub_server.py", folder / "hub", "--token", "hf_of_the_test"],
                               stdout=subprocess.PIPE, text=True)
        guide = None
        try:
            guide = Guide(binary, work, folder, hub.stdout.readline().strip().partition("=")[2])
            follow(guide, english)
        finally:
            if guide:
                guide.stop()
            hub.terminate()
            hub.wait()


def follow(guide, steps):
    begin = time.monotonic()
    for where, language, text in steps:
        next_model = guide.server and "train.py" in text
        before = guide.model_hash() if next_model else None
        output = guide.run(where, language, text)
        print(f"{time.monotonic() - begin:6.1f} s  {text.splitlines()[-1]}", flush=True)
        if "hub prepare" in text:
            check((guide.work / "data/shap/shap_beeswarm.png").stat().st_size > 0, "no picture was written")
            check(list((guide.work / "data/plots").glob("*_hist_data.json")), "no histogram was written")
            uploads = re.findall(r"hf upload .*", output)
            promised = [line for _, _, other in steps for line in re.findall(r"hf upload .*", other)]
            named = [line.replace("ORG/MODEL", "my-bank/credit-model").replace("ORG/DATA", "my-bank/credit-data") for line in uploads]
            check(named == promised[:2], f"prepare prints {uploads}, the guide says {promised[:2]}")
        if "/api/v1/model" in text:
            check('"sha256"' in output, f"no model card: {output}")
            print(f"          {guide.compare_scores()} applicants: the scores are predict_proba's", flush=True)
        if "make deploy" in text:
            # One commit without history, whose message names ours.
            pushed = subprocess.run(["git", f"--git-dir={guide.space}", "log", "--format=%s", "main"], capture_output=True, text=True)
            head = subprocess.run(["git", "-C", SOURCE, "rev-parse", "HEAD"], capture_output=True, text=True)
            check(head.stdout != "" and pushed.stdout == f"Clairscore at {head.stdout}", f"the Space got {pushed.stdout!r}")
        if next_model:
            for _ in range(300):
                if guide.model_hash() != before:
                    break
                time.sleep(0.2)
            else:
                check(False, f"the next model is not served after a minute:\n{(guide.folder / 'serve.log').read_text()}")
            print(f"          the next model, {guide.compare_scores()} applicants: the scores are predict_proba's", flush=True)
            print("guide_test.py: passed")
            return
    check(False, "the guide ends before the next model")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()
