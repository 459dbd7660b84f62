# requirements: requirements-api.txt
"""Records how FastAPI and pydantic answer requests that are hard to get right: identifiers in paths,
query strings, redirects. Writes tests/fixtures/api/fastapi.json: [{"target", "status", "location",
"body"}], where the body is JSON text."""

import json
import random
import warnings
from pathlib import Path

warnings.simplefilter("ignore", DeprecationWarning)

from fastapi import FastAPI, HTTPException, Query  # noqa: E402
from fastapi.testclient import TestClient  # noqa: E402

app = FastAPI()


@app.get("/customer/{customer_id}/score")
def score(customer_id: int):
    raise HTTPException(404, f"Customer ID {customer_id} not found.")


@app.get("/features/bivariate_data")
def bivariate(feat_x: str = Query(min_length=1), feat_y: str = Query(min_length=1)):
    raise HTTPException(404, f"{feat_x}|{feat_y}")


def identifiers():
    nine = "9"
    yield from """1 +1 -1 %20100 100%20 1_000 1__0 _1 1_ 1.0 1. 1.00 -1.0 +1.0 .0 1.0_0 1_0.0 01 0_1 00 -0 +0
        --1 +-1 -+1 ++1 -%201 +%201 %091%0a %C2%A01 %E3%80%801%E2%80%A8 %D9%A1 0x10 1e3 1e0 inf nan true True %00
        1%00 1%0b 1%0c %1f1 1%1c 1%c2%85 1%ff %e2%80%8b1 %e1%9a%801 +_1 -_1 0_0 00_1 _0 1_000.0 1%20000 1,000
        %2B5 %252 0.0 -0.0 +.0 00.0 1..0 1.0.0 0__9 0_ 00_ -0_1 +0_1 0_.0 1_.0 0-5 00-5 -0-5 +0-5 0+5 0_-5
        0.0_ 000 -000 +000 -00012 +00012 abc a%20b %C3%A9 %F0%9F%98%80 %22%5C %7F - + _ . - .. %20 %09 %C2%A0
        9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
        18446744073709551616 99999999999999999999.0 -99999999999999999999.00 99999999999999999999_9
        99999999999999999999_ 9999999999999999999__9 _99999999999999999999 +99999999999999999999
        0000099999999999999999999 -0000099999999999999999999 %20+0012_3.000%20 1.%200 1%20.0 1_0_0_0""".split()
    yield from (nine * n for n in (4299, 4300, 4301))
    yield from (sign + nine * n for sign in "+-" for n in (4300, 4301))
    yield from ("00" + nine * 4300, "00" + nine * 4301, nine * 4301 + ".0", nine * 4300 + ".0")
    yield from (nine * 4301 + "x", "x" * 4301, "0" * 4301 + "1", "0" * 5000, "1." + "0" * 5000)
    yield from ("_".join(nine * 2150), "1" + "_0" * 30, "_".join(nine * 4000))
    draw = random.Random(20261122)
    for alphabet in ("019_", "0_-+.", "01_-+. ", "0123456789._"):
        for _ in range(250):
            yield "".join(draw.choices(alphabet, k=draw.randint(1, 7))).replace(" ", "%20")


def targets():
    for identifier in dict.fromkeys(identifiers()):
        yield f"/customer/{identifier}/score"
    yield from (
        "/customer//score",
        "/customer/1/score/",
        "/customer/1/score//?a=b%20c",
        "/customer/%2f/score",
        "/customer/a%2fb/score",
        "/customer/%C3%A9/score/",
        "/customer/1/",
        "/customer/",
        "/features/bivariate_data/?feat_x=a&feat_y=b",
        "/features/bivariate_data",
        "/features/bivariate_data?feat_x=a",
        "/features/bivariate_data?feat_y=a",
        "/features/bivariate_data?feat_x=&feat_y=",
        "/features/bivariate_data?feat_x=a&feat_y=",
        "/features/bivariate_data?feat_x&feat_y=b",
        "/features/bivariate_data?feat_x=a+b&feat_y=%zz",
        "/features/bivariate_data?feat_x=1&feat_x=2&feat_y=%2B",
        "/features/bivariate_data?feat_x=a;feat_y=b",
        "/features/bivariate_data?%66eat_x=1&&feat_y==2=&",
        "/features/bivariate_data?FEAT_X=1&feat_y=2",
    )


def main():
    client = TestClient(app, base_url="http://test")
    recorded = []
    for target in targets():
        response = client.get(target, follow_redirects=False)
        recorded.append(
            {
                "target": response.request.url.raw_path.decode("ascii"),
                "status": response.status_code,
                "location": response.headers.get("location", ""),
                "body": response.text,
            }
        )
    path = Path("tests/fixtures/api/fastapi.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(recorded, ensure_ascii=False, indent=0) + "\n")


main()
