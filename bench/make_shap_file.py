#!/usr/bin/env python3
"""A shap_explanation.joblib of any size, for the start-up bench, from what `clairscore explain` writes.

usage: make_shap_file.py EXPLANATIONS.csv OUTPUT.joblib      needs requirements.txt (numpy and joblib; not shap)

The classes of shap and slicer are stood in for by empty ones of the same names: a pickle holds names, not code.
The data array is zeros of the same shape, so that the file is as large as a real one.
"""
import sys, types
import joblib, numpy as np


def stand_in(module, name):
    parts = module.split(".")
    for i in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:i]), types.ModuleType(".".join(parts[:i])))
    cls = type(name, (), {"__module__": module})
    setattr(sys.modules[module], name, cls)
    return cls


Explanation = stand_in("shap._explanation", "Explanation")
Slicer = stand_in("slicer.slicer", "Slicer")
Obj = stand_in("slicer.slicer_internal", "Obj")
Alias = stand_in("slicer.slicer_internal", "Alias")

with open(sys.argv[1]) as f:
    header = f.readline().rstrip("\n")
    columns = next(__import__("csv").reader([header]))
    table = np.loadtxt(f, delimiter=",", dtype=np.float64)
base, values, names = table[:, 1].copy(), np.ascontiguousarray(table[:, 2:]), columns[2:]


def filled(cls, **state):
    made = cls()
    made.__dict__.update(state)
    return made


objects = {"values": filled(Obj, o=values, dim=[0, 1], max_dim=2, _name="values"),
           "base_values": filled(Obj, o=base, dim=[0], max_dim=1, _name="base_values"),
           "data": filled(Obj, o=np.zeros_like(values), dim=[0, 1], max_dim=2, _name="data")}
aliases = {"feature_names": filled(Alias, o=names, dim=[1], max_dim=2, _name="feature_names")}
slicer = filled(Slicer, _max_dim=2, _anon=[], _objects=objects, _aliases=aliases)
joblib.dump(filled(Explanation, op_history=[], compute_time=0.0, output_dims=(), _s=slicer), sys.argv[2])
