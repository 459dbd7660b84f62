"""invocations.py BINARY MODEL APPLICANTS.csv MLFLOW_PYTHON: requests a second of POST /invocations, ours and MLflow's.

MLFLOW_PYTHON is the interpreter of an environment with oracles/requirements-mlflow2.txt. Both serve the same model and
are asked the same bodies by the same client, one connection, one after the other: one row, then 10,000 rows
(dataframe_split). Medians; the answers are compared first.
"""

import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

SHARES = {1: (400, 40), 10_000: (12, 4)}  # rows: requests to us, to MLflow


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(port, path, process):
    for _ in range(1200):
        if process.poll() is not None:
            sys.exit(f"{process.args[0]} ended with {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("not ready")


def ask(connection, body):
    started = time.perf_counter()
    connection.request("POST", "/invocations", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text[:500]
    return time.perf_counter() - started, text


def prepared_rows(binary, model, applicants, count):
    """The model's inputs as JSON cells: missing numbers null, texts as they are."""
    import csv

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


def main():
    binary, model, applicants, python = sys.argv[1:]
    columns, rows = prepared_rows(binary, model, applicants, 10_000)
    ours, screen, theirs = free_port(), free_port(), free_port()
    servers = [
        subprocess.Popen([binary, "serve", "--model", model, "--data", applicants, "--port", str(screen), "--api-port",
                          str(ours)], stderr=subprocess.DEVNULL),
        subprocess.Popen([python, "-m", "mlflow", "models", "serve", "-m", model, "-p", str(theirs), "--env-manager",
                          "local"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                         env={**os.environ, "PATH": os.path.dirname(python) + ":" + os.environ["PATH"]}),
    ]
    try:
        wait(ours, "/readyz", servers[0])
        wait(theirs, "/ping", servers[1])
        us = http.client.HTTPConnection("127.0.0.1", ours)
        them = http.client.HTTPConnection("127.0.0.1", theirs)
        for count, repeats in SHARES.items():
            body = json.dumps({"dataframe_split": {"columns": columns, "data": rows[:count]}})
            predictions = [json.loads(ask(server, body)[1])["predictions"] for server in (us, them)]
            worst = max(abs(a - b) for mine, other in zip(*predictions) for a, b in zip(mine, other))
            assert len(predictions[0]) == len(predictions[1]) == count and worst < 1e-12, worst
            times = [statistics.median(ask(server, body)[0] for _ in range(n)) for server, n in zip((us, them), repeats)]
            print(f"{count} rows ({len(body):,} bytes): ours {times[0] * 1e3:.3f} ms, mlflow models serve "
                  f"{times[1] * 1e3:.1f} ms, {times[1] / times[0]:.0f} times as fast")
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(20)


main()
