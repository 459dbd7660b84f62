#!/usr/bin/env python3
"""How long the image takes from exec to ready, with a warm cache of the Hub. Root only, for chroot.

usage: image_start.py ARCHIVE BINARY [--runs 10]      e.g. build/image/clairscore.oci.tar build/release/clairscore

The layers are unpacked and run with the image's own environment and command as user 1000. The two repositories are the
demonstration's model and 48,744 applicants of `synth`, served by hub_server.py; one start fills the cache and is not
counted. Also says what the image weighs.
"""
import argparse, json, os, pathlib, shutil, signal, statistics, subprocess, sys, tarfile, tempfile, time
from startup import free_port, ready

SOURCE = pathlib.Path(__file__).resolve().parent.parent


def unpack(archive, root):
    """The root files; the image's configuration, and the bytes of its layers."""
    with tarfile.open(archive) as outer:
        def read(digest):
            return outer.extractfile("./blobs/sha256/" + digest.removeprefix("sha256:"))
        index = json.load(outer.extractfile("./index.json"))
        manifest = json.load(read(index["manifests"][0]["digest"]))
        for layer in manifest["layers"]:
            with tarfile.open(fileobj=read(layer["digest"]), mode="r:gz") as inner:
                inner.extractall(root, numeric_owner=True)
        return json.load(read(manifest["config"]["digest"]))["config"], sum(layer["size"] for layer in manifest["layers"])


def start(config, root, variables):
    """Seconds until /readyz answers 200."""
    api = free_port()
    environment = dict(one.split("=", 1) for one in config["Env"])
    environment |= {**variables, "CLAIRSCORE_PORT": str(free_port()), "CLAIRSCORE_API_PORT": str(api)}
    command = ["chroot", "--userspec=1000:1000", "--groups=", str(root), *config["Entrypoint"], *config["Cmd"]]
    begin = time.monotonic()
    server = subprocess.Popen([shutil.which("chroot"), *command[1:]], env=environment, stderr=subprocess.PIPE)
    try:
        while not ready(api):
            if server.poll() is not None:
                sys.exit(f"it ended before it was ready: {server.stderr.read().decode()}")
            time.sleep(0.002)
        return time.monotonic() - begin
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive")
    parser.add_argument("binary")
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, hub = pathlib.Path(folder) / "root", pathlib.Path(folder) / "hub"
        os.chmod(folder, 0o755)
        config, compressed = unpack(options.archive, root)
        unpacked = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file() and not path.is_symlink())
        print(f"layers compressed {compressed / 2**20:.1f} MiB, files unpacked {unpacked / 2**20:.1f} MiB")
        shutil.copytree(SOURCE / "demo/gradient_boosting", hub / "models/org/model/gradient_boosting")
        (hub / "datasets/org/data").mkdir(parents=True)
        subprocess.run([options.binary, "synth", "--rows", "48744", "--seed", "1", "--output", hub / "datasets/org/data/application_test.csv"],
                       check=True, stderr=subprocess.DEVNULL)
        server = subprocess.Popen([sys.executable, SOURCE / "bench/hub_server.py", hub], stdout=subprocess.PIPE, text=True)
        try:
            variables = {"HF_ENDPOINT": server.stdout.readline().strip().partition("=")[2], "HF_MODEL_REPO_ID": "org/model",
                         "HF_DATA_REPO_ID": "org/data", "HF_HOME": "/tmp/huggingface"}
            print(f"cold cache: ready after {start(config, root, variables) * 1e3:.0f} ms")
            times = sorted(start(config, root, variables) for _ in range(options.runs))
            print(f"warm cache, {options.runs} starts: ready after {statistics.median(times) * 1e3:.0f} ms (p50), {times[0] * 1e3:.0f} to {times[-1] * 1e3:.0f}")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
