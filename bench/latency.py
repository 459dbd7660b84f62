#!/usr/bin/env python3
"""GET /customer/{id}/dashboard over one kept-alive connection: p50, p95 and p99, ids in a fixed random order.

usage: latency.py BINARY MODEL_DIR DATA_DIR [--requests 5000]

The client is a plain socket that sends prepared bytes and reads until Content-Length is there; its own cost is
measured against /livez and printed beside. Needs only Python's standard library.
"""
import argparse, json, random, re, signal, socket, subprocess, time, urllib.request
from startup import free_port, ready


def measure(connection, requests):
    times = []
    for request in requests:
        begin = time.perf_counter()
        connection.sendall(request)
        answer = connection.recv(65536)
        length = int(re.search(rb"content-length: (\d+)", answer, re.I).group(1))
        body = len(answer) - answer.index(b"\r\n\r\n") - 4
        while body < length:
            body += len(connection.recv(65536))
        times.append(time.perf_counter() - begin)
        assert answer.startswith(b"HTTP/1.1 200")
    times.sort()
    return " ".join(f"p{q} {times[min(len(times) - 1, len(times) * q // 100)] * 1000:.3f} ms" for q in (50, 95, 99))


def main():
    a = argparse.ArgumentParser()
    a.add_argument("binary"), a.add_argument("model"), a.add_argument("data"), a.add_argument("--requests", type=int, default=5000)
    o = a.parse_args()
    screen, api = free_port(), free_port()
    p = subprocess.Popen([o.binary, "serve", "--model", o.model, "--data", o.data, "--port", str(screen), "--api-port", str(api)], stderr=subprocess.DEVNULL)
    try:
        while not ready(api):
            time.sleep(0.01)
        ids = json.load(urllib.request.urlopen(f"http://127.0.0.1:{api}/customers"))["customer_ids"]
        chosen = random.Random(1).choices(ids, k=o.requests)
        get = lambda path: f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        connection = socket.create_connection(("127.0.0.1", api))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        measure(connection, [get(f"/customer/{i}/dashboard") for i in chosen[:200]])
        print("dashboard:", measure(connection, [get(f"/customer/{i}/dashboard") for i in chosen]))
        print("livez    :", measure(connection, [get("/livez")] * o.requests))
    finally:
        p.send_signal(signal.SIGTERM)
        p.wait(10)


if __name__ == "__main__":
    main()
