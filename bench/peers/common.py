"""What the peers' programs share: the rows, and one JSON line a measurement, as engine_bench prints them."""
import json
import sys
import time


def measure(peer, task, rows, repeat, work, threads=2, note=""):
    seconds, processor = [], []
    for _ in range(repeat):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - wall)
        processor.append(time.process_time() - cpu)
    print(json.dumps({"peer": peer, "task": task, "rows": rows, "threads": threads, "seconds": seconds, "processor_seconds": processor, "note": note}), flush=True)


def attempt(name, work):
    """One peer that fails does not end the run."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever a library throws
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
