"""Makes tests/fixtures/versions/{category_encoders,imblearn}-VERSION: the encoders of category_encoders with every way to
treat unknown and missing categories, and pipelines and ensembles of imbalanced-learn, as those versions answer. See
oracles/version_models.py.

usage: category_models.py
"""
# requirements: requirements-category-old.txt python3.9
# requirements: requirements-category.txt python3.11
# requirements: requirements-boosters.txt python3.13

import json
import pathlib
import shutil
import warnings

import category_encoders
import imblearn
import joblib
import numpy as np
import pandas as pd
import version_models as models
from category_encoders.cat_boost import CatBoostEncoder
from category_encoders.count import CountEncoder
from category_encoders.one_hot import OneHotEncoder
from category_encoders.ordinal import OrdinalEncoder
from category_encoders.target_encoder import TargetEncoder
from category_encoders.woe import WOEEncoder
from imblearn.ensemble import (BalancedBaggingClassifier, BalancedRandomForestClassifier, EasyEnsembleClassifier,
                               RUSBoostClassifier)
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.pipeline import Pipeline
from imblearn.under_sampling import RandomUnderSampler
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

warnings.simplefilter("ignore")
NAN = float("nan")
X, Y = models.X, models.Y
JOBS = np.array(["clerk", "chef", "nurse", "pilot", "judge"])[np.arange(len(X)) * 7 % 13 % 5]
TABLE = X.assign(job=JOBS.astype(object), kind=np.where(X["rate"] > 0, "A", "B").astype(object), same="x")
TABLE = TABLE[["age", "job", "count", "kind", "same", "rate"]]
# Since 2.5: how older ones answer with some options cannot be told from what they save.
NEW = hasattr(OneHotEncoder(), "invariant_cols")
TABLE.loc[0, "job"] = "once"  # one row: some encoders treat it as unknown
GAPS = TABLE.copy()
GAPS.loc[GAPS.index % 9 == 4, "job"] = NAN
ROWS = pd.concat([TABLE.head(12)] * 2, ignore_index=True)
ROWS["job"] = (["clerk", "chef", "nurse", "pilot", "judge", "once", "astronaut", NAN, "", "Clerk"] * 3)[:len(ROWS)]
ROWS["kind"] = (["A", "B", "C", "A", NAN] * 5)[:len(ROWS)]
KNOWN = ROWS[ROWS["job"].isin(["clerk", "chef", "nurse", "pilot", "judge", "once"]) & ROWS["kind"].isin(["A", "B"])]
KNOWN = KNOWN.reset_index(drop=True)


def columns_of(frame):
    out = []
    for name in frame.columns:
        text = name in ("job", "kind", "same")
        values = [None if pd.isna(v) else str(v) for v in frame[name]] if text else [models.number(v) for v in frame[name]]
        out.append({"name": name, "type": "text" if text else "double", "values": values})
    return out


def write(folder, name, model, out):
    joblib.dump(model, folder / (name + ".joblib"), compress=("zlib", 9))
    (folder / (name + ".json")).write_text(json.dumps(out, allow_nan=False, separators=(",", ":")) + "\n")


def encoders():
    folder = pathlib.Path("tests/fixtures/versions") / ("category_encoders-" + category_encoders.__version__)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cols = ["job", "kind"]

    def save(name, encoder, train=GAPS, rows=ROWS):
        kept = [c for c in train.columns if c in encoder.cols or c not in ("job", "kind", "same")]
        train, rows = train[kept], rows[kept]
        encoder.fit(train, Y)
        made = encoder.transform(rows)
        out = {"file": name + ".joblib", "tolerance": 0, "columns": columns_of(rows), "transformed_tolerance": 0,
               "transformed": [[models.number(v) for v in made[c].astype(float)] for c in made.columns],
               "names": [str(c) for c in made.columns]}
        write(folder, name, encoder, out)

    for label, cls in (("ordinal", OrdinalEncoder), ("one_hot", OneHotEncoder), ("target", TargetEncoder),
                       ("woe", WOEEncoder), ("cat_boost", CatBoostEncoder), ("count", CountEncoder)):
        if cls is CountEncoder and not NEW:
            # It does not keep the names of columns that it leaves alone.
            save(label, cls(cols=cols, handle_missing="count"), GAPS[cols], ROWS[cols])
            save(label + "_never_missing", cls(cols=cols), TABLE[cols], ROWS[cols])
            save(label + "_unknown_number", cls(cols=cols, handle_unknown=-5, handle_missing="return_nan"), GAPS[cols],
                 ROWS[cols])
            continue
        save(label, cls(cols=cols))
        save(label + "_never_missing", cls(cols=cols), TABLE)
        for unknown in ("value", "return_nan"):
            for missing in ("value", "return_nan"):
                if (unknown, missing) != ("value", "value"):
                    save("%s_%s_%s" % (label, unknown, missing),
                         cls(cols=cols, handle_unknown=unknown, handle_missing=missing))
        save(label + "_errors", cls(cols=cols, handle_unknown="error", handle_missing="error"), TABLE, KNOWN)
        save(label + "_of_numbers", cls(cols=["job", "count"]))
        if NEW:
            save(label + "_drop_invariant", cls(cols=["job", "kind", "same"], drop_invariant=True), TABLE, KNOWN)
    save("one_hot_names", OneHotEncoder(cols=cols, use_cat_names=True))
    save("ordinal_mapping", OrdinalEncoder(cols=cols, mapping=[{"col": "job", "mapping": {"clerk": 3, "chef": 7}},
                                                               {"col": "kind", "mapping": {"A": 1, "B": 2}}]))
    save("target_smoothing", TargetEncoder(cols=cols, smoothing=3.0, min_samples_leaf=5))
    save("woe_regularization", WOEEncoder(cols=cols, regularization=0.5))
    if NEW:
        save("one_hot_indicators", OneHotEncoder(cols=cols, handle_unknown="indicator", handle_missing="indicator"))
        save("cat_boost_prior", CatBoostEncoder(cols=cols, a=2.5, sigma=0.1))
        save("count_normalized", CountEncoder(cols=cols, normalize=True))
        save("count_groups", CountEncoder(cols=cols, min_group_size=20, min_group_name="rare"))
        save("count_unknown_number", CountEncoder(cols=cols, handle_unknown=-5))
    numbers = ["age", "count", "rate"]
    for name, encoder in (("pipeline_woe", WOEEncoder(cols=cols)), ("pipeline_target", TargetEncoder(cols=cols)),
                          ("pipeline_one_hot", OneHotEncoder(cols=cols))):
        model = Pipeline([("encode", encoder), ("scale", StandardScaler()), ("model", LogisticRegression())])
        rows, train = ROWS[numbers + cols], GAPS[numbers + cols]
        model.fit(train, Y)
        out = {"file": name + ".joblib", "tolerance": 1e-12, "columns": columns_of(rows),
               "raw": models.table(model.decision_function(rows)), "classes": ["0", "1"],
               "probabilities": models.table(model.predict_proba(rows))}
        write(folder, name, model, out)


def imbalanced():
    folder = pathlib.Path("tests/fixtures/versions") / ("imblearn-" + imblearn.__version__)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    models.OUTPUT = folder
    few = (models.T > np.quantile(models.T, 0.75)).astype(int)
    small = {"random_state": 0}
    close = {"tolerance": 1e-12, "thresholds": False}
    models.save("smote_logistic", Pipeline([("scale", StandardScaler()), ("balance", SMOTE(k_neighbors=3, **small)),
                                            ("model", LogisticRegression())]).fit(X, few), models.ROWS, **close)
    models.save("under_and_over", Pipeline([("over", RandomOverSampler(sampling_strategy=0.6, **small)),
                                            ("under", RandomUnderSampler(**small)),
                                            ("model", GradientBoostingClassifier(n_estimators=4, max_depth=2, **small))])
                .fit(X, few), models.ROWS, thresholds=False)
    models.save("balanced_forest", BalancedRandomForestClassifier(n_estimators=5, max_depth=3, **small).fit(X, few),
                models.ROWS)
    models.save("balanced_bagging", BalancedBaggingClassifier(DecisionTreeClassifier(max_depth=3), n_estimators=4, **small)
                .fit(X, few), models.ROWS, **close)
    models.save("easy_ensemble", EasyEnsembleClassifier(n_estimators=3, **small).fit(X, few), models.ROWS, explained=False,
                **close)
    # As docs/models.md says: bagging is measured in probability, whatever decision_function it has.
    path = folder / "easy_ensemble.json"
    answers = json.loads(path.read_text())
    answers["raw"] = [[row[1]] for row in answers["probabilities"]]
    path.write_text(json.dumps(answers, allow_nan=False, separators=(",", ":")) + "\n")
    models.save("rus_boost", RUSBoostClassifier(n_estimators=5, **small).fit(X, few), models.ROWS, tolerance=1e-14,
                thresholds=False)


if __name__ == "__main__":
    encoders()
    imbalanced()
