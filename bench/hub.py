#!/usr/bin/env python3
"""Starting from a Hub, and changing what is served under load.

usage: hub.py BINARY MODEL_DIR DATA_DIR [--runs 5] [--rate 50] [--swaps 1000] [--swap-rows 1500]

A Hub (hub_server.py) on loopback holds the model and the data. Prints, from one run:

cold    exec to ready with an empty cache, the Hub limited to --rate MB/s, beside `curl` of the same files (its own
        connections, as many at a time as it likes) plus our own start from a folder
warm    exec to ready with a full cache and an unchanged repository, beside the start from a folder, and the requests
        that reach the Hub
swaps   that many commits, each made known by the webhook and served before the next, while wrk asks for dashboards on
        64 connections: requests that failed, and resident memory after swap 10 and at the end

Needs Python's standard library, curl and wrk.
"""
import argparse, json, os, pathlib, re, shutil, signal, statistics, subprocess, sys, tempfile, time, urllib.request

import startup

HERE = pathlib.Path(__file__).parent
MODEL, DATA = "bench/model", "bench/data"


class Hub:
    def __init__(self, root):
        self.log = root / "requests.log"
        self.process = subprocess.Popen([sys.executable, str(HERE / "hub_server.py"), str(root), "--log", str(self.log)],
                                        stdout=subprocess.PIPE, text=True)
        self.endpoint = self.process.stdout.readline().strip().split("=", 1)[1]

    def post(self, path):
        with urllib.request.urlopen(urllib.request.Request(self.endpoint + path, method="POST")) as answer:
            return answer.read().decode()

    def requests(self):
        return self.log.read_text().splitlines()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Server:
    """`BINARY serve`, with the Hub where `home` is given and from folders where it is not."""

    def __init__(self, binary, hub=None, home=None, folders=None, extra=None):
        self.screen, self.api = startup.free_port(), startup.free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "CLAIRSCORE_"))}
        command = [binary, "serve", "--port", str(self.screen), "--api-port", str(self.api)]
        if folders:
            command += ["--model", str(folders[0]), "--data", str(folders[1])]
        else:
            env |= {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(home), "HF_MODEL_REPO_ID": MODEL, "HF_DATA_REPO_ID": DATA}
        self.begin = time.perf_counter()
        self.process = subprocess.Popen(command, env=env | (extra or {}), stderr=subprocess.PIPE)

    def until_ready(self):
        while not startup.ready(self.api):
            if self.process.poll() is not None:
                sys.exit(self.process.stderr.read().decode())
            if time.perf_counter() - self.begin > 300:
                sys.exit("not ready after 300 s")
            time.sleep(0.001)
        return time.perf_counter() - self.begin

    def version(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.api}/readyz") as answer:
            return json.load(answer).get("version")

    def resident(self):
        return startup.status_kib(self.process.pid, "VmRSS") / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)


def timed(server):
    took = server.until_ready()
    server.stop()
    return took


def files_of(hub, kind, repo, prefix):
    """Addresses and names of a repository's files."""
    path = "" if kind == "models" else kind + "/"
    with urllib.request.urlopen(f"{hub.endpoint}/api/{kind}/{repo}/tree/main?recursive=true") as answer:
        names = [e["path"] for e in json.load(answer) if e["type"] == "file"]
    return [(f"{hub.endpoint}/{path}{repo}/resolve/main/{n}", n) for n in names if n.startswith(prefix)]


def curl_all(hub, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    command = ["curl", "--silent", "--no-progress-meter", "--fail", "--location", "--parallel", "--parallel-immediate"]
    for url, name in files_of(hub, "models", MODEL, "gradient_boosting/") + files_of(hub, "datasets", DATA, ""):
        command += ["--output", str(folder / name.replace("/", "_")), url]
    begin = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - begin


def copy_in(root, model, data):
    shutil.copytree(model, root / "models" / MODEL / "gradient_boosting")
    shutil.copytree(data, root / "datasets" / DATA)


def starts(binary, model, data, runs, rate):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        copy_in(root, model, data)
        hub = Hub(root)
        home = root / "home"
        timed(Server(binary, folders=(model, data)))  # warm page cache
        folder = statistics.median(timed(Server(binary, folders=(model, data))) for _ in range(runs))

        hub.post(f"/_/rate?mb={rate}")
        cold, curled = [], []
        for _ in range(runs):
            shutil.rmtree(home, ignore_errors=True)
            cold.append(timed(Server(binary, hub, home)))
            curled.append(curl_all(hub, root / "curl"))
        size = sum(f.stat().st_size for f in root.glob("curl/*")) / 1e6
        cold_s, curl_s = statistics.median(cold), statistics.median(curled)
        print(f"cold start, {size:.1f} MB at {rate} MB/s: {cold_s:.3f} s; curl {curl_s:.3f} s + start from a folder "
              f"{folder:.3f} s = {curl_s + folder:.3f} s: {cold_s / (curl_s + folder):.2f} times")

        hub.post("/_/rate?mb=0")
        warm, counts = [], []
        for _ in range(runs):
            before = len(hub.requests())
            warm.append(timed(Server(binary, hub, home)))
            counts.append(len(hub.requests()) - before)
        warm_s = statistics.median(warm)
        print(f"warm start, unchanged: {warm_s:.3f} s; from a folder {folder:.3f} s: {warm_s - folder:+.3f} s; "
              f"requests to the Hub: {statistics.median(counts):g} for two repositories")
        hub.stop()


def swaps(binary, model, rows, count):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        data = root / "data"
        data.mkdir()
        subprocess.run([binary, "synth", "--rows", str(rows), "--seed", "1", "--output", str(data / "application_test.csv")],
                       check=True)
        copy_in(root, model, data)
        hub = Hub(root)
        server = Server(binary, hub, root / "home", extra={"CLAIRSCORE_HUB_WEBHOOK_SECRET": "bench"})
        server.until_ready()
        first = urllib.request.urlopen(f"http://127.0.0.1:{server.api}/customers")
        customer = json.load(first)["customer_ids"][0]
        load = subprocess.Popen(["wrk", "--threads", "1", "--connections", "64", "--duration", "3600s", "--timeout", "30s",
                                 f"http://127.0.0.1:{server.api}/customer/{customer}/dashboard"],
                                stdout=subprocess.PIPE, text=True)
        mlmodel = root / "models" / MODEL / "gradient_boosting" / "MLmodel"
        text = mlmodel.read_text()
        event = json.dumps({"event": {"scope": "repo.content"}, "updatedRefs": [{"ref": "refs/heads/main"}]}).encode()
        after_10, times = 0, []
        for swap in range(1, count + 1):
            mlmodel.write_text(text + f"# {swap}\n")
            commit = list(json.loads(hub.post("/_/commit"))["commits"].values())[0]
            begin = time.perf_counter()
            urllib.request.urlopen(urllib.request.Request(
                f"http://127.0.0.1:{server.api}/api/v1/hub/webhook", data=event, headers={"X-Webhook-Secret": "bench"}))
            while not server.version().startswith(commit):
                if time.perf_counter() - begin > 60:
                    sys.exit(f"swap {swap} was not served within 60 s")
                time.sleep(0.002)
            times.append(time.perf_counter() - begin)
            if swap == 10:
                after_10 = server.resident()
        at_end = server.resident()
        load.send_signal(signal.SIGINT)
        report = load.communicate()[0]
        server.stop()
        hub.stop()
        errors = re.findall(r"Socket errors.*|Non-2xx.*", report)
        done = re.search(r"(\d+) requests in", report).group(1)
        print(f"{count} swaps of {rows} rows with 64 connections: {done} requests, failed: {'; '.join(errors) or 'none'}; "
              f"commit to served {statistics.median(times):.3f} s (median); resident {after_10:.0f} MiB after swap 10, "
              f"{at_end:.0f} MiB after swap {count}: {at_end / after_10:.2f} times")


def main():
    a = argparse.ArgumentParser()
    a.add_argument("binary"), a.add_argument("model", type=pathlib.Path), a.add_argument("data", type=pathlib.Path)
    a.add_argument("--runs", type=int, default=5), a.add_argument("--rate", type=int, default=50)
    a.add_argument("--swaps", type=int, default=1000), a.add_argument("--swap-rows", type=int, default=1500)
    o = a.parse_args()
    if o.runs > 0:
        starts(o.binary, o.model, o.data, o.runs, o.rate)
    if o.swaps > 0:
        swaps(o.binary, o.model, o.swap_rows, o.swaps)


if __name__ == "__main__":
    main()
