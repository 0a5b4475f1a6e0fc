"""What does attention gain in translation, on all sentences and on long ones?

    python benchmarks/translation.py DATA [--source ja --target en] [--minutes 20] [--only general,none]
                                          [--set KEY=VALUE] [--lower-case] [--long 10]

DATA holds train.tsv, val.tsv and test.tsv (a sentence and its translation per line; a repeated source has several
references), or aligned files train.SOURCE, train.TARGET and so on, with dev or val. For each kind of attention one
translator is trained by the command line, as a user would, for the same time with the same settings, one after the
other. Test sentences are translated with the default beam. Nothing is chosen on the test part.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tui_lm.evaluation.bleu import references, score
from tui_lm.sentence_pairs import Layout, read_pairs
from tui_lm.translation import Translator

VARIANTS = {
    "bahdanau": ["attention=bahdanau"],
    "dot": ["attention=dot"],
    "general": ["attention=general"],
    "none": ["attention=none"],
    "none-onward": ["attention=none", "bidirectional=false"],
    "none-reversed": ["attention=none", "bidirectional=false", "reverse_source=true"],
}
PARTS = {"train": ["train"], "val": ["val", "dev", "valid"], "test": ["test"]}


def tables(data: Path, source: str | None, target: str | None, scratch: Path) -> dict[str, Path]:
    """The three parts as TSV files. Aligned files are joined into TSV files in `scratch`."""
    found = {}
    for part, names in PARTS.items():
        if source is None or target is None:
            found[part] = next(path for name in names if (path := data / f"{name}.tsv").is_file())
            continue
        stem = next(name for name in names if (data / f"{name}.{source}").is_file())
        pairs = read_pairs([data / f"{stem}.{source}", data / f"{stem}.{target}"], Layout(aligned=True))
        found[part] = scratch / f"{part}.tsv"
        with found[part].open("w", encoding="utf-8") as file:
            file.writelines(f"{pair.source}\t{pair.target}\n".replace("\r", " ") for pair in pairs)
    return found


def train(parts: dict[str, Path], home: Path, settings: list[str], minutes: float, name: str) -> Path:
    environment = {**os.environ, "TUI_LM_HOME": str(home)}
    chosen = [argument for setting in settings for argument in ("--set", setting)]
    command = [
        sys.executable,
        "-m",
        "tui_lm",
        "train",
        parts["train"],
        "--valid",
        parts["val"],
        "--test",
        parts["test"],
    ]
    options = ["--minutes", str(minutes), "--name", name, "--json", *chosen]
    subprocess.run([*map(str, command), *options], env=environment, stdout=subprocess.DEVNULL, check=True)
    return home / "models" / name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--source")
    parser.add_argument("--target")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--only", help=f"variants, of {', '.join(VARIANTS)}; default: all")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting for every variant")
    parser.add_argument("--lower-case", action="store_true")
    parser.add_argument("--long", type=int, default=10, help="a source with more words than this is long")
    parser.add_argument("--keep", type=Path, metavar="HOME", help="keep the models in this data folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = options.keep or Path(scratch)
        parts = tables(options.data, options.source, options.target, Path(scratch))
        targets = references(read_pairs([parts["test"]], Layout()))
        long = [source for source in targets if len(source.split()) > options.long]
        print(f"{len(targets):,} test sentences, {len(long):,} of more than {options.long} words")
        print("| attention | parameters | minutes | BLEU | chrF | BLEU, long | chrF, long |")
        print("|---|---|---|---|---|---|---|")
        for variant in options.only.split(",") if options.only else VARIANTS:
            began = time.perf_counter()
            folder = train(parts, home, VARIANTS[variant] + options.set, options.minutes, variant)
            minutes = (time.perf_counter() - began) / 60
            translator = Translator.open(folder)
            answers = {a.source: a.text for a in translator.translate_many(targets, threads=os.cpu_count() or 1)}
            figures = []
            for sources in (list(targets), long):
                report = score(
                    [answers[source] for source in sources],
                    [targets[source] for source in sources],
                    lower_case=options.lower_case,
                )
                figures += [f"{report[name]:.2f}" if sources else "" for name in ("bleu", "chrf")]
                signature = report["signature"] or ""
            size = translator.card.description.split(", ")[-1].removesuffix(" parameters")
            print(f"| {variant} | {size} | {minutes:.1f} | {' | '.join(figures)} |", flush=True)
        print(signature)


if __name__ == "__main__":
    main()
