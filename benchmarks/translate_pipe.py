"""Does a pipe through `tui-lm translate` give one line per line for any input, in constant memory?

    python benchmarks/translate_pipe.py -m MODEL [--lines 10000] [--long 100000] [--beam 5] [--max-length 40]

Hostile lines from a seeded generator: blank, of 100 kB, with control characters, right-to-left, cut inside a character,
lone surrogates, one word a thousand times. They go through one process, written as fast as it reads. Checks that the
output has as many lines, no control characters, a blank line for each blank line, and for a line of less than 100
bytes, which is translated whole, at most `--max-length` of the model's longest tokens. Prints the resident memory of
the process over the lines. Exits with 1 if a check fails.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

from tui_lm.cli import model as model_option
from tui_lm.translation import Translator

ALPHABETS = (
    "see you at six, ",
    "नमस्ते दोस्त। ",
    "مرحبا بك \u200f\u202e\u202c",
    "👨\u200d👩\u200d👧 ☃ ",
    "\0\x1b[31m\x07\x0b\x85\u2028\ufeff",
)
STRANGE = (
    b"",
    b" \t ",
    b"\r",
    b"\xff\xfe\x80",
    b"\xed\xa0\x80 lone \xed\xbf\xbf",
    "x".encode("utf-16-le"),
    "שלום עולם, מה שלומך?".encode(),
    b"word " * 1000,
    b"y" * 2000,
)
SAMPLED = 20  # number of memory measurements


def lines(count: int, long: int, seed: int = 7) -> list[bytes]:
    """Lines: one in a thousand has `long` bytes, one in ten is a special case, the others are random characters."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        if number % 1000 == 500:
            found.append((chance.choice(("good day, friend. ", "y", "नमस्ते ")) * long).encode()[:long])
        elif number % 10 == 0:
            found.append(chance.choice(STRANGE))
        else:
            alphabet = chance.choice(ALPHABETS[:4]) + chance.choice(ALPHABETS)
            data = "".join(chance.choice(alphabet) for _ in range(chance.randrange(30))).encode()
            found.append(data[: chance.randrange(len(data) + 1)].replace(b"\n", b""))
    return found


def resident(process: int) -> float:
    """Resident memory in MB (Linux)."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-m", "--model", required=True)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--long", type=int, default=100_000, help="length of the longest lines, in bytes")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--max-length", type=int, default=40)
    options = parser.parse_args()
    given = lines(options.lines, options.long)
    search = [f"--beam={options.beam}", f"--max-length={options.max_length}"]
    command = [sys.executable, "-m", "tui_lm", "translate", "-m", options.model, *search]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin and running.stdout

        def write() -> None:
            running.stdin.writelines(line + b"\n" for line in given)
            running.stdin.close()

        began = time.perf_counter()
        threading.Thread(target=write, daemon=True).start()
        answers, sizes = [], []
        for line in running.stdout:
            answers.append(line)
            if len(answers) % max(1, options.lines // SAMPLED) == 0 and running.poll() is None:
                sizes.append(resident(running.pid))
        code = running.wait()
    seconds = time.perf_counter() - began
    translator = Translator.open(model_option.resolve_model(options.model, "translation"))
    most = max(map(len, translator.tokenizers.target.surfaces)) * options.max_length
    wrong = []
    if code or len(answers) != len(given):
        wrong.append(f"{len(answers):,} lines came out for {len(given):,}, exit code {code}")
    for number, (line, answer) in enumerate(zip(given, answers, strict=False)):
        text = answer.removesuffix(b"\n")
        if set(text) & {*range(32), 127}:
            wrong.append(f"line {number} steers a terminal")
        if len(text) > most and len(line) < 100:
            wrong.append(f"line {number} has an answer of {len(text)} bytes")
        if text and not line.strip():
            wrong.append(f"line {number} answers a blank one")
    longest = max(map(len, answers))
    print(
        f"{len(given):,} lines, {sum(map(len, given)) / 1e6:.1f} MB in, {len(answers):,} lines out in {seconds:.0f} s"
    )
    print(f"longest answer {longest:,} bytes, to a line of {len(given[answers.index(max(answers, key=len))]):,}")
    print("resident MB:", " ".join(f"{size:.0f}" for size in sizes))
    print("\n".join(wrong[:10]) or "as many lines out as in, and no control characters")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
