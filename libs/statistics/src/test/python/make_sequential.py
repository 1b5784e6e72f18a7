"""Writes what statsmodels says of sizes of samples and of corrected p-values, and the mixture test's likelihood ratio
integrated by SciPy, under src/test/resources/golden/sequential.

    "$(hack/tools evidently)" libs/statistics/src/test/python/make_sequential.py libs/statistics/src/test/resources/golden/sequential
"""

import json
import math
import pathlib
import sys

from scipy import integrate, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize


def sizes():
    found = []
    for p, q in ((0.12, 0.10), (0.055, 0.05), (0.006, 0.005), (0.6, 0.5), (0.95, 0.9)):
        for alpha, power, ratio in ((0.05, 0.8, 1), (0.01, 0.9, 1), (0.05, 0.8, 0.25), (0.1, 0.95, 4)):
            effect = proportion_effectsize(p, q)
            size = NormalIndPower().solve_power(effect, alpha=alpha, power=power, ratio=ratio, alternative="two-sided")
            found.append({"p": p, "q": q, "alpha": alpha, "power": power, "ratio": ratio, "effect": effect, "size": size})
    return found


def means():
    found = []
    for deviation, difference in ((1, 0.1), (16.9, 2), (250, 12.5)):
        for alpha, power, ratio in ((0.05, 0.8, 1), (0.05, 0.8, 1 / 9)):
            size = NormalIndPower().solve_power(difference / deviation, alpha=alpha, power=power, ratio=ratio)
            found.append({"deviation": deviation, "difference": difference, "alpha": alpha, "power": power, "ratio": ratio, "size": size})
    return found


def mixtures():
    """The likelihood ratio of D ~ N(δ, 1/I) against δ = 0, with δ ~ N(0, variance), as the integral that it is."""
    found = []
    for variance, difference, information in ((1e-4, 0.02, 1e4), (1e-4, 0.004, 1e5), (0.5, 2.5, 3), (2.0, 0.0, 10)):
        spread = math.sqrt(variance)

        def ratio(delta):
            exponent = information * (difference * delta - delta * delta / 2)
            return math.exp(exponent) * stats.norm.pdf(delta, 0, spread)

        mode = difference * information / (information + 1 / variance)
        width = 40 / math.sqrt(information + 1 / variance)
        value, _ = integrate.quad(ratio, mode - width, mode + width, points=[mode], limit=500, epsabs=0, epsrel=1e-12)
        found.append({"variance": variance, "difference": difference, "information": information, "pValue": min(1, 1 / value)})
    return found


def holm():
    p_values = [0.011, 0.004, 0.03, 0.2, 0.0001, 0.02]
    rejected = multipletests(p_values, alpha=0.05, method="holm")[0]
    return {"pValues": p_values, "alpha": 0.05, "found": [bool(one) for one in rejected]}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    expected = {"sizes": sizes(), "means": means(), "mixtures": mixtures(), "holm": holm()}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
