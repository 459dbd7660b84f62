#!/usr/bin/env python3
"""A Hugging Face Hub on this machine: serves folders as repositories with commits.

usage: hub_server.py ROOT [--port 0] [--rate MB_PER_S] [--token TOKEN] [--gzip] [--log FILE]

ROOT is laid out as the Hub's addresses are: ROOT/models/ORG/NAME/… and ROOT/datasets/ORG/NAME/….
The first line on standard output is the address: `HF_ENDPOINT=http://127.0.0.1:PORT`. Files above
1 MiB (and *.pkl, *.joblib, *.png, *.csv of any size) are "large": /resolve answers 302 to a second
port, the file host, which never may see the token (it counts those that do). --rate limits all
bodies together. Every request is a line of --log: method, path, status, authorization yes or no.

A change of the files is not seen until it is committed:

    curl -X POST $HF_ENDPOINT/_/commit                 every repository whose files changed
    curl -X POST $HF_ENDPOINT/_/commit?repo=models/ORG/NAME&ref=main
    curl -X POST $HF_ENDPOINT/_/rate?mb=50             0: no limit
    curl -X POST $HF_ENDPOINT/_/fail?status=503&times=3     the next answers of the Hub
    curl $HF_ENDPOINT/_/stats                          {"requests", "bytes", "leaks", "commits"}

or uploaded: `hf upload` creates repositories and commits to main, all files in the commit itself.

Refs: main moves with each commit; earlier commits stay reachable by their forty digits, and a tag is
made by `POST /_/tag?repo=…&name=v1`. Content is kept in memory. Needs only Python's standard library.
"""
import argparse, base64, datetime, gzip, hashlib, http.server, json, os, pathlib, re, socketserver, sys, threading, time, urllib.parse

LARGE = 1 << 20
LARGE_SUFFIXES = (".pkl", ".joblib", ".png", ".csv", ".bin", ".safetensors")


def git_oid(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class Repo:
    def __init__(self, kind, name, folder):
        self.kind, self.name, self.folder = kind, name, folder
        self.refs, self.commits, self.dates = {}, {}, {}

    def commit(self, ref="main"):
        """Commits what the folder holds now; the commit's name follows from the content and its parent."""
        files = {}
        for path in sorted(self.folder.rglob("*")):
            if not path.is_file():
                continue
            data, name = path.read_bytes(), path.relative_to(self.folder).as_posix()
            entry = {"data": data, "oid": git_oid(data), "lfs": None}
            if len(data) >= LARGE or name.endswith(LARGE_SUFFIXES):
                sha = hashlib.sha256(data).hexdigest()
                pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha}\nsize {len(data)}\n".encode()
                entry.update(lfs={"oid": sha, "size": len(data), "pointerSize": len(pointer)}, oid=git_oid(pointer))
            files[name] = entry
        parent = self.refs.get(ref, "")
        if parent and {n: f["oid"] for n, f in self.commits[parent].items()} == {n: f["oid"] for n, f in files.items()}:
            return None
        text = self.name + parent + json.dumps({n: f["oid"] for n, f in files.items()})
        sha = hashlib.sha1(text.encode()).hexdigest()
        self.commits[sha], self.refs[ref] = files, sha
        self.dates[sha] = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return sha


class Hub:
    def __init__(self, root, options):
        self.root, self.options, self.lock = root, options, threading.Lock()
        self.rate, self.next_free = options.rate * 1e6, 0.0
        self.stats = {"requests": 0, "bytes": 0, "leaks": 0}
        self.failures, self.log = [], open(options.log, "a", buffering=1) if options.log else None
        self.repos, self.file_host = {}, ""
        for kind in ("models", "datasets"):
            for folder in sorted((root / kind).glob("*/*")):
                name = f"{folder.parent.name}/{folder.name}"
                self.repos[kind, name] = Repo(kind, name, folder)
                self.repos[kind, name].commit()

    def find(self, kind, name, revision):
        """The repository and the commit, or the error's status and X-Error-Code."""
        repo = self.repos.get((kind, name))
        if repo is None:
            return None, (401, "RepoNotFound", "Invalid username or password.")
        sha = revision if revision in repo.commits else repo.refs.get(revision)
        if sha is None:
            return None, (404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return (repo, sha), None

    def throttle(self, count):
        """Sleeps so that all bodies together stay below the rate."""
        if self.rate <= 0:
            return
        with self.lock:
            begin = max(self.next_free, time.monotonic())
            self.next_free = begin + count / self.rate
            wait = begin - time.monotonic()
        if wait > 0:
            time.sleep(wait)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub, is_file_host = None, False

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        hub, auth = self.hub, "Authorization" in self.headers
        counted = not self.path.startswith("/_/")
        with hub.lock:
            hub.stats["requests"] += counted
            hub.stats["leaks"] += self.is_file_host and auth
        if hub.log and counted:
            hub.log.write(f"{self.command} {self.path} {status} auth={'yes' if auth else 'no'}\n")
        self.send_response(status)
        headers = dict(headers)
        headers.setdefault("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        view = memoryview(body)
        step = 1 << 18 if hub.rate > 0 else 1 << 22
        for at in range(0, len(body), step):
            hub.throttle(len(view[at:at + step]))
            self.wfile.write(view[at:at + step])
        with hub.lock:
            hub.stats["bytes"] += len(body) if counted else 0

    def error(self, status, code="", message=""):
        headers = {"Content-Type": "application/json"}
        if code:
            headers["X-Error-Code"] = code
        if message:
            headers["X-Error-Message"] = message
        self.answer(status, json.dumps({"error": message or code}).encode(), headers)

    def json(self, value, headers=()):
        self.answer(200, json.dumps(value).encode(), {"Content-Type": "application/json", **dict(headers)})

    def content(self, data, headers):
        """The whole, or the range that is asked for."""
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        headers = {"Accept-Ranges": "bytes", **headers}
        if not match:
            return self.answer(200, data, headers)
        first, last = int(match[1]), int(match[2]) if match[2] else len(data) - 1
        if first >= len(data):
            return self.answer(416, b"", {"Content-Range": f"bytes */{len(data)}"})
        part = data[first:last + 1]
        self.answer(206, part, {**headers, "Content-Range": f"bytes {first}-{first + len(part) - 1}/{len(data)}"})

    def file_host_get(self, path):
        _, kind, owner, name, sha, file = path.split("/", 5)
        entry = self.hub.repos[kind, f"{owner}/{name}"].commits[sha][urllib.parse.unquote(file)]
        etag = hashlib.sha256(entry["lfs"]["oid"].encode()).hexdigest()  # the file host's own
        self.content(entry["data"], {"ETag": f'"{etag}"', "Content-Type": "application/octet-stream"})

    def resolve(self, match):
        kind = "datasets" if match["kind"] else "models"
        name, revision = match["name"], urllib.parse.unquote(match["revision"])
        found, error = self.hub.find(kind, name, revision)
        if error:
            return self.error(*error)
        (repo, sha), path = found, urllib.parse.unquote(match["path"])
        headers = {"X-Repo-Commit": sha}
        entry = repo.commits[sha].get(path)
        if entry is None:
            return self.answer(404, b"Entry not found", {**headers, "X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"})
        if entry["lfs"]:
            target = f"{self.hub.file_host}/{kind}/{name}/{sha}/{urllib.parse.quote(path)}"
            return self.answer(302, b"", {**headers, "Location": target, "X-Linked-Etag": f'"{entry["lfs"]["oid"]}"', "X-Linked-Size": str(entry["lfs"]["size"])})
        if not match["cached"]:
            target = f"/api/resolve-cache/{kind}/{name}/{sha}/{urllib.parse.quote(path, safe='')}"
            return self.answer(307, b"", {**headers, "Location": target, "X-Linked-Etag": f'"{entry["oid"]}"', "X-Linked-Size": str(len(entry["data"]))})
        headers["ETag"] = f'"{entry["oid"]}"'
        if self.hub.options.gzip and "gzip" in self.headers.get("Accept-Encoding", ""):
            return self.answer(200, gzip.compress(entry["data"], mtime=0), {**headers, "Content-Encoding": "gzip"})
        self.content(entry["data"], headers)

    def tree(self, kind, name, revision, query):
        found, error = self.hub.find(kind, name, revision)
        if error:
            return self.error(*error)
        repo, sha = found
        items = []
        for path, file in repo.commits[sha].items():
            item = {"type": "file", "oid": file["oid"], "size": len(file["data"]), "path": path}
            if file["lfs"]:
                item["lfs"] = file["lfs"]
            items.append(item)
        folders = {str(parent) for path in repo.commits[sha] for parent in pathlib.PurePosixPath(path).parents} - {"."}
        items += [{"type": "directory", "oid": hashlib.sha1(f.encode()).hexdigest(), "size": 0, "path": f} for f in sorted(folders)]
        page, start = 1000, int(query.get("cursor", ["0"])[0])
        headers = {"X-Repo-Commit": sha}
        if start + page < len(items):
            headers["Link"] = f'<http://{self.headers["Host"]}/api/{kind}/{name}/tree/{sha}?recursive=true&cursor={start + page}>; rel="next"'
        self.json(items[start:start + page], headers)

    def create_repo(self):
        wanted = json.loads(self.body)
        kind, name = wanted.get("type", "model") + "s", wanted["name"]
        if wanted.get("organization"):
            name = f"{wanted['organization']}/{name}"
        if not re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", name) or kind not in ("models", "datasets"):
            return self.error(400, message=f"no such kind or name: {kind} {name}")
        if (kind, name) in self.hub.repos:
            body = {"error": "You already created this repo", "url": self.address(self.hub.repos[kind, name])}
            return self.answer(409, json.dumps(body).encode(), {"Content-Type": "application/json"})
        folder = self.hub.root / kind / name
        folder.mkdir(parents=True, exist_ok=True)
        with self.hub.lock:
            repo = self.hub.repos[kind, name] = Repo(kind, name, folder)
            repo.commit()
        self.json({"name": name, "id": name, "url": self.address(repo)})

    def address(self, repo):
        return f"http://{self.headers['Host']}/{'datasets/' if repo.kind == 'datasets' else ''}{repo.name}"

    def upload_modes(self):
        """Every file within the commit, so that there is no second place to store it."""
        files = [{"path": file["path"], "uploadMode": "regular", "shouldIgnore": False, "oid": None} for file in json.loads(self.body)["files"]]
        self.json({"files": files})

    def commit_upload(self, kind, name):
        repo = self.hub.repos.get((kind, name))
        if repo is None:
            return self.error(404, "RepoNotFound", "Repository not found")
        with self.hub.lock:
            for line in self.body.splitlines():
                entry = json.loads(line)
                if entry["key"] == "header":
                    continue
                path = pathlib.PurePosixPath(entry["value"]["path"])
                if entry["key"] not in ("file", "deletedFile") or path.is_absolute() or ".." in path.parts:
                    return self.error(400, message=f"cannot do {entry['key']} of {path}")
                target = repo.folder / path
                if entry["key"] == "deletedFile":
                    target.unlink(missing_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(base64.b64decode(entry["value"]["content"]))
            sha = repo.commit() or repo.refs["main"]
        self.json({"success": True, "commitOid": sha, "commitUrl": f"{self.address(repo)}/commit/{sha}", "pullRequestUrl": None})

    def control(self, path, query):
        hub, value = self.hub, lambda key, other="": query.get(key, [other])[0]
        if path == "/_/stats":
            commits = {f"{r.kind}/{r.name}": r.refs.get("main") for r in hub.repos.values()}
            return self.json({**hub.stats, "commits": commits})
        if self.command != "POST":
            return self.error(405)
        if path == "/_/rate":
            hub.rate = float(value("mb", "0")) * 1e6
        elif path == "/_/fail":
            hub.failures += [int(value("status", "503"))] * int(value("times", "1"))
        elif path == "/_/tag":
            repo = hub.repos[tuple(value("repo").split("/", 1))]
            repo.refs[value("name")] = repo.refs["main"]
        elif path == "/_/commit":
            only, made = value("repo"), {}
            with hub.lock:
                for repo in hub.repos.values():
                    if only in ("", f"{repo.kind}/{repo.name}"):
                        sha = repo.commit(value("ref", "main"))
                        if sha:
                            made[f"{repo.kind}/{repo.name}"] = sha
            return self.json({"commits": made})
        else:
            return self.error(404)
        self.json({"done": True})

    def handle_any(self):
        # Read whatever is answered: the connection goes on.
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query_text = self.path.partition("?")
        query = urllib.parse.parse_qs(query_text)
        if self.is_file_host:
            return self.file_host_get(path)
        if path.startswith("/_/"):
            return self.control(path, query)
        if self.hub.failures:
            return self.error(self.hub.failures.pop(0))
        token = self.hub.options.token
        if token and self.headers.get("Authorization") != f"Bearer {token}":
            return self.error(401, "RepoNotFound", "Invalid username or password.")
        if self.command == "POST":
            if path == "/api/repos/create":
                return self.create_repo()
            if re.fullmatch(r"/api/(models|datasets)/[^/]+/[^/]+/preupload/main", path):
                return self.upload_modes()
            if match := re.fullmatch(r"/api/(models|datasets)/([^/]+/[^/]+)/commit/main", path):
                return self.commit_upload(match[1], match[2])
            return self.error(404)
        if match := re.fullmatch(r"/(?P<kind>datasets/)?(?P<name>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)(?P<cached>)", path):
            return self.resolve(match)
        if match := re.fullmatch(r"/api/(?P<cached>resolve-cache)/(?P<type>models|datasets)/(?P<name>[^/]+/[^/]+)/(?P<revision>[^/]+)/(?P<path>.+)", path):
            groups = {**match.groupdict(), "kind": match["type"] == "datasets"}
            return self.resolve(groups)
        if match := re.fullmatch(r"/api/(models|datasets)/([^/]+/[^/]+)/tree/([^/]+)", path):
            return self.tree(match[1], match[2], urllib.parse.unquote(match[3]), query)
        if match := re.fullmatch(r"/api/(models|datasets)/([^/]+/[^/]+)/commits/([^/]+)", path):
            found, error = self.hub.find(match[1], match[2], urllib.parse.unquote(match[3]))
            if error:
                return self.error(*error)
            repo, sha = found
            return self.json([{"id": sha, "title": "A commit", "message": "", "authors": [], "date": repo.dates[sha]}])
        if match := re.fullmatch(r"/api/(models|datasets)/([^/]+/[^/]+?)(?:/revision/([^/]+))?", path):
            found, error = self.hub.find(match[1], match[2], urllib.parse.unquote(match[3] or "main"))
            if error:
                return self.error(*error)
            repo, sha = found
            return self.json({"id": repo.name, "sha": sha, "private": False, "siblings": [{"rfilename": n} for n in repo.commits[sha]], "tags": [], "downloads": 0, "likes": 0})
        self.error(404)

    do_GET = do_HEAD = do_POST = handle_any


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass  # a client that has gone


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0, help="megabytes (10^6) a second, all bodies together")
    parser.add_argument("--token", default="", help="refuse requests without it")
    parser.add_argument("--gzip", action="store_true", help="compress small files for those who accept it")
    parser.add_argument("--log", default="")
    options = parser.parse_args()
    hub = Hub(options.root, options)
    files = Server(("127.0.0.1", 0), type("FileHost", (Handler,), {"hub": hub, "is_file_host": True}))
    # Another host name than the Hub's, so that a client that compares names only drops the token too.
    hub.file_host = f"http://localhost:{files.server_address[1]}"
    server = Server(("127.0.0.1", options.port), type("HubHandler", (Handler,), {"hub": hub}))
    threading.Thread(target=files.serve_forever, daemon=True).start()
    print(f"HF_ENDPOINT=http://127.0.0.1:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
