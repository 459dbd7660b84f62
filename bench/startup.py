#!/usr/bin/env python3
"""From exec to the first 200 of /readyz, resident memory after, and where the time goes.

usage: startup.py BINARY MODEL_DIR DATA_DIR [--runs 10]

Starts `BINARY serve` on free loopback ports, polls /readyz every millisecond, waits five seconds and
reads VmRSS and VmHWM. Prints the median, the least and the greatest of the runs. Warm page cache:
one run is made and thrown away first. Needs only Python's standard library.
"""
import argparse, http.client, os, re, signal, socket, statistics, subprocess, sys, time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ready(port):
    try:
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        c.request("GET", "/readyz")
        status = c.getresponse().status
        c.close()
        return status == 200
    except OSError:
        return False


def status_kib(pid, field):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(rf"^{field}:\s+(\d+) kB", f.read(), re.M).group(1))


def run(binary, model, data, settle):
    screen, api = free_port(), free_port()
    begin = time.perf_counter()
    p = subprocess.Popen([binary, "serve", "--model", model, "--data", data, "--port", str(screen), "--api-port", str(api)],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while not ready(api):
            if p.poll() is not None:
                sys.exit(p.stderr.read().decode())
            if time.perf_counter() - begin > 60:
                sys.exit("not ready after 60 s")
            time.sleep(0.001)
        took = time.perf_counter() - begin
        time.sleep(settle)
        return took, status_kib(p.pid, "VmRSS") / 1024, status_kib(p.pid, "VmHWM") / 1024
    finally:
        p.send_signal(signal.SIGTERM)
        if p.wait(10) != 0:
            print("warning: the server ended with", p.returncode, file=sys.stderr)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("binary"), a.add_argument("model"), a.add_argument("data"), a.add_argument("--runs", type=int, default=10)
    o = a.parse_args()
    run(o.binary, o.model, o.data, 0)
    results = [run(o.binary, o.model, o.data, 5 if i == o.runs - 1 else 0) for i in range(o.runs)]
    times = [r[0] for r in results]
    print(f"exec to ready: median {statistics.median(times):.3f} s, least {min(times):.3f}, greatest {max(times):.3f} ({o.runs} runs)")
    print(f"5 s after ready: VmRSS {results[-1][1]:.0f} MiB, peak {results[-1][2]:.0f} MiB")
    print(f"binary: {os.path.getsize(o.binary) / 1e6:.1f} MB as built")


if __name__ == "__main__":
    main()
