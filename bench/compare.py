#!/usr/bin/env python3
"""The dashboard and MLflow's /invocations, ours beside the system we replace, in one run.

usage: compare.py BINARY MODEL_DIR DATA_DIR ORIGINAL_PYTHON [--mlserver-python PYTHON] [--seconds 10] [--rounds 3]

DATA_DIR holds application_test.csv and shap/shap_explanation.joblib (run.sh makes both). ORIGINAL_PYTHON is the
interpreter of an environment with original/requirements-original.txt, which serves bench/original/app.py (the original's API,
rebuilt) by uvicorn and the model by `mlflow models serve`; MLServer (original/requirements-mlserver.txt) serves the same model
by the same protocol. Each is started once; they are measured one after the other, round after round, so that a noisy
machine is noisy for all. Answers are compared first. Needs wrk.
"""
import argparse, contextlib, csv, http.client, json, os, random, re, signal, statistics, subprocess, sys, tempfile, time
from startup import free_port, status_kib

HERE = os.path.dirname(os.path.abspath(__file__))
UNITS = {"us": 1e-3, "ms": 1, "s": 1e3}


def ask(port, target, body=None, timeout=120):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST" if body else "GET", target, body, {"content-type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@contextlib.contextmanager
def server(name, command, port, probe, cwd=None, **variables):
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=cwd, stdout=log, stderr=log, env={**os.environ, **variables}, start_new_session=True)
        try:
            deadline = time.monotonic() + 600
            while True:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    if ask(port, probe)[0] == 200:
                        break
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    sys.exit(f"{name} does not serve:\n{log.read()[-3000:]}")
                time.sleep(0.2)
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # mlflow and MLServer start others
            process.wait(60)


def wrk(port, script, seconds, connections=16):
    """Requests a second, p50 and p99 in milliseconds."""
    text = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency", "-s", script,
                           f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit(f"failed requests:\n{text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    percentile = lambda p: (lambda m: float(m.group(1)) * UNITS[m.group(2)])(re.search(rf"{p}%\s+([\d.]+)(us|ms|s)\b", text))
    return rate, percentile(50), percentile(99)


def processor_seconds(process):
    """Of a server and those that it started."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as f:
            fields = f.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12]) if int(fields[3]) == process.pid else 0
    return total / os.sysconf("SC_CLK_TCK")


def load(process, port, script, seconds):
    """As wrk(), and the processor's microseconds a request."""
    before = processor_seconds(process)
    rate, p50, p99 = wrk(port, script, seconds)
    return rate, p50, p99, 1e6 * (processor_seconds(process) - before) / (rate * seconds)


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def dashboard_script(folder, ids):
    return write(folder, "dashboard.lua", "local ids = {" + ",".join(map(str, ids)) + "}\nlocal i = 0\n"
                 "request = function() i = i % #ids + 1; return wrk.format('GET', '/customer/' .. ids[i] .. '/dashboard') end\n")


def at_half_load(port, folder, ids, full, seconds):
    """The rate and p99 where connections pause so that about half of `full` requests a second are made."""
    # A connection makes a request every 16 / rate seconds: it pauses whole milliseconds, some of the time.
    mean = 1e3 * 16 * (2 / full - 1 / full)
    rate, p50, p99 = 0, 0, 0
    for _ in range(4):
        whole = max(1, round(mean))
        share = min(1.0, mean / whole)
        script = write(folder, "half.lua", open(dashboard_script(folder, ids)).read()
                       + f"delay = function() return math.random() < {share} and {whole} or 0 end\n")
        rate, p50, p99 = wrk(port, script, seconds)
        if 0.4 < rate / full < 0.6:
            break
        mean *= max(0.5, min(2.0, rate / (full / 2)))
    return rate, p50, p99


def compare_dashboards(ours, theirs, ids):
    for i in random.Random(2).sample(ids, 50):
        mine, other = (json.loads(ask(port, f"/customer/{i}/dashboard")[1]) for port in (ours, theirs))
        assert mine["score"]["decision"] == other["score"]["decision"], i
        assert abs(mine["score"]["probability_pos"] - other["score"]["probability_pos"]) < 1e-12, i
        assert mine["features"] == other["features"], (i, mine["features"], other["features"])
        assert mine["shap"]["feature_names"] == other["shap"]["feature_names"], i
        assert max(abs(a - b) for a, b in zip(mine["shap"]["values"], other["shap"]["values"])) < 1e-6, i


def prepared_rows(binary, model, applicants, count):
    """The model's inputs as JSON cells: missing numbers null, texts as they are."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "prepared.csv")
        subprocess.run([binary, "transform", "--model", model, "--data", applicants, "--stage", "prepared", "--output",
                        path], check=True)
        with open(path, newline="") as file:
            reader = csv.reader(file)
            names = next(reader)
            rows = [row for _, row in zip(range(count), reader)]
    with open(os.path.join(model, "MLmodel")) as file:
        texts = set()
        for part in file.read().replace("\n", " ").split("{")[1:]:
            if '"string"' in part:
                texts.add(part.split('"name":')[1].split('"')[1])

    def cell(name, text):
        if name in texts:
            return text or None
        return float(text) if text else None

    wanted = [i for i, name in enumerate(names) if i > 0]
    columns = [names[i] for i in wanted]
    cells = [[cell(names[i], row[i]) for i in wanted] for row in rows]
    return columns, (cells * (count // len(cells) + 1))[:count]


def timed(connection, target, body):
    begin = time.perf_counter()
    connection.request("POST", target, body, {"content-type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text[:500]
    return time.perf_counter() - begin, text


def main():
    a = argparse.ArgumentParser()
    a.add_argument("binary"), a.add_argument("model"), a.add_argument("data"), a.add_argument("original_python")
    a.add_argument("--mlserver-python"), a.add_argument("--seconds", type=int, default=10), a.add_argument("--rounds", type=int, default=3)
    o = a.parse_args()
    binary, model, data = (os.path.abspath(p) for p in (o.binary, o.model, o.data))
    ours, screen, original, mlflow = (free_port() for _ in range(4))
    path = lambda python: os.path.dirname(os.path.abspath(python)) + ":" + os.environ["PATH"]
    us = [binary, "serve", "--model", model, "--data", data, "--port", str(screen), "--api-port", str(ours)]
    uvicorn = [o.original_python, "-m", "uvicorn", "app:app", "--port", str(original), "--log-level", "info"]
    with tempfile.TemporaryDirectory() as folder:
        with server("clairscore", us, ours, "/readyz") as our_process, \
             server("the original", uvicorn, original, "/customers", cwd=os.path.join(HERE, "original"), MODEL=model, DATA=data) as their_process:
            while ask(ours, "/api/v1/importance")[0] != 200:
                time.sleep(0.1)
            ids = json.loads(ask(ours, "/customers")[1])["customer_ids"]
            assert ids == json.loads(ask(original, "/customers")[1])["customer_ids"]
            compare_dashboards(ours, original, ids)
            random.Random(1).shuffle(ids)
            script = dashboard_script(folder, ids)
            for port in (ours, original):
                wrk(port, script, 2)
            pairs = ((our_process, ours), (their_process, original))
            rounds = [[load(process, port, script, o.seconds) for process, port in pairs] for _ in range(o.rounds)]
            for name, of in (("clairscore", 0), ("the original", 1)):
                print(f"dashboard, {name}: " + "; ".join(f"{r[of][0]:,.0f}/s p50 {r[of][1]:.2f} p99 {r[of][2]:.2f} ms, processor {r[of][3]:.0f} µs" for r in rounds))
            print("dashboard, times as many by the clock: " + ", ".join(f"{r[0][0] / r[1][0]:.0f}" for r in rounds)
                  + "; by the processor: " + ", ".join(f"{r[1][3] / r[0][3]:.0f}" for r in rounds))
            full = statistics.median(r[0][0] for r in rounds)
            rate, p50, p99 = at_half_load(ours, folder, ids, full, o.seconds)
            print(f"dashboard, clairscore at half load: {rate:,.0f}/s, p50 {p50:.2f} ms, p99 {p99:.2f} ms")
            print(f"VmRSS: clairscore {status_kib(our_process.pid, 'VmRSS') / 1024:.0f} MiB, the original {status_kib(their_process.pid, 'VmRSS') / 1024:.0f} MiB", flush=True)

        columns, rows = prepared_rows(binary, model, os.path.join(data, "application_test.csv"), 10_000)
        bodies = {n: json.dumps({"dataframe_split": {"columns": columns, "data": rows[:n]}}) for n in (1, 10_000)}
        peers = {"mlflow models serve": ([o.original_python, "-m", "mlflow", "models", "serve", "-m", model, "-p", str(mlflow), "--env-manager", "local"],
                                         mlflow, "/ping", {"PATH": path(o.original_python)})}
        if o.mlserver_python:
            port, grpc, metrics = (free_port() for _ in range(3))
            served = os.path.join(folder, "served")
            os.makedirs(served)
            write(served, "settings.json", json.dumps({"http_port": port, "grpc_port": grpc, "metrics_port": metrics, "host": "127.0.0.1", "parallel_workers": 0}))
            write(served, "model-settings.json", json.dumps({"name": "model", "implementation": "mlserver_mlflow.MLflowRuntime", "parameters": {"uri": model}}))
            peers["MLServer"] = ([os.path.join(os.path.dirname(os.path.abspath(o.mlserver_python)), "mlserver"), "start", served],
                                 port, "/v2/health/ready", {"PATH": path(o.mlserver_python)})
        for name, (command, port, probe, variables) in peers.items():
            with server("clairscore", us, ours, "/readyz"), server(name, command, port, probe, **variables):
                for count, repeats in ((1, (20, 4)), (10_000, (12, 4))):
                    connections = [http.client.HTTPConnection("127.0.0.1", p, timeout=300) for p in (ours, port)]
                    answers = [[timed(c, "/invocations", bodies[count]) for _ in range(n)] for c, n in zip(connections, repeats)]
                    found = [json.loads(a[-1][1])["predictions"] for a in answers]
                    worst = max(abs(a - b) for mine, other in zip(*found) for a, b in zip(mine, other))
                    assert len(found[0]) == len(found[1]) == count and worst < 1e-12, worst
                    times = [statistics.median(t for t, _ in a) * 1e3 for a in answers]
                    if count == 1:  # what the client of above takes is no part of it
                        script = write(folder, "row.lua", f"wrk.method = 'POST'\nwrk.path = '/invocations'\nwrk.body = [==[{bodies[1]}]==]\nwrk.headers['content-type'] = 'application/json'\n")
                        times = [wrk(p, script, 5, 1)[1] for p in (ours, port)]
                        rates = [wrk(p, script, 5)[0] for p in (ours, port)]
                        print(f"/invocations, 1 row, 16 connections: clairscore {rates[0]:,.0f}/s, {name} {rates[1]:,.0f}/s, {rates[0] / rates[1]:.0f} times as many", flush=True)
                    print(f"/invocations, {count} row{'s' if count > 1 else ''}, one connection: clairscore {times[0]:.3f} ms, {name} {times[1]:.1f} ms, {times[1] / times[0]:.0f} times as fast", flush=True)


if __name__ == "__main__":
    main()
