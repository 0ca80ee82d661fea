#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How fast the classifier learns, beside bogofilter, on the same mail in the same run.

learning_curve.py INDEX STRIP-HEADERS FOLDER [MESSAGES]

INDEX as `cordon eval` reads it, in order of arrival; each message is classified, then learned (the
TREC protocol). Written into FOLDER: learning-curve.csv and, drawn by gnuplot, learning-curve.svg.
bogofilter comes from the Debian package of that name; both read the same bytes, without the fields
that STRIP-HEADERS names.
"""

import csv
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
STEPS = 20
PLOT = """\
set terminal svg size 720,420 font "sans,13"
set output "{svg}"
set datafile separator ","
set xlabel "messages learned"
set ylabel "1-ROCA, % (lower is better)"
set logscale y
set grid
set key top right
plot "{csv}" using 1:2 skip 1 with lines lw 2 title "Cordon", \\
     "{csv}" using 1:3 skip 1 with lines lw 2 title "bogofilter"
"""


def without_fields(message, patterns):
    head, blank, body = re.split(rb"(\r?\n\r?\n)", message, maxsplit=1)
    kept = [
        field
        for field in re.split(rb"\n(?![ \t])", head)
        if not any(p.fullmatch(field.partition(b":")[0].decode("latin-1")) for p in patterns)
    ]
    return b"\n".join(kept) + blank + body


def one_minus_roca(scored):
    """% of pairs of a ham and a spam that stand in the wrong order; ties count half."""
    ordered = sorted(scored)
    wrong = spam_below = ham = 0.0
    at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        spam = sum(1 for _, is_spam in ordered[at:end] if is_spam)
        good = end - at - spam
        wrong += good * (spam_below + spam / 2)
        spam_below += spam
        ham += good
        at = end
    return 100 * wrong / (ham * spam_below) if ham and spam_below else 50.0


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bogofilter(rows, folder):
    out = []
    for path, label in rows:
        command = ["bogofilter", "-C", "-d", folder, "-I", path]
        told = subprocess.run([*command, "-T"], capture_output=True, text=True, check=False).stdout
        words = told.split()
        # Before it has learned anything it says nothing.
        out.append((float(words[1]) if len(words) > 1 else 0.5, label == "spam"))
        subprocess.run([*command, "-s" if label == "spam" else "-n"], check=True)
    return out


def cordon(index, folder):
    config = folder / "cordon.conf"
    config.write_text("[clamav]\nenabled = no\n[dns]\nservers = none\n")
    scores = folder / "scores"
    subprocess.run(
        [BUILD / "cordon", "eval", index, "--learn", "immediate", "--config", config,
         "--scores", scores],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    with open(scores, encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines][1:]
    return [(float(row[3]), row[1] == "spam") for row in rows]


def main(index, strip, target, most=10_000):
    target, index = pathlib.Path(target), pathlib.Path(index)
    patterns = [
        re.compile(line.strip(), re.IGNORECASE)
        for line in pathlib.Path(strip).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    with open(index, encoding="utf-8") as lines:
        listed = list(csv.DictReader(lines, delimiter="\t"))[: int(most)]
    with tempfile.TemporaryDirectory(prefix="cordon-curve-") as name:
        folder, rows = pathlib.Path(name), []
        (folder / "words").mkdir()
        for number, row in enumerate(listed):
            path = folder / f"{number}.eml"
            path.write_bytes(without_fields((index.parent / row["path"]).read_bytes(), patterns))
            rows.append((str(path), row["label"]))
        stripped = folder / "index.tsv"
        stripped.write_text(
            "path\tlabel\n" + "".join(f"{path}\t{label}\n" for path, label in rows)
        )
        before = cpu_of_children()
        ours = cordon(stripped, folder)
        between = cpu_of_children()
        theirs = bogofilter(rows, folder / "words")
        after = cpu_of_children()
    each = 1e6 / len(rows)
    print(f"{len(rows)} messages: Cordon 1-ROCA {one_minus_roca(ours):.4f} %, "
          f"{(between - before) * each:.0f} us CPU a message with all that an analysis does; "
          f"bogofilter {one_minus_roca(theirs):.4f} %, {(after - between) * each:.0f} us")  # fmt: skip
    table = target / "learning-curve.csv"
    with open(table, "w", encoding="utf-8") as out:
        out.write("messages,cordon_one_minus_roca_percent,bogofilter_one_minus_roca_percent\n")
        for step in range(1, STEPS + 1):
            n = len(rows) * step // STEPS
            out.write(f"{n},{one_minus_roca(ours[:n]):.4f},{one_minus_roca(theirs[:n]):.4f}\n")
    plot = PLOT.format(svg=target / "learning-curve.svg", csv=table)
    subprocess.run(["gnuplot"], input=plot, text=True, check=True)


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])
