# requirements: requirements-mlflow2.txt
"""Records what MLflow's scoring server answers, over the models of tests/fixtures/reference and one made here.

Writes tests/fixtures/mlflow_serving/MAJOR.json.gz, where MAJOR is that of the MLflow that is installed:
{"version", "answers": [{"model", "method", "path", "content_type", "body" or "body_base64", "status", "type",
"answer"}]}, and, with MLflow 2, tests/fixtures/mlflow_serving/typed/, a small model whose signature has every type of
a table's column. mlflow_serving3.py records MLflow 3. The server is driven without a socket.
"""

import asyncio
import base64
import gzip
import json
import logging
import os
import pathlib
import shutil
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

import mlflow  # noqa: E402
import mlflow.pyfunc  # noqa: E402
import mlflow.sklearn  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from mlflow.pyfunc import scoring_server  # noqa: E402
from mlflow.types.schema import ColSpec, Schema  # noqa: E402
from sklearn.compose import make_column_transformer  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import OneHotEncoder  # noqa: E402

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "demo"))
import train  # noqa: E402

REFERENCE = root / "tests/fixtures/reference"
FOLDER = root / "tests/fixtures/mlflow_serving"
MAJOR = mlflow.__version__.split(".")[0]
JSON = "application/json"
CSV = "text/csv"


def save_typed_model(path):
    """Labels that are text, the default predict_fn, and a signature with every type."""
    draw = np.random.default_rng(8)
    n = 400
    inputs = pd.DataFrame(
        {
            "flag": draw.random(n) < 0.4,
            "count": draw.integers(0, 50, n).astype(np.int32),
            "amount": draw.integers(0, 10**12, n),
            "rate": draw.random(n).astype(np.float32),
            "ratio": np.where(draw.random(n) < 0.1, np.nan, draw.random(n)),
            "job": draw.choice(["cook", "poet", "Ünïcode, \"quoted\""], n),
        }
    )
    score = inputs["ratio"].fillna(0.3) + 0.02 * inputs["count"] + 0.5 * inputs["flag"] + (inputs["job"] == "poet")
    target = np.where(score > score.median(), "refused", "accepted")
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    columns = make_column_transformer((encoder, ["job"]), remainder="passthrough")
    pipeline = make_pipeline(columns, HistGradientBoostingClassifier(max_iter=8, random_state=0)).fit(inputs, target)
    types = ["boolean", "integer", "long", "float", "double", "string"]
    schema = Schema([ColSpec(kind, name, required=name != "ratio") for kind, name in zip(types, inputs.columns)])
    shutil.rmtree(path, ignore_errors=True)
    mlflow.sklearn.save_model(pipeline, path, signature=mlflow.models.ModelSignature(inputs=schema))


def cells(frame):
    """The rows as JSON holds them: None for what is missing."""
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.astype(object).to_numpy().tolist()]


def split(columns, rows, **more):
    return json.dumps({"dataframe_split": {"columns": columns, "data": rows}, **more})


def records(columns, rows):
    return [dict(zip(columns, row)) for row in rows]


def reference_requests(frame):
    """(content type, body) for the models of the reference, which share their inputs."""
    columns = list(frame.columns)
    rows = cells(frame)
    whole = split(columns, rows)
    yield JSON, whole
    three = rows[:3]
    yield JSON, json.dumps({"dataframe_records": records(columns, three)})
    yield JSON, json.dumps({"instances": records(columns, three)})
    yield JSON, json.dumps({"inputs": records(columns, three)})
    by_column = {column: [row[i] for row in three] for i, column in enumerate(columns)}
    yield JSON, json.dumps({"inputs": by_column})
    yield JSON, json.dumps({"instances": by_column})
    yield CSV, frame[:5].to_csv(index=False)


def changed(columns, rows, **cells_by_name):
    """The rows with other cells: column=value for every row."""
    rows = [list(row) for row in rows]
    for name, value in cells_by_name.items():
        for row in rows:
            row[columns.index(name)] = value
    return rows


def four_ways(columns, rows, note):
    """The same rows in every form, with a note that says what is in them."""
    yield JSON, split(columns, rows), note + " in dataframe_split"
    yield JSON, json.dumps({"dataframe_records": records(columns, rows)}), note + " in dataframe_records"
    yield JSON, json.dumps({"instances": records(columns, rows)}), note + " in instances"
    by_column = {column: [row[i] for row in rows] for i, column in enumerate(columns)}
    yield JSON, json.dumps({"inputs": by_column}), note + " in inputs"


def text_requests(frame):
    """What may stand where the model needs text."""
    columns = list(frame.columns)
    one = cells(frame)[:1]
    for value in (None, 12, 1.5, "abc", "", True, float("nan")):
        for name in ("CODE_GENDER", "NAME_TYPE_SUITE"):
            yield from four_ways(columns, changed(columns, one, **{name: value}), f"{name} {json.dumps(value)}")


def hub_requests(frame):
    """What only one model of the reference is asked."""
    columns = list(frame.columns)
    rows = cells(frame)
    one = rows[:1]
    two = rows[:2]

    # More rows, other orders, indexes, spare columns.
    yield JSON, split(columns[::-1], [row[::-1] for row in two])
    yield JSON, split([*columns, "SPARE"], [[*row, {"a": [1]}] for row in two])
    yield JSON, json.dumps({"dataframe_split": {"columns": columns, "data": two, "index": [7, 9]}})
    yield JSON, json.dumps({"dataframe_split": {"columns": columns, "data": two, "index": [7]}})
    yield JSON, json.dumps({"dataframe_split": {"data": two}})
    yield JSON, json.dumps({"dataframe_split": {"columns": columns, "data": []}})
    yield JSON, json.dumps({"dataframe_split": {"columns": columns}})
    yield JSON, json.dumps({"dataframe_split": {"columns": columns, "data": two, "more": 1}})
    yield JSON, json.dumps({"dataframe_split": two})
    yield JSON, json.dumps({"dataframe_split": "text"})
    yield JSON, json.dumps({"dataframe_split": {"columns": columns, "data": "text"}})
    yield JSON, json.dumps({"dataframe_split": {"columns": "text", "data": two}})
    yield JSON, split(columns, [two[0], two[1][:-1]])
    yield JSON, split(columns, [two[0], [*two[1], 1]])
    yield JSON, split(columns[:-1], two)
    yield JSON, split(columns[:-1], [row[:-1] for row in two])
    yield JSON, split([*columns, columns[0]], [[*row, row[0]] for row in two])
    yield JSON, split(columns[1:] + ["EXTRA"], [row[1:] + [1] for row in two])
    optional = columns.index("EXT_SOURCE_1")
    yield JSON, split(columns[:optional] + columns[optional + 1 :], [r[:optional] + r[optional + 1 :] for r in two])
    yield JSON, json.dumps({"dataframe_records": []})
    yield JSON, json.dumps({"dataframe_records": {"a": 1}})
    yield JSON, json.dumps({"dataframe_records": "text"})
    yield JSON, json.dumps({"dataframe_records": [1, 2]})
    yield JSON, json.dumps({"dataframe_records": [{}]})
    ragged = records(columns, two)
    del ragged[1]["EXT_SOURCE_1"]
    del ragged[0]["CNT_FAM_MEMBERS"]
    for key in ("dataframe_records", "inputs", "instances"):
        yield JSON, json.dumps({key: ragged})
    del ragged[1]["AMT_CREDIT"]
    for key in ("dataframe_records", "inputs", "instances"):
        yield JSON, json.dumps({key: ragged})
    del ragged[1]["CODE_GENDER"]
    for key in ("dataframe_records", "inputs", "instances"):
        yield JSON, json.dumps({key: ragged})

    # What a number and a text may be.
    for value in (None, 12, -1, 1.5, 1e300, "2.5", " 3 ", "1e3", "1_000", "inf", "nan", "", "abc", True, False, [1],
                  [], {}, 2**53 + 1, 2**63 - 1, float("nan"), float("inf")):
        yield from four_ways(columns, changed(columns, one, AMT_CREDIT=value), f"AMT_CREDIT {json.dumps(value)}")
    for value in ("male", [1], ["male"], {}):
        yield from four_ways(columns, changed(columns, one, CODE_GENDER=value), f"CODE_GENDER {json.dumps(value)}")
    mixed = [list(row) for row in two]
    mixed[1][columns.index("CODE_GENDER")] = None
    mixed[0][columns.index("NAME_TYPE_SUITE")] = 3
    mixed[0][columns.index("AMT_CREDIT")] = None
    mixed[1][columns.index("AMT_CREDIT")] = "17"
    yield JSON, split(columns, mixed)

    # Shapes of instances and inputs.
    by_column = {column: [row[i] for row in two] for i, column in enumerate(columns)}
    for key in ("inputs", "instances"):
        yield JSON, json.dumps({key: two})
        yield JSON, json.dumps({key: []})
        yield JSON, json.dumps({key: {}})
        yield JSON, json.dumps({key: "text"})
        yield JSON, json.dumps({key: 5})
        yield JSON, json.dumps({key: None})
        yield JSON, json.dumps({key: records(columns, one)[0]})
        yield JSON, json.dumps({key: {**by_column, "AMT_CREDIT": by_column["AMT_CREDIT"][:1]}})
        yield JSON, json.dumps({key: {**by_column, "EXT_SOURCE_1": by_column["EXT_SOURCE_1"][:1]}})
        yield JSON, json.dumps({key: {**by_column, "AMT_CREDIT": 5}})
        yield JSON, json.dumps({key: {**by_column, "SPARE": [1, 2]}})
        yield JSON, json.dumps({key: {**by_column, "AMT_CREDIT": [[1], [2]]}})
        yield JSON, json.dumps({key: {name: cells for name, cells in by_column.items() if name != "AMT_CREDIT"}})
        yield JSON, json.dumps({key: [records(columns, one)[0], 5]})
        yield JSON, json.dumps({key: two, "signature_name": "serving_default"})

    # Which keys, which JSON.
    single = split(columns, one)
    yield JSON, split(columns, one, params={"a": 1})
    yield JSON, split(columns, one, params={})
    yield JSON, split(columns, one, params=None)
    yield JSON, split(columns, one, params="text")
    yield JSON, split(columns, one, client_request_id="7")
    yield JSON, json.dumps({**json.loads(single), "dataframe_records": []})
    for body in ("", " ", "{", "[]", "[1]", "{}", "5", "null", '"text"', "{'a': 1}", '{"a": 1}', "\ufeff{}",
                 '{"dataframe_split": NaN}', '{"messages": []}', '{"prompt": "a"}', '{"input": "a"}', single + "x"):
        yield JSON, body
    yield JSON, b"\xff\xfe"
    yield JSON, b'{"a": "\xff"}'
    twice = single[:-1] + ', "dataframe_split": {"columns": [], "data": []}}'
    yield JSON, twice
    yield JSON, "[" * 100000

    # Content types.
    for kind in ("application/json; charset=utf-8", "application/json;charset=UTF-8", "application/json; charset=latin-1",
                 "application/json; format=pandas-split", "application/json; a=1; charset=utf-8", "text/plain", "",
                 "application/jsonx", "APPLICATION/JSON", "application/x-www-form-urlencoded", "text/csv; header=present",
                 "application/json;"):
        yield kind, single

    # CSV.
    text = frame[:2].to_csv(index=False)
    yield CSV + "; charset=utf-8", text
    yield CSV, frame[:2].to_csv(index=False, lineterminator="\r\n")
    yield CSV, frame[:2].to_csv()
    yield CSV, frame[:2][columns[::-1]].to_csv(index=False)
    yield CSV, frame[:2].drop(columns=["AMT_CREDIT", "CODE_GENDER"]).to_csv(index=False)
    yield CSV, frame[:2].drop(columns=["EXT_SOURCE_1"]).to_csv(index=False)
    yield CSV, frame[:0].to_csv(index=False)
    for value in ("abc", "", "NA", " 5", "1e3", "True", "inf"):
        other = frame[:2].astype(object).copy()
        other["AMT_CREDIT"] = value
        yield CSV, other.to_csv(index=False)
    for value in ("abc", "", "NA", "12", " male"):
        other = frame[:2].astype(object).copy()
        other["CODE_GENDER"] = value
        yield CSV, other.to_csv(index=False)
    yield CSV, ""
    yield CSV, "a\n1\n"
    yield CSV, text + "1,2,3\n"
    yield CSV, text + text.splitlines()[1] + ",extra\n"
    yield CSV, b"a\xff,b\n1,2\n"


def typed_requests():
    columns = ["flag", "count", "amount", "rate", "ratio", "job"]
    rows = [[True, 40, 5, 0.5, 0.9, "poet"], [False, 2, 10**11, 0.25, None, "cook"]]
    yield JSON, split(columns, rows)
    yield JSON, json.dumps({"instances": records(columns, rows)})
    yield JSON, json.dumps({"inputs": {column: [row[i] for row in rows] for i, column in enumerate(columns)}})
    yield CSV, "flag,count,amount,rate,ratio,job\nTrue,40,5,0.5,0.9,poet\nFalse,2,100000000000,0.25,,cook\n"
    yield CSV, "flag,count,amount,rate,ratio,job\nTrue,,5,0.5,0.9,poet\n"
    yield CSV, "flag,count,amount,rate,ratio,job\nTrue,1.5,5,0.5,0.9,poet\n"
    yield CSV, "flag,count,amount,rate,ratio,job\n1,1,5,0.5,0.9,poet\n"
    for name in columns[:4]:
        for value in (None, 0, 1, 7, -3, 1.0, 1.5, 2**31, 2**63, 1e30, "1", "1.5", "true", "", True, [1], float("nan")):
            yield from four_ways(columns, changed(columns, rows, **{name: value}), f"{name} {json.dumps(value)}")
        mixed = changed(columns, rows)
        mixed[1][columns.index(name)] = None
        yield JSON, split(columns, mixed)


def call(app, method, path, content_type, body):
    """One request to an ASGI application: (status, type, text)."""
    headers = [(b"host", b"test")]
    if content_type:
        headers.append((b"content-type", content_type.encode()))
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
             "raw_path": path.encode(), "root_path": "", "scheme": "http", "query_string": b"", "headers": headers,
             "client": ("127.0.0.1", 1), "server": ("test", 80)}
    answer = {"body": b""}

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            answer["status"] = message["status"]
            answer["headers"] = dict(message["headers"])
        elif message["type"] == "http.response.body":
            answer["body"] += message.get("body", b"")

    try:
        asyncio.run(app(scope, receive, send))
    except Exception:  # Starlette answers 500, then lets the exception through to the server
        pass
    return answer["status"], answer["headers"].get(b"content-type", b"").decode(), answer["body"].decode()


class Recorder:
    def __init__(self):
        self.answers = []

    def ask(self, name, app, method, path, content_type=None, body=b"", note=""):
        raw = body if isinstance(body, bytes) else body.encode()
        status, kind, text = call(app, method, path, content_type, raw)
        recorded = {"model": name, "method": method, "path": path, "content_type": content_type}
        if note:
            recorded["note"] = note
        if len(raw) > 50000:
            recorded["body_repeat"] = [raw[:1].decode(), len(raw)]
        else:
            try:
                recorded["body"] = raw.decode()
            except UnicodeDecodeError:
                recorded["body_base64"] = base64.b64encode(raw).decode()
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if isinstance(answer, dict):
            answer.pop("stack_trace", None)
            # The data that a message quotes are as long as pandas prints them; its end says what is wrong.
            if len(answer.get("message", "")) > 600 and not answer["message"].startswith("The input must be"):
                answer["message"] = answer["message"][:60] + "…" + answer["message"][-500:]
        recorded.update(status=status, type=kind)
        recorded["answer" if isinstance(answer, dict) else "text"] = answer if isinstance(answer, dict) else text
        self.answers.append(recorded)


def main():
    os.chdir(tempfile.mkdtemp())  # where MLflow leaves its own files
    FOLDER.mkdir(parents=True, exist_ok=True)
    typed = FOLDER / "typed"
    if MAJOR == "2":
        save_typed_model(typed)
    frame = train.prepare(REFERENCE / "hub/data/application_test.csv")
    frame = frame[0] if isinstance(frame, tuple) else frame
    signature = json.loads(mlflow.models.Model.load(REFERENCE / "hub/model").to_dict()["signature"]["inputs"])
    frame = frame[[column["name"] for column in signature]]
    # Rows with missing numbers and text among them.
    frame = pd.concat([frame[:8], frame[frame["NAME_TYPE_SUITE"].isna()][:2], frame[frame["OWN_CAR_AGE"].notna()][:2]])

    recorder = Recorder()
    for name in ("hub", "target", "native", "infrequent"):
        model = mlflow.pyfunc.load_model(str(REFERENCE / name / "model"))
        app = scoring_server.init(model)
        if name == "hub":
            for path in ("/ping", "/health", "/version", "/invocations", "/nothing"):
                for method in ("GET", "POST", "PUT"):
                    if (method, path) != ("POST", "/invocations"):
                        recorder.ask(name, app, method, path)
        for content_type, body in reference_requests(frame):
            recorder.ask(name, app, "POST", "/invocations", content_type, body)
        for content_type, body, *note in text_requests(frame):
            recorder.ask(name, app, "POST", "/invocations", content_type, body, *note)
        if name == "hub":
            for content_type, body, *note in hub_requests(frame):
                recorder.ask(name, app, "POST", "/invocations", content_type, body, *note)
    app = scoring_server.init(mlflow.pyfunc.load_model(str(typed)))
    for content_type, body, *note in typed_requests():
        recorder.ask("typed", app, "POST", "/invocations", content_type, body, *note)
    lines = ",\n".join(json.dumps(answer, ensure_ascii=False) for answer in recorder.answers)
    text = f'{{"version": "{mlflow.__version__}", "answers": [\n{lines}\n]}}\n'
    (FOLDER / f"{MAJOR}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    print(len(recorder.answers), "answers")


if __name__ == "__main__":
    main()
