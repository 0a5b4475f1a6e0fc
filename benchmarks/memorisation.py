"""What does a model give away, with and without redaction?

    python benchmarks/memorisation.py [--canaries 6] [--seed 0] SOURCE [-- MORE FOR TRAIN]

Trains on SOURCE with canaries twice, redacted and with --no-redact, and prints the results of `tui-lm audit`: the
exposure of the canaries in bits by their number of repetitions, the private strings that the model completes, and those
that can be read in the model's folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any


def run(arguments: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TUI_LM_HOME": str(home)}
    return subprocess.run([sys.executable, "-m", "tui_lm", *arguments], env=environment, capture_output=True, text=True)


def shown(report: dict[str, Any]) -> str:
    by_form: dict[tuple[str, int], list[float]] = {}
    for each in report["exposure"]:
        by_form.setdefault(("numbers" if "#" in each["form"] else "words", each["repeats"]), []).append(each["bits"])
    most = max((each["most"] for each in report["exposure"]), default=0.0)
    lines = [
        f"  {form} x{times}: {mean(bits):.1f} bits on average, {max(bits):.1f} at most"
        for (form, times), bits in sorted(by_form.items())
    ]
    counts = report["extraction"].values()
    extracted, strings = (sum(each[name] for each in counts) for name in ("extracted", "strings"))
    lines.append(f"  completed: {extracted} of {strings} private strings; readable in the folder: {report['stored']}")
    return "\n".join([*lines, f"  (a canary's most: {most:.1f} bits); memorised: {report['memorised']}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("--canaries", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("more", nargs="*", help="for `tui-lm train`, after --")
    arguments = parser.parse_args()
    for redact in ("--redact", "--no-redact"):
        with tempfile.TemporaryDirectory() as home:
            begin = ["train", str(arguments.source), "--name", "m", "--canaries", str(arguments.canaries), redact]
            trained = run([*begin, "--seed", str(arguments.seed), *arguments.more], Path(home))
            if trained.returncode:
                sys.exit(trained.stderr)
            audited = run(["audit", "m", str(arguments.source), "--json"], Path(home))
            if not audited.stdout:
                sys.exit(audited.stderr)
            print(f"{redact}\n{shown(json.loads(audited.stdout))}", flush=True)


if __name__ == "__main__":
    main()
