"""Makes tests/fixtures/data: how pandas 2.2 reads decimals and small CSV files, and what the original's preparation
makes of the reference applicants.

usage: data_fixtures.py [OUTPUT_DIR [SEED [DECIMALS [TABLES [CORPUS]]]]]

decimals.txt        one cell a line, as "cell|pandas2|exact": the bits of the double as 16 hexadecimal digits, or "text".
csv_cases.json      CSV texts and the columns pandas makes of them, or "error"; "stricter" where Clairscore refuses what
                    pandas reads.
csv_corpus.jsonl    some thousands of texts more, most of them damaged: one a line, "[csv, 0]" where both refuse, "[csv, 1]"
                    where Clairscore is stricter, else "[csv, [[name, type, cells]…]]" as pandas reads it.
home_credit.json    per column after the preparation: type, SHA-256 of its cells, and the cells of a few rows.
"""
# requirements: requirements-data.txt

import hashlib
import io
import json
import pathlib
import random
import re
import struct
import sys
import warnings

import numpy as np
import pandas as pd

APPLICANTS = "tests/fixtures/reference/hub/data/application_test.csv"
MISSING = ["", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
           "NA", "NULL", "NaN", "None", "n/a", "nan", "null"]


def bits(value):
    return f"{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}"


# --- decimals ---------------------------------------------------------------------------------------------------------

EDGE_DECIMALS = [
    "0", "-0", "0.0", "-0.0", "+0.0", "1", "1.", ".5", "-.5", ".", "-", "+", "1e", "1e+", "1e-", "e5", ".e5", "1.e5",
    "1E5", "1e+5", "1e 5", "1_000", "0x10", "0x1p3", "1d5", "--1.5", "+-1.5", "-+1.5", "- 1.5", " 1.5", "1.5 ",
    "\t1.5\v", "1.5 x", "1 .5", "inf", "Inf", "-INF", "+inf", "infinity", "-Infinity", " inf", "inf ", "infin", "nan",
    "NAN", "+nan", "1e308", "1e309", "-1e309", "1e400", "-1e400", "1e-400", "-1e-400", "1e-616", "1e-617", "-1e-617",
    "-1e-616", "1e-99999999999", "0e308", "0e309", "0e400", "0.0e-500", "-0e-700", "1.7976931348623157e308",
    "1.7976931348623159e308", "5e-324", "2e-324", "3e-324", "2.2250738585072011e-308", "00000000000000000123.5",
    "000000000000000001.5", "0.000000000000000012345", "0.00000000000000001", "00000000000000000000.5",
    "1e00000000000000005", "1e000000000000000005", "1e10000000000000000000", "12345678901234567", "12345678901234567.5",
    "123456789012345678", "1234567890123456789012345", "9007199254740993", "9007199254740993.0", "900719925474099.3",
    "0.1", "0.2", "0.3", "8.41", "1e22", "1e23", "123456789e-30", "0." + "1" * 40, "1" * 40, "9" * 308, "9" * 309,
]


def random_decimal(rng):
    def digits(count):
        return "".join(rng.choice("0123456789") for _ in range(count))

    kind = rng.random()
    sign = rng.choice(["", "", "", "-", "+"])
    if kind < 0.25:
        return repr(rng.random())
    if kind < 0.4:
        return repr(rng.uniform(-1e6, 1e6))
    if kind < 0.5:
        return repr(struct.unpack("<d", struct.pack("<Q", rng.getrandbits(64)))[0])
    if kind < 0.6:
        return sign + "0" * rng.randrange(20) + digits(rng.randrange(25)) + "." + digits(rng.randrange(30))
    if kind < 0.7:
        return sign + digits(rng.randrange(1, 25)) + rng.choice("eE") + rng.choice(["", "+", "-"]) + digits(rng.randrange(5))
    if kind < 0.8:
        exponent = rng.choice(["", "e", "e-", "e+"]) + digits(rng.randrange(4))
        return sign + digits(rng.randrange(4)) + "." + "0" * rng.randrange(30) + digits(rng.randrange(20)) + exponent
    if kind < 0.86:
        space = [" ", "\t", "\v", "\f", "  "]
        return rng.choice(space) * rng.randrange(2) + repr(rng.random()) + rng.choice(space + ["x"]) * rng.randrange(2)
    if kind < 0.95:
        return str(rng.getrandbits(rng.randrange(1, 80))) + rng.choice(["", ".", ".0", ".5"])
    return "".join(rng.choice("0123456789+-.eE") for _ in range(rng.randrange(1, 12)))


def read_decimals(cells, **options):
    """Each cell as the second of a column that begins with 0.5, so that it is read as a decimal."""
    answers = []
    for start in range(0, len(cells), 2000):
        part = cells[start:start + 2000]
        header = ",".join(f"c{i}" for i in range(len(part)))
        text = "\n".join([header, ",".join(["0.5"] * len(part)), ",".join(part), ""])
        frame = pd.read_csv(io.StringIO(text), low_memory=False, keep_default_na=False, na_values=["@"], **options)
        for column in frame:
            values = frame[column]
            answers.append(bits(values.iloc[1]) if values.dtype == np.float64 else "text")
    return answers


def write_decimals(path, rng, count):
    cells = [cell for cell in EDGE_DECIMALS if "," not in cell] + [random_decimal(rng) for _ in range(count)]
    for column in pd.read_csv(APPLICANTS, dtype=str, keep_default_na=False).filter(regex="EXT_|REGION_POP").values.T:
        cells += [cell for cell in column[:60] if cell]
    pandas2 = read_decimals(cells)
    exact = read_decimals(cells, float_precision="round_trip")
    # pandas refuses overflow upwards only; Clairscore refuses it downwards too.
    exact = ["text" if answer == bits(-np.inf) and "i" not in cell.lower() else answer
             for cell, answer in zip(cells, exact)]
    with open(path, "w", newline="\n") as out:
        for line in zip(cells, pandas2, exact):
            out.write("|".join(line) + "\n")


# --- CSV files --------------------------------------------------------------------------------------------------------

# Read the same by both, or refused by both.
CSV_TEXTS = [
    "a,b\n1,2\n", "a,b\n1,2", "a,b\n1,", "a,b", "a,b\n", "", "\n\n", "a\n1\n\n2\n", "a\n1\n   \n2\n", "a\nx\n \t \ny\n",
    "a\nx\n\"\"\ny\n", "a,b\nx,\n ,\n,\n", "a\n  x\n", "a\r1\r2\r", "a\r\n1\r\n\r\n2\r\n", "a\rx\r y\rz",
    "a,b\r1,2\r\r3,4", "a\n1\r2\n3\r\n4", "a\n1\r\r2\n", "a,b\n1,2\r\n\n3,4\n\r", "\n\na,b\n\n1,2\n\n\n3,4\n\n",
    "a,b\n\"x\ny\",1\n", "a,b\n\"x\r\ny\",1\n", "a,b\n\"x\"\"y\",1\n", "a,b\n\"x\"y,1\n", "a,b\n\"x\"y\"z\",1\n",
    "a,b\nx\"y,1\n", "a,b\nx\"y\"z,1\n", "a,b\n \"x,1\n", "a,b\n \"x\",1\n", "a,b\n\"x,1\n2,3\n", "a,b\n\"x\" ,1\n",
    "a,b\n\"NA\",\"\"\n\"1\",\"2\"\n", "a,b\n\"x\n", "\"a\nb\",c\n1,2\n", "\"a,b\",c\n1,2\n", " a , b \n1,2\n",
    "a,b\n\"1\"x,2\n", "a,b\n\"1\"2,2\n", "a\n\"x\ry\"\n", "a\tb\n1\t2\n", "a,b\n1,\"2\n3\"\n4,\"5\n", "a\n1\n#2\n",
    "\ufeffa,b\n1,2\n", "\ufeff\"a\",b\n1,2\n", "\ufeff\na,b\n1,2\n", "1,2\n3,4\n", "a\n1\n\"\n\"\n", "a\n1\n,\n",
    "a,a,a\n1,2,3\n", "a,a,a.1\n1,2,3\n", "a,a.1,a\n1,2,3\n", "a.1,a,a\n1,2,3\n", "a,a,a.1,a,a.1.1,a.1\n1,2,3,4,5,6\n",
    ",b\n1,2\n", "a,\n1,2\n", ",\n1,2\n", "a,b,\n1,2,3\n", "\"\"\n1\n", "Unnamed: 1,\n1,2\n", "a,b\n1,2\n4,5,6\n",
    ",Unnamed: 0\n1,2\n", "Unnamed: 1,,a,a,\n1,2,3,4,5\n",
    "a,b\n1,2\n3,4,\n", "prénom,âge\nÉlodie,30\nZoë,\n", "a\n日本\n🙂\n", "a\n\"a\"\"b\"\"\"\n\"\"\"\"\n", "a,b\n,\n,\n",
    "a\n\"1\n\"\n2\n", "a,b\n1,\"x\ny\"\"z\"\n2,w\n",
]
# pandas reads them, with a row or a cell that is not what the file says: refused.
STRICTER_TEXTS = [
    "a,b\n1\n2,3\n", "a,b\n1,2\n\"\"\n", "a,b\n1,2,3\n", "a,b\n1,2,3\n4,5,6\n", "a,b\n1,2,\n", "a\n1\x00\n",
    "a\n1\x002\n", "a\x00b\n1\n", "a,b\n1,2\n\x1a",
]
WHOLE_NUMBERS = ["0", "1", "-1", "007", "+5", " 3", "4 ", "365243", "2147483648", "123456789012345", "1234567890123456",
                 "9007199254740993", "1234567890123456789", "9223372036854775807", "-9223372036854775807"]
TOO_WIDE = ["9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
            "99999999999999999999.5", "9223372036854775808.5", "-9223372036854775809.5", "123456789012345678901e-3"]
DECIMALS = ["0.5", "-1.25", "1e3", "1.", ".5", "0.020448801535937", "0.700246848299577", "1e-320", "inf", "-Infinity",
            "00000000000000000000123.5", "1e308", "12345678901234567.5"]
BOOLEANS = ["True", "False", "TRUE", "false", "tRuE"]
TEXTS = ["x", "Stone, brick", "say \"so\"", "two\nlines", "cr\rlf\r\n", " padded ", "1e400", "1,5", "1 2", "-", "e5",
         "NA ", "Nan", "true ", "0x10", "É", "日本", "'", "#", "a" * 300]


def random_table(rng):
    """A table of one to five columns, each mostly of one sort, quoted and broken into lines at will."""
    rows = rng.choice([0, 1, 2, 3, 5, 8, 30])
    columns = []
    for _ in range(rng.randrange(1, 6)):
        sorts = rng.sample([WHOLE_NUMBERS, WHOLE_NUMBERS, DECIMALS, BOOLEANS, TEXTS, TOO_WIDE, MISSING],
                           rng.choice([1, 1, 2, 2, 3]))
        columns.append([rng.choice(rng.choice(sorts)) for _ in range(rows)])
    end = rng.choice(["\n", "\n", "\r\n", "\r"])

    def field(cell):
        special = any(c in cell for c in ",\"\n\r")
        if special or rng.random() < 0.1:
            return '"' + cell.replace('"', '""') + '"'
        return cell

    names = [rng.choice(["a", "b", "c", "d", "a.1", ""]) for _ in columns]
    lines = [",".join(field(name) for name in names)]
    for row in zip(*columns):
        line = ",".join(field(cell) for cell in row)
        lines.append(line if line.strip(" \t") else '""')  # a blank line would be skipped
    if any(line.startswith((" ", "\t")) for line in lines):
        end = "\n"  # pandas goes back to the last LF at such a line, and reads a CR file from its start again
    text = end.join(lines) + (end if rng.random() < 0.8 else "")
    return text if lines[0] else '""' + text


def read_case(text, stricter=False):
    case = {"csv": text}
    if stricter:
        case["stricter"] = True
    try:
        frame = pd.read_csv(io.BytesIO(text.encode()), low_memory=False, index_col=False)
        words = pd.read_csv(io.BytesIO(text.encode()), low_memory=False, index_col=False, dtype=str)
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return case | {"error": True}
    case["columns"] = []
    for name in frame.columns:
        values = frame[name]
        if values.dtype == np.int64:
            kind, cells = "integer", [str(value) for value in values]
        elif values.dtype == bool:
            kind, cells = "boolean", ["1" if value else "0" for value in values]
        elif values.dtype in (np.float64, np.uint64):
            kind, cells = "double", [None if np.isnan(float(value)) else bits(float(value)) for value in values]
        else:
            kind, cells = "text", [None if pd.isna(value) else value for value in words[name]]
        case["columns"].append({"name": name, "type": kind, "cells": cells})
    return case


def write_csv_cases(path, rng, count):
    cases = [read_case(text) for text in CSV_TEXTS] + [read_case(text, True) for text in STRICTER_TEXTS]
    cases += [read_case(random_table(rng)) for _ in range(count)]
    with open(path, "w", newline="\n") as out:
        out.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


# --- many CSV files, damaged ones too ------------------------------------------------------------------------------------

SHORT_TEXTS = ["x", "y z", "é", "NA ", "Nan", "1e999", "1,5", "-", "0x1", "'", "a\nb", "a\r\nb", "a\rb", "\"", ",", " ", "\t"]
FORMS = [lambda c: c, lambda c: c, lambda c: c, lambda c: '"' + c.replace('"', '""') + '"', lambda c: '"' + c + '"',
         lambda c: ' "' + c + '"', lambda c: '"' + c + '" ', lambda c: c + '"', lambda c: '"' + c + '"x', lambda c: " " + c]
ENDS = ["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\n \n", "\n\t \n", "\n\r\n"]
DAMAGE = ['"', '"', ",", "\n", "\r", "\r\n", " ", "\t", "1", ".", "-", "e", "NA", "a", "é", "\ufeff", '""', ",,"]


def record_sizes(text):
    """How many fields each record has by the rules of pandas' tokenizer; nothing where quotes are left open."""
    sizes, fields, state, at = [], 1, "record", 0
    text = text.removeprefix("\ufeff")

    def end_record():
        nonlocal fields, state
        sizes.append(fields)
        fields, state = 1, "record"

    while at < len(text):
        c = text[at]
        if state == "record":
            line = re.match(r"[ \t]*(\r\n|\r|\n|$)", text[at:])
            if line:
                at += max(1, line.end())
                continue
            state = "begin"
        at += 1
        if state == "quoted":
            if c == '"':
                state = "after quote"
        elif c in "\r\n":
            at += text[at - 1:at + 1] == "\r\n"
            end_record()
        elif c == ",":
            fields, state = fields + 1, "begin"
        elif c == '"' and state in ("begin", "after quote"):
            state = "quoted"
        else:
            state = "plain"
    if state == "quoted":
        return None
    if state != "record":
        end_record()
    return sizes


def damaged_table(rng):
    width = rng.choice([1, 1, 2, 2, 3, 4])
    end = rng.choice(["\n", "\r\n", "\r", None])  # None: each line as it likes
    names = [rng.choice(["a", "b", "a.1", "", " c", '"d"', '"e\nf"']) for _ in range(width)]
    sorts = [rng.choice([WHOLE_NUMBERS, WHOLE_NUMBERS, DECIMALS, BOOLEANS, SHORT_TEXTS, TOO_WIDE, MISSING])
             for _ in range(width)]
    lines = [",".join(names)]
    for _ in range(rng.choice([0, 1, 1, 2, 3, 5])):
        cells = []
        for sort in sorts:
            cell = rng.choice(sort if rng.random() < 0.8 else rng.choice([MISSING, SHORT_TEXTS, WHOLE_NUMBERS, DECIMALS]))
            cells.append(rng.choice(FORMS)(cell) if rng.random() < 0.4 else FORMS[3](cell) if set(cell) & set(',"\r\n')
                         else cell)
        lines.append(",".join(cells))
    text = "".join(line + (end or rng.choice(ENDS)) for line in lines)
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        at = rng.randrange(len(text) + 1)
        text = text[:at] + rng.choice(DAMAGE) * (rng.random() < 0.6) + text[at + rng.choice([0, 0, 1, 2]):]
    return text


def goes_back(text):
    """At a line that begins with spaces pandas reads again from the last LF, so that records between two CR come twice."""
    return "\r" in text and re.search(r"(^|[\r\n])[ \t]", text)


def write_csv_corpus(path, rng, count):
    lines = {}
    while len(lines) < count:
        text = damaged_table(rng)
        # An exponent beyond 32 bits wraps around in pandas: 1e3567890123456 is 0 there. And it loses a comma
        # right after a blank line that a CR ends.
        if text in lines or goes_back(text) or re.search(r"[eE][+-]?[0-9]{9}|(^|[\r\n])\r,", text):
            continue
        sizes = record_sizes(text)
        case = read_case(text)
        if "error" in case:
            answer = 0
        elif not sizes or len(set(sizes)) > 1:
            answer = 1  # a record of another number of fields than the header
        else:
            answer = [[column["name"], column["type"], column["cells"]] for column in case["columns"]]
        lines[text] = json.dumps([text, answer], ensure_ascii=False, separators=(",", ":"))
    with open(path, "w", newline="\n") as out:
        out.write("\n".join(lines.values()) + "\n")


# --- the original's preparation ---------------------------------------------------------------------------------------

COLUMNS = """SK_ID_CURR NAME_CONTRACT_TYPE CODE_GENDER FLAG_OWN_CAR FLAG_OWN_REALTY AMT_INCOME_TOTAL AMT_CREDIT
AMT_ANNUITY NAME_TYPE_SUITE NAME_INCOME_TYPE NAME_EDUCATION_TYPE NAME_FAMILY_STATUS NAME_HOUSING_TYPE
REGION_POPULATION_RELATIVE DAYS_BIRTH DAYS_EMPLOYED DAYS_REGISTRATION DAYS_ID_PUBLISH OWN_CAR_AGE FLAG_MOBIL
FLAG_EMP_PHONE FLAG_WORK_PHONE FLAG_CONT_MOBILE FLAG_PHONE FLAG_EMAIL OCCUPATION_TYPE FLAG_DOCUMENT_3 FLAG_DOCUMENT_6
FLAG_DOCUMENT_8 CNT_FAM_MEMBERS REGION_RATING_CLIENT_W_CITY WEEKDAY_APPR_PROCESS_START HOUR_APPR_PROCESS_START
REG_REGION_NOT_LIVE_REGION REG_REGION_NOT_WORK_REGION LIVE_REGION_NOT_WORK_REGION REG_CITY_NOT_LIVE_CITY
REG_CITY_NOT_WORK_CITY LIVE_CITY_NOT_WORK_CITY ORGANIZATION_TYPE EXT_SOURCE_1 EXT_SOURCE_2 EXT_SOURCE_3
OBS_30_CNT_SOCIAL_CIRCLE DEF_30_CNT_SOCIAL_CIRCLE DAYS_LAST_PHONE_CHANGE AMT_REQ_CREDIT_BUREAU_HOUR
AMT_REQ_CREDIT_BUREAU_DAY AMT_REQ_CREDIT_BUREAU_WEEK AMT_REQ_CREDIT_BUREAU_MON AMT_REQ_CREDIT_BUREAU_QRT
AMT_REQ_CREDIT_BUREAU_YEAR""".split()
FLAGS = "MOBIL EMP_PHONE WORK_PHONE CONT_MOBILE PHONE EMAIL DOCUMENT_3 DOCUMENT_6 DOCUMENT_8".split()
RATIOS = {
    "PAYMENT_RATE": ("AMT_ANNUITY", "AMT_CREDIT"),
    "ANNUITY_INCOME_PERC": ("AMT_ANNUITY", "AMT_INCOME_TOTAL"),
    "INCOME_CREDIT_PERC": ("AMT_INCOME_TOTAL", "AMT_CREDIT"),
    "DEBT_TO_INCOME": ("AMT_CREDIT", "AMT_INCOME_TOTAL"),
    "CREDIT_PER_PERSON": ("AMT_CREDIT", "CNT_FAM_MEMBERS"),
}


def prepare(path):
    frame = pd.read_csv(path, usecols=COLUMNS, index_col="SK_ID_CURR", low_memory=False)[COLUMNS[1:]]
    frame["DAYS_EMPLOYED"] = frame["DAYS_EMPLOYED"].replace(365243, np.nan)
    frame["ORGANIZATION_TYPE"] = frame["ORGANIZATION_TYPE"].replace("XNA", np.nan)
    for name in ["OCCUPATION_TYPE", "ORGANIZATION_TYPE"]:
        frame[name] = frame[name].fillna("Unknown")
    for name in ["BIRTH", "EMPLOYED", "REGISTRATION", "ID_PUBLISH", "LAST_PHONE_CHANGE"]:
        frame[f"DAYS_{name}"] = frame[f"DAYS_{name}"].abs()
    frame["REGION_RATING_CLIENT_W_CITY"] = frame["REGION_RATING_CLIENT_W_CITY"].replace(-1, 2)
    maps = {"CODE_GENDER": {"M": "male", "F": "female", "XNA": "male"},
            "REGION_RATING_CLIENT_W_CITY": {1: "A", 2: "B", 3: "C"}}
    maps |= {name: {"Y": "yes", "N": "no"} for name in ["FLAG_OWN_CAR", "FLAG_OWN_REALTY"]}
    maps |= {f"FLAG_{name}": {1: "yes", 0: "no"} for name in FLAGS}
    maps |= {name: {1: "different", 0: "same"} for name in COLUMNS if "_NOT_" in name}
    for name, values in maps.items():
        frame[name] = frame[name].replace(values)
    for name, (numerator, denominator) in RATIOS.items():
        frame[name] = frame[numerator] / frame[denominator].replace(0, np.nan)
    numbers = frame.select_dtypes(include="number").columns
    frame[numbers] = frame[numbers].astype("float64")
    return frame


def write_prepared(path, source):
    frame = prepare(source)
    rows = [0, 1, 2, len(frame) // 2, len(frame) - 1]
    columns = []
    for name in frame.columns:
        values = frame[name]
        if values.dtype == np.float64:
            # A missing value as the quiet NaN without sign or payload.
            numbers = np.where(np.isnan(values.values), np.nan, values.values).astype("<f8")
            kind, blob = "double", numbers.tobytes()
            sample = [None if np.isnan(numbers[row]) else bits(numbers[row]) for row in rows]
        else:
            texts = [None if pd.isna(value) else value for value in values]
            # Each cell ended by a zero byte, a missing one as the byte 1.
            kind, blob = "text", b"".join((b"\x01" if t is None else t.encode()) + b"\x00" for t in texts)
            sample = [texts[row] for row in rows]
        columns.append({"name": name, "type": kind, "sha256": hashlib.sha256(blob).hexdigest(), "sample": sample})
    identifiers = [int(frame.index[row]) for row in rows]
    result = {"rows": len(frame), "sample_rows": rows, "identifiers": identifiers, "columns": columns}
    with open(path, "w", newline="\n") as out:
        out.write(json.dumps(result, indent=1) + "\n")


def main():
    warnings.simplefilter("ignore")
    output = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "tests/fixtures/data")
    given = sys.argv[2:]
    seed, decimals, tables, corpus = (int(arg) for arg in given + ["1", "6000", "600", "6000"][len(given):])
    output.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    write_decimals(output / "decimals.txt", rng, decimals)
    write_csv_cases(output / "csv_cases.json", rng, tables)
    write_csv_corpus(output / "csv_corpus.jsonl", random.Random(seed), corpus)
    write_prepared(output / "home_credit.json", APPLICANTS)


if __name__ == "__main__":
    main()
