#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes data/assignment.json, the golden file of test-assignment.c, with scipy.optimize.linear_sum_assignment.

    make-assignment.py [OUT_DIR]

Made with scipy 1.17.1 and numpy 2.4.6. Each case has its cost matrix and the least total cost; of
several optimal assignments any is right. Kinds: random reals, small integers (many ties), all equal,
sums of a row and a column part (every assignment is optimal), negative and large numbers, and noise
against clips as training meets them.
"""
import json
import pathlib
import sys

import numpy as np
from scipy.optimize import linear_sum_assignment

rng = np.random.default_rng(20250312)
SHAPES = [(1, 1), (2, 2), (3, 3), (5, 5), (8, 8), (16, 16), (1, 4), (4, 1), (3, 7), (7, 3), (5, 12), (12, 5)]


def kinds(n, m):
    yield "random", np.round(rng.normal(size=(n, m)), 3)
    yield "ties", rng.integers(0, 3, size=(n, m))
    yield "equal", np.full((n, m), 2.5)
    yield "separable", rng.integers(-5, 6, size=(n, 1)) + rng.integers(-5, 6, size=(1, m))
    yield "large", np.round(rng.normal(size=(n, m)) * 1e6)
    clips = rng.normal(size=(n, 1)) * np.ones(24) + 0.3 * rng.normal(size=(n, 24))
    noise = rng.normal(size=(m, 24))
    yield "noise", np.round(((clips[:, None] - noise[None]) ** 2).sum(-1), 3)


cases = []
for n, m in SHAPES:
    for kind, cost in kinds(n, m):
        rows, columns = linear_sum_assignment(cost)
        cases.append({"kind": kind, "rows": n, "columns": m, "cost": cost.ravel().tolist(),
                      "total": float(cost[rows, columns].sum())})

out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "data")
(out / "assignment.json").write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
