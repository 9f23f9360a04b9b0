"""The same statistics with pandas, patsy and scikit-learn, as AlpacaEval computes them: the length control of some models, and loading
annotation files. Prints the lines of bench-alpaca-eval. Usage: alpaca_eval_peer.py SHARED_FOLDER [MODELS]"""
import glob
import json
import os
import statistics
import sys
import time

start = time.perf_counter()
import numpy as np
import pandas as pd
from patsy import build_design_matrices, dmatrix
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import GroupKFold

print(f"imports {1e3 * (time.perf_counter() - start):.0f} ms")
data = os.path.join(sys.argv[1], "upstream/alpaca-eval")
models = int(sys.argv[2]) if len(sys.argv) > 2 else 8
FORMULA = "np.tanh(std_delta_len) + instruction_difficulty + not_gamed_baseline.astype(float) - 1"
gamed = pd.read_csv(f"{data}/lc-reference/df_gamed_standin.csv")
difficulty = gamed.drop_duplicates("index")["instruction_difficulty"]


def frame(path):
    c = json.load(open(path))
    return pd.DataFrame({"preference": c["preference"], "len_1": c["len_output_1"], "len_2": c["len_output_2"]})


def length_control(table):
    table = table.copy()
    delta = table["len_1"] - table["len_2"]
    table["std_delta_len"] = delta / delta.std()
    table["instruction_difficulty"] = difficulty.iloc[: len(table)].values
    table["not_gamed_baseline"] = True
    table["preference"] = table["preference"].astype(float).replace({0.0: 1.5}) - 1
    rows = pd.concat([gamed.assign(weight=0.1), table.assign(weight=1.0)]).dropna(subset=["preference"])
    design = dmatrix(FORMULA, rows)
    x = np.concatenate([design, design])
    y = np.concatenate([np.ones(len(rows)), np.zeros(len(rows))])
    share = rows["preference"].values
    weight = np.concatenate([share, 1 - share]) * np.tile(rows["weight"].values, 2)
    groups = np.tile(np.arange(len(rows)), 2)
    model = LogisticRegressionCV(Cs=10, cv=list(GroupKFold(5).split(x, y, groups)), penalty="l1", solver="liblinear", scoring="neg_log_loss",
                                 fit_intercept=False, random_state=123)
    model.fit(x, y, sample_weight=weight)
    flat = build_design_matrices([design.design_info], table.assign(std_delta_len=0.0))[0]
    return model.predict_proba(flat)[:, 1].mean() * 100


paths = sorted(glob.glob(f"{data}/compact/*.json"))
times = []
for path in paths[:: max(1, len(paths) // models)][:models]:
    table = frame(path)
    if len(table) > 805:
        continue
    start = time.perf_counter()
    length_control(table)
    times.append(time.perf_counter() - start)
print(f"fit_median {1e3 * statistics.median(times):.1f} ms")
files = sorted(glob.glob(f"{data}/annotations/**/annotations.json", recursive=True))


def load_and_score(path):
    table = pd.read_json(path, orient="records")
    # As the original makes a row of its leaderboard of it; both sides do all of this.
    preference = table["preference"].astype(float).replace({0.0: 1.5})
    wins = preference[preference.between(1, 2)] - 1
    whole = preference.where(preference == 1.5, preference.round())
    row = [100 * wins.mean(), 100 * wins.sem(), (wins > 0.5).sum(), (wins < 0.5).sum(), (wins == 0.5).sum(), len(wins),
           100 * (whole[whole.between(1, 2)] - 1).mean()]
    names = [table[column].unique() for column in ("generator_1", "generator_2", "annotator")]
    return row, names, pd.DataFrame({"preference": preference, "len_1": table["output_1"].str.len(), "len_2": table["output_2"].str.len()})


for path in files:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        length_control(load_and_score(path)[2])
        times.append(time.perf_counter() - start)
    print(f"file_of_{os.path.getsize(path) / 1e6:.1f}_MB {1e3 * statistics.median(times):.1f} ms")
size, total, processor = 0, 0.0, 0.0
for path in files:
    start, start_processor = time.perf_counter(), time.process_time()
    load_and_score(path)
    total += time.perf_counter() - start
    processor += time.process_time() - start_processor
    size += os.path.getsize(path)
print(f"load_and_score_cpu {size / 1e6 / processor:.0f} MB/s")
print(f"load_and_score {size / 1e6 / total:.0f} MB/s")
