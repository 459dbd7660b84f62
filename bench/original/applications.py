"""How the original reads and prepares Home Credit applications, rebuilt from its description (pandas)."""

import numpy as np
import pandas as pd

IMPORTED = """SK_ID_CURR NAME_CONTRACT_TYPE CODE_GENDER FLAG_OWN_CAR FLAG_OWN_REALTY AMT_INCOME_TOTAL AMT_CREDIT AMT_ANNUITY
NAME_TYPE_SUITE NAME_INCOME_TYPE NAME_EDUCATION_TYPE NAME_FAMILY_STATUS NAME_HOUSING_TYPE REGION_POPULATION_RELATIVE
DAYS_BIRTH DAYS_EMPLOYED DAYS_REGISTRATION DAYS_ID_PUBLISH OWN_CAR_AGE FLAG_MOBIL FLAG_EMP_PHONE FLAG_WORK_PHONE
FLAG_CONT_MOBILE FLAG_PHONE FLAG_EMAIL OCCUPATION_TYPE FLAG_DOCUMENT_3 FLAG_DOCUMENT_6 FLAG_DOCUMENT_8 CNT_FAM_MEMBERS
REGION_RATING_CLIENT_W_CITY WEEKDAY_APPR_PROCESS_START HOUR_APPR_PROCESS_START REG_REGION_NOT_LIVE_REGION
REG_REGION_NOT_WORK_REGION LIVE_REGION_NOT_WORK_REGION REG_CITY_NOT_LIVE_CITY REG_CITY_NOT_WORK_CITY
LIVE_CITY_NOT_WORK_CITY ORGANIZATION_TYPE EXT_SOURCE_1 EXT_SOURCE_2 EXT_SOURCE_3 OBS_30_CNT_SOCIAL_CIRCLE
DEF_30_CNT_SOCIAL_CIRCLE DAYS_LAST_PHONE_CHANGE AMT_REQ_CREDIT_BUREAU_HOUR AMT_REQ_CREDIT_BUREAU_DAY
AMT_REQ_CREDIT_BUREAU_WEEK AMT_REQ_CREDIT_BUREAU_MON AMT_REQ_CREDIT_BUREAU_QRT AMT_REQ_CREDIT_BUREAU_YEAR""".split()
ABSOLUTE = ["DAYS_BIRTH", "DAYS_EMPLOYED", "DAYS_REGISTRATION", "DAYS_ID_PUBLISH", "DAYS_LAST_PHONE_CHANGE"]
YES_NO = ["FLAG_MOBIL", "FLAG_EMP_PHONE", "FLAG_WORK_PHONE", "FLAG_CONT_MOBILE", "FLAG_PHONE", "FLAG_EMAIL",
          "FLAG_DOCUMENT_3", "FLAG_DOCUMENT_6", "FLAG_DOCUMENT_8"]
PLACES = [name for name in IMPORTED if "_NOT_" in name]
RATIOS = {
    "PAYMENT_RATE": ("AMT_ANNUITY", "AMT_CREDIT"),
    "ANNUITY_INCOME_PERC": ("AMT_ANNUITY", "AMT_INCOME_TOTAL"),
    "INCOME_CREDIT_PERC": ("AMT_INCOME_TOTAL", "AMT_CREDIT"),
    "DEBT_TO_INCOME": ("AMT_CREDIT", "AMT_INCOME_TOTAL"),
    "CREDIT_PER_PERSON": ("AMT_CREDIT", "CNT_FAM_MEMBERS"),
}


def preprocess(raw: pd.DataFrame, inputs: list[str]) -> pd.DataFrame:
    data = raw[[name for name in IMPORTED if name != "SK_ID_CURR"]].copy()
    data["DAYS_EMPLOYED"] = data["DAYS_EMPLOYED"].replace(365243, np.nan)
    data["ORGANIZATION_TYPE"] = data["ORGANIZATION_TYPE"].replace("XNA", np.nan)
    for name in ("OCCUPATION_TYPE", "ORGANIZATION_TYPE"):
        data[name] = data[name].fillna("Unknown")
    data[ABSOLUTE] = data[ABSOLUTE].abs()
    data["REGION_RATING_CLIENT_W_CITY"] = data["REGION_RATING_CLIENT_W_CITY"].replace(-1, 2)
    maps = {"CODE_GENDER": {"M": "male", "F": "female", "XNA": "male"}, "FLAG_OWN_CAR": {"Y": "yes", "N": "no"},
            "FLAG_OWN_REALTY": {"Y": "yes", "N": "no"}, "REGION_RATING_CLIENT_W_CITY": {1: "A", 2: "B", 3: "C"},
            **{name: {1: "yes", 0: "no"} for name in YES_NO}, **{name: {1: "different", 0: "same"} for name in PLACES}}
    for name, values in maps.items():
        data[name] = data[name].map(values).fillna(data[name])
    for name, (above, below) in RATIOS.items():
        data[name] = data[above] / data[below].replace(0, np.nan)
    numbers = data.select_dtypes("number").columns
    data[numbers] = data[numbers].astype("float64")
    return data[inputs]
