"""Writes columns of scikit-learn's real data sets, divided into reference and live data, and what SciPy and Evidently
say of each pair, under src/test/resources/golden/drift.

    "$(hack/tools evidently)" libs/statistics/src/test/python/make_drift.py libs/statistics/src/test/resources/golden/drift
"""

import csv
import json
import math
import os
import pathlib
import sys
import warnings

os.environ["DO_NOT_TRACK"] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from evidently.legacy.calculations import stattests  # noqa: E402
from evidently.legacy.calculations.stattests.registry import get_stattest  # noqa: E402
from evidently.legacy.core import ColumnType  # noqa: E402
from scipy import stats  # noqa: E402
from sklearn import datasets  # noqa: E402

NUMBERS, CATEGORIES = ColumnType.Numerical, ColumnType.Categorical
LEAST_EXPECTED, LEAST_TOGETHER = 5, 1
DISTANCES = {
    "Wasserstein": stattests.wasserstein_stat_test,
    "PSI": stattests.psi_stat_test,
    "JensenShannon": stattests.jensenshannon_stat_test,
    "KullbackLeibler": stattests.kl_div_stat_test,
}
NAMES = {
    "ks": "KolmogorovSmirnov",
    "chisquare": "ChiSquare",
    "z": "ZTest",
    "wasserstein": "Wasserstein",
    "jensenshannon": "JensenShannon",
}


def found(statistic=None, p_value=None):
    return {"statistic": None if statistic is None else float(statistic), "pValue": None if p_value is None else float(p_value)}


def evidently(test, reference, current, kind):
    return test(reference, current, kind, None).drift_score


def counts(reference, current):
    keys = sorted(set(reference) | set(current))
    return [(int((reference == key).sum()), int((current == key).sum())) for key in keys]


def of_samples(table):
    """SciPy's contingency test, rare categories taken together as Cochran advises."""
    rows = sum(row for row, _ in table), sum(row for _, row in table)
    least = min(rows) / sum(rows)
    kept = [pair for pair in table if sum(pair) * least >= LEAST_EXPECTED]
    rare = [pair for pair in table if sum(pair) * least < LEAST_EXPECTED]
    if rare:
        together = [sum(pair[0] for pair in rare), sum(pair[1] for pair in rare)]
        if sum(together) * least >= LEAST_TOGETHER or not kept:
            kept.append(tuple(together))
        else:
            rarest = min(range(len(kept)), key=lambda i: sum(kept[i]))
            kept[rarest] = (kept[rarest][0] + together[0], kept[rarest][1] + together[1])
    if len(kept) == 1:
        return found(0, 1)
    result = stats.chi2_contingency(np.array(kept).T, correction=False)
    return found(result.statistic, result.pvalue)


def of_fit(reference, current, table, kind):
    share = len(current) / len(reference)
    expected = np.array([pair[0] for pair in table]) * share
    result = stats.chisquare([pair[1] for pair in table], expected)
    p_value = evidently(stattests.chi_stat_test, reference, current, kind)
    assert math.isclose(result.pvalue, p_value, rel_tol=1e-12)
    return found(None if math.isinf(result.statistic) else result.statistic, p_value)


def z_test(reference, current, kind):
    first = min(set(reference) | set(current))
    n, m = len(reference), len(current)
    p, q = (reference != first).mean(), (current != first).mean()
    pooled = (n * p + m * q) / (n + m)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return found(0 if error == 0 else (p - q) / error, evidently(stattests.z_stat_test, reference, current, kind))


def compared(reference, current, kind):
    """What each test says, by its name in our API."""
    clean = [side.replace([np.inf, -np.inf], np.nan).dropna() for side in (reference, current)]
    reference, current = clean
    expected = {}
    different = len(set(reference) | set(current))
    if kind == NUMBERS:
        result = stats.ks_2samp(reference, current)
        p_value = evidently(stattests.ks_stat_test, reference, current, kind)
        assert result.pvalue == p_value
        expected["KolmogorovSmirnov"] = found(result.statistic, p_value)
    few = reference.nunique() <= 32 and current.nunique() <= 32
    if kind == CATEGORIES or few:
        table = counts(reference, current)
        expected["ChiSquare"] = of_samples(table)
        expected["ChiSquareFit"] = of_fit(reference, current, table, kind)
        expected["ZTest"] = z_test(reference, current, kind)
    for name, test in DISTANCES.items():
        if kind in test.allowed_feature_types:
            expected[name] = found(evidently(test, reference, current, kind))
    chosen = get_stattest(reference, current, kind, None)
    return {"kind": "numbers" if kind == NUMBERS else "categories", "values": different, "auto": NAMES[chosen.name], "tests": expected}


def divided(frame, order):
    """Two parts: by chance ("quiet"), and the rows with the lowest values of another column against the rest."""
    if order is None:
        chance = np.random.default_rng(7).permutation(len(frame))
        cut = int(len(frame) * 0.6)
        return frame.iloc[chance[:cut]], frame.iloc[chance[cut:]]
    rows = np.argsort(order, kind="stable")
    cut = int(len(frame) * 0.6)
    return frame.iloc[rows[:cut]], frame.iloc[rows[cut:]]


def write(folder, name, parts, kinds):
    reference, current = parts
    with open(folder / f"{name}.csv", "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["side", *kinds])
        for side, part in (("reference", reference), ("current", current)):
            for row in part[list(kinds)].itertuples(index=False):
                out.writerow([side, *("" if pd.isna(value) else value for value in row)])
    return {column: compared(reference[column], current[column], kind) for column, kind in kinds.items()}


def real(folder):
    expected = {}
    loaded = {
        "iris": datasets.load_iris(as_frame=True),
        "wine": datasets.load_wine(as_frame=True),
        "breast-cancer": datasets.load_breast_cancer(as_frame=True),
        "diabetes": datasets.load_diabetes(as_frame=True, scaled=False),
        "digits": datasets.load_digits(as_frame=True),
    }
    columns = {
        "breast-cancer": ["mean radius", "mean texture", "mean area", "worst concavity", "fractal dimension error"],
        "digits": ["pixel_0_2", "pixel_1_0", "pixel_2_4", "pixel_3_0", "pixel_4_4", "pixel_7_5"],
    }
    for name, data in loaded.items():
        frame = data.frame[columns.get(name, list(data.data.columns)[:6])].copy()
        kinds = dict.fromkeys(frame.columns, NUMBERS)
        if data.target.nunique() <= 10:
            frame["target"] = data.target.map(lambda label: f"class {label}")
            kinds["target"] = CATEGORIES
        # A category of many values, some of them rare, some on one side only.
        frame["decile"] = (frame[frame.columns[0]].rank(method="first") * 29 // len(frame)).map(lambda value: f"{value:g}")
        kinds["decile"] = CATEGORIES
        # Every seventh value is missing, two are infinite.
        frame["gaps"] = frame[frame.columns[1]].where(np.arange(len(frame)) % 7 > 0).astype(float)
        frame.loc[frame.index[3], "gaps"] = np.inf
        frame.loc[frame.index[-3], "gaps"] = -np.inf
        kinds["gaps"] = NUMBERS
        by = data.target if name in ("diabetes", "digits") else frame[frame.columns[2]]
        expected[f"{name}-quiet"] = write(folder, f"{name}-quiet", divided(frame, None), kinds)
        expected[f"{name}-shifted"] = write(folder, f"{name}-shifted", divided(frame, by), kinds)
    return expected


def normal(folder):
    random = np.random.default_rng(0)
    reference, current = random.normal(0, 1, 2000), random.normal(0.3, 1.2, 1500)
    return {"normal": write(folder, "normal", (pd.DataFrame({"x": reference}), pd.DataFrame({"x": current})), {"x": NUMBERS})}


def golden_ratio(count, factor, offset):
    """The same numbers in any language: multiples of the golden ratio, their fractions."""
    return pd.Series([(i * 0.6180339887498949) % 1.0 * factor + offset for i in range(1, count + 1)])


def sequences():
    """Samples too large to keep: the test makes them anew."""
    cases = [(20000, 15000, 1.0, 0.0), (20000, 15000, 1.01, 0.0), (12000, 40, 1.0, 0.1), (10000, 9999, 1.0, 0.01)]
    cases += [(10000, 10000, 1.0, 0.015), (100000, 100000, 1.0, 0.004), (1001, 4096, 1.1, 0.0), (300, 3796, 1.0, 0.05)]
    return [
        {"reference": n, "current": m, "factor": factor, "offset": offset}
        | compared(golden_ratio(n, 1.0, 0.0), golden_ratio(m, factor, offset), NUMBERS)
        for n, m, factor, offset in cases
    ]


def distributions():
    ks = [
        {"d": d, "n": n, "above": float(stats.kstwo.sf(d, n))}
        for n in (1, 2, 5, 20, 50, 140, 141, 300, 500, 501, 1000, 5000, 60000, 150000)
        for d in (scale / math.sqrt(n) for scale in (0.3, 0.5, 0.7, 0.85, 1.0, 1.2, 1.36, 1.5, 1.63, 2.0, 3.0, 5.0))
        if d < 1
    ]
    chi = [
        {"x": degrees * factor, "degrees": degrees, "above": float(stats.chi2.sf(degrees * factor, degrees))}
        for degrees in (1, 2, 5, 9, 40, 383, 10000, 999999)
        for factor in (0.01, 0.5, 0.99, 1.0, 1.004, 1.05, 1.3, 2.0, 7.0)
    ]
    normal_ = [{"z": z, "above": float(stats.norm.sf(z))} for z in (-3.0, -0.5, 0.0, 0.3, 1.0, 1.959963984540054, 3.0, 6.0, 12.0)]
    adjusted = [0.001, 0.2, 0.01, 0.04, 0.03, 0.8, 0.0, 1.0, 0.049, 0.011]
    corrected = {"pValues": adjusted, "corrected": [float(p) for p in stats.false_discovery_control(adjusted)]}
    return {"kolmogorov": ks, "chiSquare": chi, "normal": normal_, "benjaminiHochberg": corrected}


def main(folder):
    warnings.simplefilter("ignore")
    folder.mkdir(parents=True, exist_ok=True)
    expected = {"data": real(folder) | normal(folder), "sequences": sequences()} | distributions()
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
