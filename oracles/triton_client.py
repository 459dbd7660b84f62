# requirements: requirements-triton.txt
"""NVIDIA's own client of the Open Inference Protocol, tritonclient[http], unmodified.

usage: triton_client.py                   writes tests/fixtures/triton/requests.json: the bodies that the client makes,
                                          and the probabilities that MLflow recorded for their rows
       triton_client.py --server HOST:PORT  asks a server that serves tests/fixtures/reference/hub/model; ends with 1
                                          unless every answer is right
"""

import base64
import gzip
import json
import math
import pathlib
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

root = pathlib.Path(__file__).resolve().parent.parent
MODEL = "clairscore"


def recorded_rows():
    """Columns, rows and probabilities of the positive class, from the recording of MLflow."""
    answers = json.loads(gzip.decompress((root / "tests/fixtures/mlflow_serving/2.json.gz").read_bytes()))["answers"]
    first = next(a for a in answers if a["model"] == "hub" and a["path"] == "/invocations" and a["status"] == 200)
    table = json.loads(first["body"])["dataframe_split"]
    # A null text is another value for MLflow than a missing one: only rows without any.
    texts = [i for i, cell in enumerate(table["data"][0]) if isinstance(cell, str)]
    kept = [r for r, row in enumerate(table["data"]) if all(isinstance(row[i], str) for i in texts)]
    return (table["columns"], [table["data"][r] for r in kept],
            [first["answer"]["predictions"][r][1] for r in kept])


def inputs_of(columns, rows, binary, shape_2d=False):
    tensors = []
    for i, name in enumerate(columns):
        cells = [row[i] for row in rows]
        if isinstance(cells[0], str):
            values, datatype = np.array(cells, dtype=np.object_), "BYTES"
        else:
            values = np.array([math.nan if cell is None else cell for cell in cells], dtype=np.float64)
            datatype = "FP64"
        if shape_2d:
            values = values.reshape(-1, 1)
        tensor = triton.InferInput(name, list(values.shape), datatype)
        tensor.set_data_from_numpy(values, binary_data=binary)
        tensors.append(tensor)
    return tensors


def cases():
    """(note, inputs, outputs, rows asked for)."""
    columns, rows, _ = recorded_rows()
    everything = len(rows)
    for binary in (True, False):
        for shape_2d in (False, True):
            outputs = [triton.InferRequestedOutput("probability_pos", binary_data=binary),
                       triton.InferRequestedOutput("decision", binary_data=not binary)]
            note = f"{'binary' if binary else 'JSON'}, {'[n, 1]' if shape_2d else '[n]'}"
            yield note, inputs_of(columns, rows, binary, shape_2d), outputs, everything
    mixed = inputs_of(columns[:20], [row[:20] for row in rows[:1]], True)
    mixed += inputs_of(columns[20:], [row[20:] for row in rows[:1]], False)
    yield "binary and JSON, every output", mixed, None, 1


def record():
    _, _, probabilities = recorded_rows()
    recorded = []
    for note, inputs, outputs, rows in cases():
        body, header_length = triton.InferenceServerClient.generate_request_body(inputs, outputs=outputs)
        recorded.append({"note": note, "header_length": header_length,
                         "body_base64": base64.b64encode(body).decode(), "probability_pos": probabilities[:rows]})
    path = root / "tests/fixtures/triton/requests.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join(json.dumps(one) for one in recorded) + "\n]\n")


def expect_refused(call):
    try:
        call()
    except InferenceServerException as error:
        assert error.status() in ("400", "404"), error
        return
    raise AssertionError("not refused")


def ask(server):
    _, _, probabilities = recorded_rows()
    client = triton.InferenceServerClient(server)
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(MODEL)
    assert not client.is_model_ready("nothing")
    assert client.is_model_ready(MODEL, "1") and not client.is_model_ready(MODEL, "2")
    assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
    metadata = client.get_model_metadata(MODEL)
    assert {"name": "AMT_CREDIT", "datatype": "FP64", "shape": [-1]} in metadata["inputs"], metadata
    assert client.get_model_repository_index()[0]["state"] == "READY"
    for note, inputs, outputs, rows in cases():
        for more in ({}, {"model_version": "1"}, {"request_compression_algorithm": "gzip"},
                     {"response_compression_algorithm": "gzip"}, {"request_id": "seven"}):
            result = client.infer(MODEL, inputs, outputs=outputs, **more)
            answer = result.as_numpy("probability_pos")
            assert answer.shape == (rows,) and answer.dtype == np.float64, (note, answer)
            assert np.abs(answer - probabilities[:rows]).max() < 1e-12, (note, answer)
            decisions = [text.decode() if isinstance(text, bytes) else text for text in result.as_numpy("decision")]
            assert decisions == ["refused" if p >= 0.5064 else "accepted" for p in probabilities[:rows]], note
            if "request_id" in more:
                assert result.get_response()["id"] == "seven"
    columns, rows, _ = recorded_rows()
    one = inputs_of(columns, rows[:1], True)
    expect_refused(lambda: client.infer("nothing", one))
    expect_refused(lambda: client.infer(MODEL, one[1:]))
    expect_refused(lambda: client.infer(MODEL, [*one, one[0]]))
    expect_refused(lambda: client.infer(MODEL, one, outputs=[triton.InferRequestedOutput("nothing")]))
    print("tritonclient: every answer is right")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--server"]:
        ask(sys.argv[2])
    else:
        record()
