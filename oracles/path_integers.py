#!/usr/bin/env python3
"""What pydantic makes of texts in the place of a path's integer, recorded for src/api/path_integer_test.cc.

usage: path_integers.py OUTPUT.json      needs requirements-api.txt
"""
import json, sys
from pydantic import TypeAdapter, ValidationError

TEXTS = ["100285", "0100285", "+100285", "-5", "-0", "+0", "00", "", " ", " 100", "100 ", "\t100\n", "1.5", "1.0", "1.", ".0", "1.000", "0.0", "-1.0",
         "1e3", "1_000", "_1", "1_", "1__0", "1_0_0", "+1_0", "0_1", "0x10", "++1", "+-1", "-+1", "--1", "+", "-", "+ 1", "- 1", "1 0", "abc", "1a",
         "99999999999999999999999", "-99999999999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
         "-9223372036854775809", "000000000000000000000000000007", "1.0.0", "1,000", "١٢٣", "½", "\u00a0100", "100\u2003", "\u200b100", "NaN", "inf",
         "True", "1_000.0", "1.0_0", "0" * 5000, "0" * 4300 + "1", "1" * 4300, "1" * 4301, "-" + "1" * 4300, "00_1", "_0", "0_", "-_1", "+_1", "-01", "+01.00", "1.00a", "01.0 "]
adapter = TypeAdapter(int)
cases = []
for text in TEXTS:
    try:
        value = adapter.validate_python(text)
        cases.append({"text": text, "value": str(value)})
    except ValidationError as e:
        d = e.errors()[0]
        cases.append({"text": text, "type": d["type"], "msg": d["msg"]})
json.dump(cases, open(sys.argv[1], "w"), ensure_ascii=True, indent=0)
