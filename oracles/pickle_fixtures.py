"""Makes tests/fixtures/pickle: small pickles and joblib files of every kind, and what Python reads in them.

usage: pickle_fixtures.py

expected.json names for each file its entry in "contents": the loaded object as nested lists, ["kind", ...] (see encode
below). Floats and integers are texts, so that nothing is rounded on the way. "models" says what the trees hold.
"""
# requirements: requirements-pickle.txt

import collections
import functools
import io
import json
import pathlib
import pickle
import types

import cloudpickle
import joblib
import joblib.numpy_pickle
import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier

OUTPUT = pathlib.Path("tests/fixtures/pickle")


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("left", "right", "__dict__")

    def __init__(self, left, right):
        self.left, self.right = left, right
        self.more = "dict"


class NamedArguments:
    def __new__(cls, *arguments, **keywords):
        return super().__new__(cls)

    def __getnewargs_ex__(self):
        return (1, "two"), {"three": 3.0}


class ListChild(list):
    pass


class DictChild(dict):
    pass


def encode_array(array):
    kind, flat = array.dtype.kind, array.reshape(-1)  # C order
    if kind == "O":
        values = [encode(x) for x in flat.tolist()]
    elif kind in "bi":
        values = [str(int(x)) for x in flat]
    elif kind in "uf":
        values = [repr(float(x)) for x in flat]
    elif kind == "U":
        values = flat.tolist()
    elif kind == "V" and array.dtype.names:
        values = [[repr(float(x[name])) for name in array.dtype.names] for x in flat]
    else:
        item = array.dtype.itemsize
        raw = np.ascontiguousarray(flat).tobytes()
        values = [raw[i : i + item].hex() for i in range(0, len(raw), item)]
    fields = [[name, array.dtype.fields[name][1], array.dtype.fields[name][0].itemsize] for name in array.dtype.names or ()]
    return ["array", kind, array.dtype.itemsize, list(array.shape), fields, values]


def encode(x):
    if x is None:
        return ["none"]
    if type(x) is bool:
        return ["bool", x]
    if type(x) is int:
        return ["int", str(x)]
    if type(x) is float:
        return ["float", repr(x)]
    if type(x) is str:
        return ["str", x.encode("utf-8", "surrogatepass").hex()]
    if type(x) in (bytes, bytearray):
        return ["bytes", bytes(x).hex()]
    if type(x) in (tuple, list, set, frozenset):
        kind = {tuple: "tuple", list: "list"}.get(type(x), "set")
        return [kind, [encode(y) for y in x]]
    if type(x) is dict:
        return ["dict", encode_entries(x)]
    if isinstance(x, np.ndarray):
        return encode_array(x)
    if isinstance(x, np.generic):
        return ["number", repr(float(x))]
    # Objects: class, state, appended items, set entries.
    name = f"{type(x).__module__}.{type(x).__qualname__}"
    if isinstance(x, type):
        return ["global", f"{x.__module__}.{x.__qualname__}"]
    if isinstance(x, Slotted):
        return ["object", name, ["tuple", [encode(x.__dict__), encode({"left": x.left, "right": x.right})]], [], []]
    if isinstance(x, (collections.OrderedDict, DictChild)):
        return ["object", name, encode(x.__dict__) if x.__dict__ else None, [], encode_entries(x)]
    if isinstance(x, ListChild):
        return ["object", name, encode(x.__dict__), [encode(y) for y in x], []]
    if isinstance(x, (Plain, types.SimpleNamespace)):
        return ["object", name, encode(x.__dict__), [], []]
    if isinstance(x, (slice, complex, functools.partial, range, NamedArguments)):
        return ["object", name, "any", [], []]
    raise TypeError(type(x))


def encode_entries(x):
    return [[encode(k), encode(v)] for k, v in x.items()]


def everything(protocol):
    shared = ["shared"]
    ordered = collections.OrderedDict([("z", 1), ("a", 2)])
    list_child = ListChild([1, 2])
    list_child.label = "child"
    dict_child = DictChild({"k": "v"})
    dict_child.label = "child"
    content = {
        "constants": [None, True, False],
        "integers": [0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, 2**63 - 1]
        + [-(2**63), 2**63, -(2**63) - 1, 2**64, 10**30, -(10**30), 2**2050, -(2**2050)],
        "floats": [0.0, -0.0, 1.5, -1e308, 5e-324, 0.1, float("inf"), float("-inf"), float("nan")],
        "strings": ["", "a", "é", "日本", "\U0001f600", "\ud800", "line\nreturn\rnul\0backslash\\u0041\x1a", "x" * 300],
        "bytes": [b"", b"a", bytes(range(256)), b"y" * 300, bytearray(b"array"), bytearray()],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((), ((),))],
        "lists": [[], [[]], list(range(2345))],
        "dicts": [{}, {"a": {"b": {}}}, {i: str(i) for i in range(1234)}, {None: 1, 2.5: 2, (1, 2): 3, True: 4}],
        "sets": [set(), {1}, frozenset(), frozenset({"f"})],
        "shared": [shared, shared],
        "objects": [Plain(a=1, b=[2]), types.SimpleNamespace(c=3), ordered, list_child, dict_child, slice(1, None, 2)],
        "more": [1 + 2j, functools.partial(print, 1, end=""), range(3), Plain],
    }
    if protocol >= 2:
        content["slots"] = [Slotted(1, 2)]
    if protocol >= 4:  # before, a call of functools.partial
        content["keywords"] = [NamedArguments()]
    return content


def arrays(objects=True):
    node = np.dtype([("value", "<f8"), ("feature", "<i4"), ("left", "u1"), ("wide", "<u8")])
    padded = np.dtype({"names": ["a", "b"], "formats": ["u1", "<f8"], "offsets": [3, 8], "itemsize": 24})
    content = {
        "f8": np.array([[1.5, -0.0, np.nan], [np.inf, -np.inf, 5e-324]]),
        "f8_fortran": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
        "f8_big": np.arange(6.0).reshape(3, 2).astype(">f8"),
        "f4": np.array([1.1, -2.2, 3.3e38, 1e-45], "<f4"),
        "f4_big_fortran": np.asfortranarray(np.arange(6).reshape(2, 3).astype(">f4")),
        "f2": np.array([1.1, -2.0, 6e-8, 65504, np.inf, np.nan], "<f2"),
        "bool": np.array([True, False, True]),
        "empty": np.zeros((0, 3)),
        "scalar_shape": np.array(7.25),
        "text": np.array(["", "é", "日本", "\U0001f600", "abcdef"]),
        "text_big": np.array(["a", "bé"]).astype(">U2"),
        "bytes": np.array([b"a", b"abc"]),
        "node": np.array([(1.5, -2, 3, 4), (2.5, -3, 4, 2**40)], node),
        "padded": np.array([(1, 2.0), (3, 4.0)], padded),
        "datetime": np.array(["2024-01-01", "NaT"], "M8[ns]"),
        "complex": np.array([1 + 2j]),
        "many": np.arange(1000.0),
        "sliced": np.arange(20.0).reshape(4, 5)[::2, ::3],
    }
    for kind in "iu":
        for size in (1, 2, 4, 8):
            info = np.iinfo(f"{kind}{size}")
            values = np.array([info.min, 0, 1, info.max], f"<{kind}{size}")
            content[f"{kind}{size}"] = values
            content[f"{kind}{size}_big"] = values.astype(f">{kind}{size}")
    if objects:
        content["labels"] = np.array(["a", None, np.nan, 1, 2.5, True], object)
        content["objects_fortran"] = np.asfortranarray(np.array([["a", "b", "c"], ["d", "e", "f"]], object))
        content["nested"] = np.array([np.arange(3.0), ("t", 1)], object)
        content["scalars"] = [np.float64(1.5), np.float32(0.25), np.int64(-7), np.uint8(200), np.bool_(True)]
    return content


def joblib_without_alignment(content, path):
    """As joblib up to 1.1 wrote: no padding, and no word of it in the wrapper."""
    create = joblib.numpy_pickle.NumpyPickler._create_array_wrapper

    def create_without(self, array):
        wrapper = create(self, array)
        del wrapper.numpy_array_alignment_bytes
        return wrapper

    joblib.numpy_pickle.NumpyPickler._create_array_wrapper = create_without
    try:
        joblib.dump(content, path)
    finally:
        joblib.numpy_pickle.NumpyPickler._create_array_wrapper = create


class Unseekable(io.FileIO):
    def tell(self):
        raise io.UnsupportedOperation("tell")


def tree_models():
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3))
    y = (x[:, 0] + x[:, 1] > 0).astype(int)
    boosting = GradientBoostingClassifier(n_estimators=3, max_depth=2, random_state=0).fit(x, y)
    histogram = HistGradientBoostingClassifier(max_iter=3, max_leaf_nodes=4, early_stopping=False, random_state=0).fit(x, y)
    trees = [tree.tree_ for tree in boosting.estimators_[:, 0]]
    expected = {
        "boosting": {
            "node_counts": [int(t.node_count) for t in trees],
            "thresholds": [[repr(float(v)) for v in t.threshold] for t in trees],
        },
        "histogram": {
            "baseline": repr(float(histogram._baseline_prediction[0, 0])),
            "node_counts": [len(p[0].nodes) for p in histogram._predictors],
            "values": [[repr(float(v)) for v in p[0].nodes["value"]] for p in histogram._predictors],
        },
    }
    return boosting, histogram, expected


def main():
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for old in OUTPUT.iterdir():
        old.unlink()
    files, contents = {}, []

    def record(name, content, write):
        write(OUTPUT / name)
        encoded = encode(content)
        if encoded not in contents:
            contents.append(encoded)
        files[name] = contents.index(encoded)

    def dump(content, protocol):
        return lambda path: path.write_bytes(pickle.dumps(content, protocol=protocol))

    for protocol in range(6):
        content = everything(protocol)
        record(f"everything_p{protocol}.pkl", content, dump(content, protocol))
    for protocol in (0, 2, 3, 4, 5):
        record(f"arrays_p{protocol}.pkl", arrays(), dump(arrays(), protocol))
    record("arrays_cloudpickle.pkl", arrays(), lambda path: path.write_bytes(cloudpickle.dumps(arrays())))

    # cycles, which encode() cannot write down
    cycle = [1]
    cycle.append({"self": cycle})
    (OUTPUT / "cycle.pkl").write_bytes(pickle.dumps(cycle, protocol=4))

    record("arrays.joblib", arrays(), lambda path: joblib.dump(arrays(), path))
    for protocol in (2, 3, 5):
        record(f"arrays_p{protocol}.joblib", arrays(), lambda path: joblib.dump(arrays(), path, protocol=protocol))
    for method in ("zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        record(f"arrays.joblib.{method}", arrays(), lambda path: joblib.dump(arrays(), path, compress=(method, 3)))
    record("arrays_unaligned.joblib", arrays(), lambda path: joblib_without_alignment(arrays(), path))

    def dump_unseekable(path):
        with Unseekable(path, "w") as file:
            joblib.dump(arrays(objects=False), file)

    record("arrays_unseekable.joblib", arrays(objects=False), dump_unseekable)
    record("array.joblib", np.arange(5.0), lambda path: joblib.dump(np.arange(5.0), path))

    boosting, histogram, models = tree_models()
    for protocol in (0, 2, 5):
        (OUTPUT / f"histogram_p{protocol}.pkl").write_bytes(pickle.dumps(histogram, protocol=protocol))
    joblib.dump(boosting, OUTPUT / "boosting.joblib")
    joblib.dump(boosting, OUTPUT / "boosting.joblib.gz")

    expected = {"files": files, "contents": contents, "models": models}
    (OUTPUT / "expected.json").write_text(json.dumps(expected, separators=(",", ":"), allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
