"""Latencies of the product's routes over 48,744 made-up applicants, one connection each time.

usage: product.py BINARY      serves the demonstration on free loopback ports
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request

from startup import free_port


def main():
    port, api_port = free_port(), free_port()
    base = f"http://127.0.0.1:{port}"
    begin = time.perf_counter()
    command = [sys.argv[1], "demo", "--port", str(port), "--api-port", str(api_port)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(base + "/api/v1/importance").read()
                break
            except urllib.error.URLError:
                time.sleep(0.02)
        print(f"contributions of everybody: {time.perf_counter() - begin:.2f} s after the start")
        ids = json.load(urllib.request.urlopen(base + "/customers"))["customer_ids"]
        some = ids[:: len(ids) // 100]
        for name, targets in {
            "search by prefix": [f"customers?prefix={str(i)[:3]}" for i in some],
            "queue near the threshold": ["customers?advice=review&order=borderline"] * 50,
            "filter by an input": ["customers?filter=NAME_INCOME_TYPE:Working&min_points=480"] * 50,
            "one customer": [f"customers/{i}" for i in some],
            "distribution": ["inputs/AMT_CREDIT/distribution"] * 50,
        }.items():
            times = []
            for target in targets:
                begin = time.perf_counter()
                urllib.request.urlopen(f"{base}/api/v1/{target}").read()
                times.append(1000 * (time.perf_counter() - begin))
            times.sort()
            at = lambda share: times[int(share * (len(times) - 1))]
            print(f"{name}: p50 {at(0.5):.1f} ms, p95 {at(0.95):.1f} ms ({len(times)})")
    finally:
        server.terminate()
        server.wait()


main()
