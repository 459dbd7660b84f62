"""One cache, two clients: the real huggingface_hub and `clairscore hub`, each reading what the other wrote.

usage: hub_interop.py BINARY [--record FILE]

Starts bench/hub_server.py on a folder of its own and goes through every direction: Python downloads and ours
works offline, ours downloads and Python works offline, both complete what the other began, without symbolic
links, with locks that the other holds, and (client 2.x) with large blobs in the shared store. Fails at the
first difference. --record writes the cache that Python made, as a manifest, for the test that needs no Python.
`oracles/hub_interop.sh` runs it with both clients.
"""
import argparse, base64, contextlib, hashlib, json, os, pathlib, subprocess, sys, tempfile, time, urllib.request

MODEL, DATA = "demo/model", "demo/data"
ROOT = pathlib.Path(__file__).resolve().parent.parent


def varied(size, seed):
    return b"".join(hashlib.sha256(b"%d %d" % (seed, i)).digest() for i in range(size // 32 + 1))[:size]


def write_repos(root):
    files = {
        f"models/{MODEL}/README.md": b"# a model\n",
        f"models/{MODEL}/gradient_boosting/MLmodel": b"flavors: {}\n",
        f"models/{MODEL}/gradient_boosting/code/p7_utils/__init__.py": b"",
        f"models/{MODEL}/gradient_boosting/model.pkl": varied(5000, 1),
        f"datasets/{DATA}/application_test.csv": b"SK_ID_CURR\n1\n",
        f"datasets/{DATA}/shap/shap_beeswarm.png": varied(700, 2),
        f"datasets/{DATA}/plots/OWN_CAR_AGE_hist_data.json": b"{}",
    }
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


class Server:
    def __init__(self, root):
        self.process = subprocess.Popen([sys.executable, ROOT / "bench/hub_server.py", root], stdout=subprocess.PIPE, text=True)
        self.endpoint = self.process.stdout.readline().strip().split("=")[1]

    def post(self, what):
        with urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/_/{what}", method="POST")) as answer:
            return json.load(answer)

    def stats(self):
        with urllib.request.urlopen(f"{self.endpoint}/_/stats") as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def environment(home, endpoint, **more):
    return {"PATH": os.environ["PATH"], "HOME": str(home), "HF_HOME": str(home), "HF_ENDPOINT": endpoint,
            "HF_TOKEN": "hf_interop", "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_MODEL_REPO_ID": MODEL, "HF_DATA_REPO_ID": DATA, **more}


def python(code, env):
    """Runs code with the client that runs this script; its last line is JSON."""
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the Python client failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


DOWNLOAD = f"""
import json
from huggingface_hub import snapshot_download
print(json.dumps([snapshot_download({MODEL!r}, allow_patterns="gradient_boosting/*"), snapshot_download({DATA!r}, repo_type="dataset")]))
"""
READ = f"""
import json, warnings
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache
warnings.simplefilter("error")
paths = [snapshot_download({MODEL!r}, allow_patterns="gradient_boosting/*"), snapshot_download({DATA!r}, repo_type="dataset")]
file = hf_hub_download({MODEL!r}, "gradient_boosting/model.pkl")
missing = try_to_load_from_cache({DATA!r}, "shap/shap_explanation.joblib", repo_type="dataset")
info = scan_cache_dir()
print(json.dumps({{"paths": paths, "file": file, "missing_is_known": missing is not None and not isinstance(missing, str), "warnings": [str(w) for w in info.warnings],
  "repos": sorted([r.repo_type, r.repo_id, r.nb_files, sorted(ref for rev in r.revisions for ref in rev.refs)] for r in info.repos)}}))
"""


class Check:
    def __init__(self, binary, server, root):
        self.binary, self.server, self.root = binary, server, root

    def ours(self, home, *arguments, code=0, **more):
        done = subprocess.run([self.binary, "hub", *arguments, "--json"], env=environment(home, self.server.endpoint, **more), capture_output=True, text=True)
        if done.returncode != code:
            sys.exit(f"clairscore hub {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout else None

    def python(self, home, code, **more):
        return python(code, environment(home, self.server.endpoint, **more))

    def bytes_of(self, action):
        before = self.server.stats()["bytes"]
        action()
        return self.server.stats()["bytes"] - before

    def expect_ours_reads(self, home, **more):
        """Offline: whole, verified, the same files."""
        status = self.ours(home, "status", HF_HUB_OFFLINE="1", **more)
        snapshots = [repo["snapshot"] for repo in status["repos"]]
        assert all(snapshots), status
        for snapshot, folder in zip(snapshots, (f"models/{MODEL}", f"datasets/{DATA}")):
            for file in snapshot["files"]:
                served = pathlib.Path(snapshot["folder"])
                base = served.parent if served.name == "gradient_boosting" else served
                assert (base / file["path"]).read_bytes() == (self.root / folder / file["path"]).read_bytes(), file
        for verdict in self.ours(home, "verify", **more):
            assert verdict["bad"] == [] and verdict["files"] > 0, verdict

    def expect_python_reads(self, home, **more):
        read = self.python(home, READ, HF_HUB_OFFLINE="1", **more)
        assert read["warnings"] == [], read
        assert pathlib.Path(read["file"]).read_bytes() == (self.root / f"models/{MODEL}/gradient_boosting/model.pkl").read_bytes()
        assert [repo[3] for repo in read["repos"]] == [["main"], ["main"]], read
        return read


def no_links(check, temporary):
    off = {"HF_HUB_DISABLE_SYMLINKS": "1"}
    check.python(temporary / "plain-theirs", DOWNLOAD, **off)
    check.expect_ours_reads(temporary / "plain-theirs", **off)
    check.ours(temporary / "plain-ours", "sync", **off)
    check.expect_python_reads(temporary / "plain-ours", **off)


def locks(check, home):
    """Ours waits while Python holds the lock of a file, and says what for."""
    blob = hashlib.sha256((check.root / f"models/{MODEL}/gradient_boosting/model.pkl").read_bytes()).hexdigest()
    lock = home / "hub/.locks" / f"models--{MODEL.replace('/', '--')}" / f"{blob}.lock"
    lock.parent.mkdir(parents=True)
    holder = subprocess.Popen([sys.executable, "-c", f"""
import sys
from huggingface_hub.utils import WeakFileLock
with WeakFileLock({str(lock)!r}):
    print("held", flush=True)
    sys.stdin.readline()
"""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    holder.stdout.readline()
    waiting = subprocess.Popen([check.binary, "hub", "sync", "--only", "model"], env=environment(home, check.server.endpoint), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in waiting.stderr:
        if "waiting for another process" in line:
            assert str(lock) in line
            break
    else:
        sys.exit("ours did not wait for Python's lock")
    holder.communicate("\n")
    assert waiting.wait() == 0


def shared_store(check, home):
    """Large blobs moved to the store by the client's own code, as it does after a Xet download."""
    check.python(home, DOWNLOAD)
    moved = check.python(home, """
import json, pathlib, os
from huggingface_hub import constants
from huggingface_hub.utils._shared_blobs import publish_blob_to_shared_store
cache, moved = pathlib.Path(constants.HF_HUB_CACHE), 0
for blob in sorted(cache.glob("*--*/blobs/*")):
    if len(blob.name) == 64:
        moved += publish_blob_to_shared_store(blob_path=str(blob), xet_hash=blob.name[::-1], cache_dir=str(cache), expected_size=blob.stat().st_size)
print(json.dumps(moved))
""")
    assert moved == 3, moved
    links = [b for b in (home / "hub").glob("*--*/blobs/*") if b.is_symlink()]
    assert len(links) == 3
    check.expect_ours_reads(home)
    assert check.bytes_of(lambda: check.ours(home, "sync")) == 0
    assert all(link.is_symlink() for link in links), "ours wrote over a link into the shared store"
    check.expect_python_reads(home)


def record(home, file, version):
    """The cache as a manifest: directories, files by content, links by target."""
    entries, cache = [], home / "hub"
    for path in sorted(cache.rglob("*")):
        entry = {"path": path.relative_to(cache).as_posix()}
        if path.is_symlink():
            entry["link"] = os.readlink(path)
        elif path.is_dir():
            entry["folder"] = True
        else:
            entry["base64"] = base64.b64encode(path.read_bytes()).decode()
        entries.append(entry)
    file.write_text(json.dumps({"client": version, "entries": entries}, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--record", type=pathlib.Path)
    options = parser.parse_args()
    import huggingface_hub
    version = huggingface_hub.__version__
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        temporary = pathlib.Path(folder)
        root = temporary / "root"
        write_repos(root)
        server = Server(root)
        stack.callback(server.stop)
        check = Check(os.path.abspath(options.binary), server, root)

        theirs, ours = temporary / "theirs", temporary / "ours"
        check.python(theirs, DOWNLOAD)
        check.expect_ours_reads(theirs)
        assert check.bytes_of(lambda: check.ours(theirs, "sync")) == 0, "ours downloaded what Python had"
        print(f"huggingface_hub {version}: ours reads its cache, offline and without downloading")

        check.ours(ours, "sync")
        read = check.expect_python_reads(ours)
        assert read["missing_is_known"], "Python does not see our .no_exist marker"
        again = check.bytes_of(lambda: check.python(ours, DOWNLOAD))
        # Python asks for the commit and the list again; no file.
        assert again < 2500, f"Python downloaded {again} bytes of what ours had"
        print(f"huggingface_hub {version}: reads our cache, offline and without downloading")

        if options.record:
            if not version.startswith("1."):
                shared_store(check, temporary / "recorded")
            else:
                check.python(temporary / "recorded", DOWNLOAD)
            for marker in (temporary / "recorded/hub").glob("*--*/.clairscore"):
                subprocess.run(["rm", "-r", marker], check=True)
            record(temporary / "recorded", options.record, version)

        (root / f"models/{MODEL}/gradient_boosting/MLmodel").write_bytes(b"flavors: {second: 1}\n")
        (root / f"datasets/{DATA}/shap/shap_beeswarm.png").write_bytes(varied(900, 3))
        assert len(server.post("commit")["commits"]) == 2
        one, other = environment(theirs, server.endpoint), environment(ours, server.endpoint)
        python(f"import json\nfrom huggingface_hub import hf_hub_download\nprint(json.dumps(hf_hub_download({DATA!r}, 'shap/shap_beeswarm.png', repo_type='dataset')))", one)
        check.ours(theirs, "sync")
        check.expect_ours_reads(theirs)
        check.expect_python_reads(theirs)
        check.ours(ours, "sync", "--only", "model")
        python(DOWNLOAD, other)
        check.expect_python_reads(ours)
        check.expect_ours_reads(ours)
        print(f"huggingface_hub {version}: each completes what the other began, at a new commit")

        no_links(check, temporary)
        print(f"huggingface_hub {version}: without symbolic links, both ways")
        locks(check, temporary / "locks")
        print(f"huggingface_hub {version}: ours waits for its lock")
        if not version.startswith("1."):
            shared_store(check, temporary / "store")
            print(f"huggingface_hub {version}: blobs in its shared store are read and left alone")
        assert server.stats()["leaks"] == 0, "the token reached the file host"
    print(f"huggingface_hub {version}: all agree")


if __name__ == "__main__":
    main()
