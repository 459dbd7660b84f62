"""What the peers' programs share: one JSON line a measurement, as engine_bench prints them."""
import json
import time


def measure(peer, task, rows, repeat, work, threads=2, note=""):
    seconds, processor = [], []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - wall)
        processor.append(time.process_time() - cpu)
    print(json.dumps({"peer": peer, "task": task, "rows": rows, "threads": threads, "seconds": seconds, "processor_seconds": processor, "note": note}), flush=True)
