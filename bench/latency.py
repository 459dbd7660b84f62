#!/usr/bin/env python3
"""GET /customer/{id}/dashboard over one kept-alive connection, ids uniform over all rows: wrk's latency distribution.

usage: latency.py BINARY MODEL_DIR DATA_DIR [--seconds 6] [--connections 1]

Needs wrk. Contributions are computed for each request; nothing of an answer is kept. /livez is measured beside: what
a request costs that computes nothing.
"""
import argparse, json, os, random, signal, subprocess, tempfile, time, urllib.request
from startup import free_port, ready


def measure(url, seconds, connections, script=None):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *(["-s", script] if script else []), url]
    lines = [line.strip() for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]
    percentiles = [line.split() for line in lines if line[:3] in ("50%", "90%", "99%")]
    failures = [line for line in lines if line.startswith(("Non-2xx", "Socket errors"))]
    rate = next(line for line in lines if line.startswith("Requests/sec"))
    return ", ".join([*(f"p{p[:-1]} {t}" for p, t in percentiles), rate, *failures])


def main():
    a = argparse.ArgumentParser()
    a.add_argument("binary"), a.add_argument("model"), a.add_argument("data")
    a.add_argument("--seconds", type=int, default=6), a.add_argument("--connections", type=int, default=1)
    o = a.parse_args()
    screen, api = free_port(), free_port()
    p = subprocess.Popen([o.binary, "serve", "--model", o.model, "--data", o.data, "--port", str(screen), "--api-port", str(api)], stderr=subprocess.DEVNULL)
    try:
        while not ready(api):
            time.sleep(0.01)
        base = f"http://127.0.0.1:{api}"
        ids = json.load(urllib.request.urlopen(f"{base}/customers"))["customer_ids"]
        random.Random(1).shuffle(ids)
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, "ids.lua")
            with open(script, "w") as f:
                f.write("local ids = {" + ",".join(map(str, ids)) + "}\nlocal i = 0\n"
                        "request = function() i = i % #ids + 1; return wrk.format('GET', '/customer/' .. ids[i] .. '/dashboard') end\n")
            measure(base, 2, o.connections, script)
            print(f"dashboard, {o.connections} connection(s):", measure(base, o.seconds, o.connections, script))
        print(f"livez, {o.connections} connection(s):", measure(base + "/livez", o.seconds, o.connections))
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait(10)


if __name__ == "__main__":
    main()
