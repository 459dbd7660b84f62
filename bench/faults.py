#!/usr/bin/env python3
"""What the server does when clients, disks and limits are against it. Ends with 1 when it stalls, leaks or dies.

usage: faults.py BINARY MODEL_DIR DATA_DIR [--memory-seconds 60] [--reloads 100] [--only NAME,NAME]

Each case starts a server of its own on free loopback ports, does its worst, and meanwhile and afterwards asks for
answers, which must be right. `memory` runs a mixed load for as long as it is told and prints VmRSS over time: for the
claim of an hour, --memory-seconds 3600. Works for a binary with sanitizers, too: what they report on standard error
is a failure, and memory is not judged, since they keep what was freed. Needs wrk and Python's standard library.
"""
import argparse, contextlib, http.client, json, os, random, resource, select, signal, socket, subprocess, sys, tempfile
import threading, time
from startup import free_port, status_kib

SANITIZER = ("ERROR: AddressSanitizer", "runtime error:", "WARNING: ThreadSanitizer", "ERROR: LeakSanitizer")
NOFILE = 20_000
o = None  # the options


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


def check_memory(condition, what):
    check(condition or o.sanitized, what)


class Server:
    """A server of the given assets; `stderr`: where its log goes (default: a file that is looked through at the end)."""

    def __init__(self, *settings, nofile=NOFILE, stderr=None):
        self.screen, self.port = free_port(), free_port()
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        command = [o.binary, "serve", "--model", o.model, "--data", o.data, "--port", str(self.screen), "--api-port", str(self.port)]
        self.process = subprocess.Popen([*command, *settings], stderr=self.log if stderr is None else stderr,
                                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (nofile, nofile)))

    def __enter__(self):
        deadline = time.monotonic() + 120
        while True:
            check(self.process.poll() is None, f"ended with {self.process.returncode}: {self.tail()}")
            check(time.monotonic() < deadline, "not ready after two minutes")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("/readyz")[0] == 200:
                    break
            time.sleep(0.05)
        while self.ask("/api/v1/importance")[0] != 200:  # contributions of everybody: memory is settled then
            time.sleep(0.05)
        self.ids = json.loads(self.ask("/customers")[1])["customer_ids"]
        self.wanted = {i: self.score(i) for i in self.ids[:: max(1, len(self.ids) // 50)]}
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure("does not end when told to") from None
        self.log.seek(0)
        text = self.log.read()
        for sign in SANITIZER:
            check(sign not in text, f"{sign} in the log:\n{text[text.find(sign):][:4000]}")
        if kind is None:
            check(code == 0, f"ended with {code}: {self.tail()}")

    def tail(self):
        self.log.seek(0)
        return self.log.read()[-2000:]

    def ask(self, target, method="GET", body=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, target, body, {"content-type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def score(self, customer):
        status, text = self.ask(f"/customer/{customer}/score")
        check(status == 200, f"status {status} for a score")
        return json.loads(text)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def answers(self, times=20):
        """Asks for scores on new connections, compares them, gives the slowest answer's seconds."""
        slowest = 0
        for customer in random.sample(list(self.wanted), min(times, len(self.wanted))):
            begin = time.perf_counter()
            check(self.score(customer) == self.wanted[customer], "another score than before")
            slowest = max(slowest, time.perf_counter() - begin)
        return slowest

    def rss(self):
        return status_kib(self.process.pid, "VmRSS") / 1024

    def metric(self, name):
        for line in self.ask("/metrics")[1].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        raise Failure(f"no metric {name}")


def is_closed(connection):
    """True when the other side has closed it."""
    try:
        ready, _, _ = select.select([connection], [], [], 0)
    except ValueError:  # a descriptor beyond what select takes
        poller = select.poll()
        poller.register(connection, select.POLLIN)
        ready = poller.poll(0)
    if not ready:
        return False
    try:
        return connection.recv(65536) == b""
    except OSError:
        return True


def idle():
    """10,000 connections that say nothing."""
    with Server("--connections", "16384") as server:
        before = server.rss()
        connections = [server.connect() for _ in range(10_000)]
        slowest = server.answers(50)
        check(server.metric("clairscore_connections") > 10_000, "not all are open")
        grown = server.rss() - before
        check_memory(grown < 100, f"{grown:.0f} MiB for connections that say nothing")
        check(not any(is_closed(c) for c in connections), "an idle connection was closed early")
        print(f"idle: 10,000 idle connections cost {grown:.0f} MiB; slowest of 50 answers beside them {slowest * 1e3:.1f} ms")
        for c in connections:
            c.close()
    with Server() as server:  # 1,024 by default
        connections = [server.connect() for _ in range(10_000)]
        slowest = server.answers(50)
        check(server.metric("clairscore_connections") <= 1_024, "more connections than allowed")
        print(f"idle: of 10,000 with room for 1,024 the newest stay; slowest answer {slowest * 1e3:.1f} ms")
        for c in connections:
            c.close()


def slowloris():
    """Headers and bodies a byte a second, and answers nobody reads."""
    with Server() as server:
        slow = []
        for i in range(600):
            c = server.connect()
            if i % 3 == 0:
                c.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n")
            elif i % 3 == 1:
                c.sendall(b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20000000\r\n\r\n")
            else:
                c.sendall(b"GET /features/bivariate_data?feat_x=EXT_SOURCE_2&feat_y=EXT_SOURCE_3 HTTP/1.1\r\nHost: a\r\n\r\n")
            slow.append(c)
        begin, slowest, gone = time.monotonic(), 0.0, set()
        while time.monotonic() - begin < 14:
            for i, c in enumerate(slow):
                if i % 3 == 2 or i in gone:
                    continue
                try:
                    c.sendall(b"X" if i % 3 == 0 else b" ")
                except OSError:
                    gone.add(i)
            slowest = max(slowest, server.answers(5))
            time.sleep(1)
        dripping = [c for i, c in enumerate(slow) if i % 3 != 2 and i not in gone]
        left = sum(not is_closed(c) for c in dripping)
        check(left == 0, f"{left} dripping requests are still open after 14 s")
        rss = server.rss()
        print(f"slowloris: 400 dripping requests cut off, 200 unread answers; slowest answer beside them {slowest * 1e3:.1f} ms; {rss:.0f} MiB")
        for c in slow:
            c.close()
        deadline = time.monotonic() + 30
        while server.metric("clairscore_body_bytes") > 0:
            check(time.monotonic() < deadline, "bytes of bodies are still held by nobody")
            time.sleep(0.1)
        server.answers()


def logs():
    """Logs that cannot be written: a full disk, a pipe nobody reads, a pipe that is closed."""
    with open("/dev/full", "w") as full, Server(stderr=full) as server:
        server.answers(50)
        print("logs: answers with a full disk")
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as pipe, Server(stderr=pipe) as server:
        begin = time.monotonic()
        while time.monotonic() - begin < 5:  # some thousand lines: more than a pipe holds
            server.answers(50)
        check_memory(server.rss() < 250, "lines that wait grow memory")
        print("logs: answers with a pipe that nobody reads")
    os.close(reader)
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as pipe, Server(stderr=pipe) as server:
        os.close(reader)
        server.answers(50)
        print("logs: answers with a pipe that is closed")


def descriptors():
    """More clients than file descriptors."""
    with Server(nofile=160) as server:
        connections = []
        for _ in range(600):
            with contextlib.suppress(OSError):
                connections.append(server.connect())
        slowest = server.answers(50)
        for c in connections:
            c.close()
        server.answers(50)
        print(f"descriptors: 600 clients with 160 descriptors; slowest answer {slowest * 1e3:.1f} ms")


def bodies():
    """More bytes of bodies than there is room for."""
    with Server("--body-mib", "64") as server:
        before = server.rss()
        head = b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20000000\r\n\r\n"
        held, refused = [], 0
        for _ in range(40):
            c = server.connect()
            c.sendall(head)
            with contextlib.suppress(OSError):
                c.sendall(b" " * 4_000_000)
            c.settimeout(0.2)
            try:
                refused += c.recv(4096).startswith(b"HTTP/1.1 503")
            except TimeoutError:
                held.append(c)
            except OSError:
                refused += 1
        check(len(held) == 3, f"{len(held)} bodies of 20 MB in 64 MiB")
        check(refused == 37, f"{refused} of 37 refused")
        slowest = server.answers(50)
        print(f"bodies: 3 of 40 bodies of 20 MB in 64 MiB, the others 503; {server.rss() - before:.0f} MiB; slowest answer {slowest * 1e3:.1f} ms")
        for c in held:
            c.close()


SEEDS = [
    b"GET /customer/100/score HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /features/bivariate_data?feat_x=A&feat_y=B HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nX-Request-Id: abc\r\n\r\n",
    b"POST /invocations HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"inputs\":[[1]]}",
    b"POST /api/v1/score HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"a\r\n{\"applicat\r\n7;x=y\r\nions\":[\r\n2\r\n]}\r\n0\r\nT: v\r\n\r\n",
    b"HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
]
TOKENS = [b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%00", b"chunked", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n",
          b"Expect: 100-continue\r\n", b"Host: b\r\n", b"ffffffffffffffff", b"-1", b"\xff\xfe", b"HTTP/1.1", b"A" * 5000, b"0\r\n\r\n"]


def mutated(rng):
    data = bytearray(b"".join(rng.choices(SEEDS, k=rng.randint(1, 3))))
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            data[at:at] = rng.choice(TOKENS)
        elif kind == 1:
            del data[at : at + rng.randint(1, 20)]
        elif kind == 2 and at < len(data):
            data[at] = rng.randrange(256)
        elif kind == 3:
            data[at:at] = data[at : at + rng.randint(1, 60)]
        else:
            data = data[:at] or data
    return bytes(data)


def fuzz():
    """Mutated requests: each connection ends once it has been told that nothing more comes."""
    with Server() as server:
        rng = random.Random(20261123)
        statuses = {}
        for i in range(o.fuzz):
            data = mutated(rng)
            connection = server.connect()
            answer = b""
            with contextlib.suppress(ConnectionError):
                cut = rng.randrange(len(data) + 1)
                connection.sendall(data[:cut])
                connection.sendall(data[cut:])
                with contextlib.suppress(OSError):  # refused and closed already
                    connection.shutdown(socket.SHUT_WR)
                connection.settimeout(20)
                while block := connection.recv(65536):
                    answer += block
            check(answer == b"" or answer.startswith(b"HTTP/1.1 "), f"request {i}: an answer of another protocol: {answer[:100]!r}")
            status = answer[9:12].decode() or "none"
            statuses[status] = statuses.get(status, 0) + 1
            connection.close()
        check(not any(status.startswith("5") for status in statuses), f"a 5xx: {statuses}")
        server.answers(50)
        print(f"fuzz: {o.fuzz} mutated requests, first answers {dict(sorted(statuses.items()))}")


def wrk(server, script, seconds, connections=16):
    """(requests, lines of failures) of a load."""
    text = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script,
                           f"http://127.0.0.1:{server.port}"], check=True, capture_output=True, text=True).stdout
    done = next(int(line.split()[0]) for line in text.splitlines() if " requests in " in line)
    return done, [line.strip() for line in text.splitlines() if line.strip().startswith(("Non-2xx", "Socket errors"))]


def write_script(folder, ids, body):
    """wrk's mixed load: dashboards, scores, lists, charts, new applications."""
    path = os.path.join(folder, "mixed.lua")
    with open(path, "w") as f:
        f.write("local ids = {" + ",".join(map(str, ids)) + "}\nlocal i = 0\nlocal body = [==[" + body + "]==]\n" + """
request = function()
  i = i + 1
  local id = ids[i % #ids + 1]
  local kind = i % 20
  if kind < 12 then return wrk.format('GET', '/customer/' .. id .. '/dashboard') end
  if kind < 15 then return wrk.format('GET', '/customer/' .. id .. '/score') end
  if kind == 15 then return wrk.format('GET', '/api/v1/customers?prefix=' .. string.sub(id, 1, 3)) end
  if kind == 16 then return wrk.format('GET', '/features/EXT_SOURCE_3/distribution') end
  if kind == 17 then return wrk.format('GET', '/customers', {['Accept-Encoding'] = 'gzip'}) end
  if kind == 18 then return wrk.format('GET', '/metrics') end
  return wrk.format('POST', '/invocations?recipe=default', {['Content-Type'] = 'application/json'}, body)
end
""")
    return path


def mixed(server, folder):
    document = json.loads(server.ask("/openapi.json")[1])
    content = document["paths"]["/invocations"]["post"]["requestBody"]["content"]["application/json"]
    example = content.get("example") or next(iter(content["examples"].values()))["value"]
    ids = random.Random(1).sample(server.ids, min(20_000, len(server.ids)))
    return write_script(folder, ids, json.dumps(example))


def reloads():
    """SIGHUP again and again under load: no request fails."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        script, loaded = mixed(server, folder), []
        stop = threading.Event()

        def load():
            while not stop.is_set():
                loaded.append(wrk(server, script, 5))

        thread = threading.Thread(target=load)
        thread.start()
        version = lambda: json.loads(server.ask("/api/v1/model")[1])["version"]
        seen = {version()}
        try:
            for _ in range(o.reloads):
                server.process.send_signal(signal.SIGHUP)
                deadline = time.monotonic() + 120
                while (now := version()) in seen:
                    check(time.monotonic() < deadline, "a reload takes more than two minutes")
                    time.sleep(0.02)
                seen.add(now)
        finally:
            stop.set()
            thread.join()
        failures = [line for _, lines in loaded for line in lines]
        check(not failures, f"failed: {failures}")
        server.answers(50)
        print(f"reloads: {len(seen) - 1} reloads under load, {sum(n for n, _ in loaded):,} requests, none failed; {server.rss():.0f} MiB")


def memory():
    """Mixed load, and what is resident over time."""
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        script = mixed(server, folder)
        begin, done, rss = time.monotonic(), 0, []
        step = max(5, min(60, o.memory_seconds // 10))
        while time.monotonic() - begin < o.memory_seconds:
            n, failures = wrk(server, script, step)
            check(not failures, f"failed: {failures}")
            done += n
            rss.append(server.rss())
            print(f"memory: {time.monotonic() - begin:5.0f} s, {done:,} requests, {rss[-1]:.1f} MiB", flush=True)
        third = len(rss) // 3
        if third > 0:
            early, late = max(rss[third : 2 * third]), max(rss[-third:])
            check_memory(late < early * 1.05 + 2, f"memory grows: {early:.1f} MiB in the second third, {late:.1f} in the last")
        server.answers(50)


CASES = {"idle": idle, "slowloris": slowloris, "logs": logs, "descriptors": descriptors, "bodies": bodies, "fuzz": fuzz, "reloads": reloads, "memory": memory}


def main():
    global o
    a = argparse.ArgumentParser()
    a.add_argument("binary"), a.add_argument("model"), a.add_argument("data")
    a.add_argument("--memory-seconds", type=int, default=60), a.add_argument("--reloads", type=int, default=100)
    a.add_argument("--fuzz", type=int, default=3000)
    a.add_argument("--only", default=",".join(CASES))
    o = a.parse_args()
    with open(o.binary, "rb") as file:
        binary = file.read()
    sys.stdout.reconfigure(line_buffering=True)
    o.sanitized = b"__asan_init" in binary or b"__tsan_init" in binary
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    failed = []
    for name in o.only.split(","):
        try:
            CASES[name]()
        except (Failure, OSError, http.client.HTTPException) as failure:
            print(f"{name}: FAILED: {failure!r}", flush=True)
            failed.append(name)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
