# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Made-up programs in the place of micro_driver, assay and callgrind, whose times a test decides."""
import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

from bench.regress import cli

# Each sample of a row takes what TIMES says, a thousandth more from one to the next, so that no two are the same.
DRIVER = """#!{python}
import sys
TIMES, DIGEST, FAILS = {times}, {digest!r}, {fails!r}
arguments = sys.argv[1:]
if "--list" in arguments:
    for name in TIMES:
        print(name, 2e6, 3e6, sep="\\t")
elif "--serve" in arguments:
    factors, taken = {{}}, 0
    for line in sys.stdin:
        verb, *words = line.split()
        if line.startswith(FAILS):
            print("error", "no", line, end="", flush=True)
            continue
        if verb == "quit":
            break
        answer = "ok"
        if verb == "prepare":
            answer += " 7"
        elif verb == "digest":
            answer += " " + DIGEST
        elif verb == "slow":
            factors[words[0]] = float(words[1])
        elif verb == "sample":
            taken += 1
            time = TIMES[words[0]] * factors.get(words[0], 1) * (1 + taken / 1e3)
            answer += f" {{time}} {{time}} 7"
        print(answer, flush=True)
else:
    sys.exit(2)
"""

# REGRESSED where the smallest time is 4 % longer, INCONCLUSIVE where it is 2 % longer; exit codes and JSON as of assay report.
ASSAY = """#!{python}
import json, sys
base, head = (json.load(open(path)) for path in sys.argv[2:4])
def least(result):
    best = {{}}
    for entry in result["benchmarks"]:
        if "real_time" in entry:
            best[entry["name"]] = min(entry["real_time"], best.get(entry["name"], 1e30))
    return best
before, after = least(base), least(head)
rows = []
for row, other in zip(base["assay"]["rows"], head["assay"]["rows"]):
    name, same = row["name"], row.get("code") == other.get("code") and "code" in row
    ratio = 1 if same else after[name] / before[name]
    verdict = "REGRESSED" if ratio > 1.04 else "INCONCLUSIVE" if ratio > 1.02 else "SAME-CODE" if same else "SAME"
    rows.append({{"name": name, "verdict": verdict}})
if "--json" in sys.argv:
    open(sys.argv[sys.argv.index("--json") + 1], "w").write(json.dumps({{"rows": rows}}))
found = {{row["verdict"] for row in rows}}
sys.exit(1 if "REGRESSED" in found else 4 if "INCONCLUSIVE" in found else 0)
"""


class FolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def program(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def driver(self, name="micro_driver", times=None, digest="abc", fails="\0"):
        """`fails` is the start of the requests that it refuses."""
        times = times or {"router": 1000.0, "norm": 2000.0}
        text = DRIVER.format(python=sys.executable, times=times, digest=digest, fails=fails)
        return self.program(name, text)

    def assay(self):
        return self.program("assay", ASSAY.format(python=sys.executable))


def run_in_process(*arguments):
    """(status, stdout, stderr) of script/regress; what its programs print is not in them."""
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        status = cli.main([str(argument) for argument in arguments])
    return status, output.getvalue(), errors.getvalue()
