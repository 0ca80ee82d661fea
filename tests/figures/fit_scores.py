#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Fits the scores of rules on labelled mail, under constraints.

    cordon eval INDEX --strip-headers FILE --hits HITS
    cordon rules > RULES
    tests/figures/fit_scores.py INDEX HITS RULES [--apply] [--figures FILE]

INDEX is what `cordon eval` read, with two more columns: `source` (where the mail is from) and
`body_group` (equal for mail with the same text, may be empty). Needs python3-numpy.

What holds whatever the mail says:
- a rule keeps the sign that its author gave it (score_start, else the score in the rule); 0 stays 0;
- no fitted rule is over MAX (half of the quarantine score), nor over its own bound in score_bounds;
- rules of the families in FIXED, and those that `score_bounds` fixes, keep the score written in them;
- mail with the same text counts as one message, each source counts the same, ham counts HAM times.

Reported beside the fit: cross-validation in FOLDS parts that never split a body_group, and what is
caught of a source that the fit did not see at all. The result is a function of the input alone.
"""
import argparse
import collections
import csv
import pathlib
import re
import zlib

import numpy

QUARANTINE = 6.0
REJECT = 15.0
MAX = 3.0
FIXED = {"attachments", "onenote", "ambiguity", "antivirus", "gtube", "engine", "qr_code", "invitations"}
FOLDS = 5
HAM = 38.0          # what a ham over the line weighs against a spam under it
SPAM = 60.0         # what the spam of a source weighs
# ... times this: (source, is spam). Old spam in large campaigns is easy to catch and tells least; the few
# letters that honest people and firms write today stand for most of the mail that a new site gets.
SHARE = {
    ("spamassassin", True): 2.0,
    ("modern-lists", True): 1.75,
    ("phishing_pot", True): 1.1,
    ("trec07p", True): 0.40,
    ("spamassassin", False): 2.2,
    ("trec07p", False): 1.6,
    ("modern-direct", False): 6.0,
    ("written", False): 3.0,
}
HAM_LINE = 5.0      # ham is pushed below this,
SPAM_LINE = 6.2     # spam above that: a margin for mail not seen
SOFTNESS = 0.28
PULL = 0.004        # towards the score that its author gave a rule
STEPS = 2000


def table(path):
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def read_rules(path):
    """name -> (score, family), from `cordon rules`."""
    rules = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if len(fields) >= 3:
            rules[fields[1]] = (float(fields[0]), fields[2])
    return rules


def read_bounds(path):
    """name -> upper bound of the absolute score; None: not fitted."""
    bounds = {}
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        words = line.split("#")[0].split()
        if words:
            bounds[words[0]] = None if words[1] == "fixed" else float(words[1])
    return bounds


class Mail:
    """Hits as a sparse matrix (rows, columns), labels, weights, groups."""

    def __init__(self, index, hits, rules):
        self.names = sorted(rules)
        column = {name: i for i, name in enumerate(self.names)}
        facts = {row["path"]: row for row in table(index)}
        self.row, self.col = [], []
        self.spam, self.source, self.group = [], [], []
        for number, row in enumerate(table(hits)):
            fact = facts[row["path"]]
            self.spam.append(row["label"] == "spam")
            self.source.append(fact["source"])
            self.group.append(fact.get("body_group") or row["path"])
            for name in set(row["rules"].split()):
                if name in column:
                    self.row.append(number)
                    self.col.append(column[name])
        self.row = numpy.array(self.row)
        self.col = numpy.array(self.col)
        self.spam = numpy.array(self.spam)
        self.source = numpy.array(self.source)
        self.group = numpy.array(self.group)
        self.fold = numpy.array([zlib.crc32(g.encode()) % FOLDS for g in self.group])
        self.weight = self.weights()

    def weights(self):
        copies = collections.Counter(self.group)
        weight = numpy.array([1.0 / copies[g] for g in self.group])
        for source in set(self.source):
            for is_spam in (False, True):
                chosen = (self.source == source) & (self.spam == is_spam)
                if chosen.any():
                    # Spam of each source counts the same. Ham by the root of its number: 50 messages
                    # can't speak as loud as 4,000.
                    total = weight[chosen].sum()
                    share = SPAM if is_spam else numpy.sqrt(total)
                    weight[chosen] *= share / total * SHARE.get((source, is_spam), 1.0)
        weight[~self.spam] *= HAM
        return weight / weight.sum()

    def scores(self, weights):
        return numpy.bincount(self.row, weights=weights[self.col], minlength=len(self.spam))


def read_start(path):
    """name -> the score that the author of a rule gave it, before any fit."""
    lines = pathlib.Path(path).read_text(encoding="utf-8").splitlines()
    return {line.split()[0]: float(line.split()[1]) for line in lines if not line.startswith("#")}


def apply_scores(scores):
    """Writes scores into the sections of conf/rules and the tables of scoring/checks."""
    root = pathlib.Path(__file__).parents[2]
    for path in sorted(root.glob("conf/rules/*.rules")) + sorted(root.glob("scoring/checks/*.cc")):
        old = text = path.read_text(encoding="utf-8")
        for name, score in scores.items():
            # C++ wants a floating literal where the table had one.
            text = re.sub(rf'(CheckRule\{{\s*"{name}",\s*)[\d.]+', rf"\g<1>{score:.1f}", text)
            text = re.sub(rf"(?m)(^\[{name}\]\n(?:.+\n)*?score\s*=\s*)[\d.]+", rf"\g<1>{score:g}", text)
        if text != old:
            path.write_text(text, encoding="utf-8")


class Limits:
    def __init__(self, mail, rules, bounds, start):
        given = {name: start.get(name, rules[name][0]) for name in mail.names}
        self.now = numpy.array([rules[name][0] for name in mail.names])
        self.start = numpy.array([given[name] for name in mail.names])
        self.low = self.start.copy()
        self.high = self.start.copy()
        for i, name in enumerate(mail.names):
            score, family = given[name], rules[name][1]
            bound = bounds.get(name, MAX)
            if family in FIXED or bound is None or score == 0:
                continue
            bound = min(bound, MAX)
            self.low[i], self.high[i] = (0.0, bound) if score > 0 else (-bound, 0.0)


def fit(mail, limits, chosen):
    """Adam with projection on the limits; `chosen` says which mail it may see."""
    keep = chosen[mail.row]
    row, col = mail.row[keep], mail.col[keep]
    weight = numpy.where(chosen, mail.weight, 0.0)
    weight /= weight.sum()
    line = numpy.where(mail.spam, SPAM_LINE, HAM_LINE)
    sign = numpy.where(mail.spam, 1.0, -1.0)
    scores = numpy.clip(limits.start, limits.low, limits.high)
    mean = numpy.zeros_like(scores)
    square = numpy.zeros_like(scores)
    for step in range(1, STEPS + 1):
        total = numpy.bincount(row, weights=scores[col], minlength=len(mail.spam))
        # Softplus of how far a message is on the wrong side, without end for ham only.
        far = numpy.clip(sign * (total - line) / SOFTNESS, -30, 30)
        slope = -sign * weight / (1 + numpy.exp(far)) / SOFTNESS
        # Spam far below the line is not worth a loud rule.
        slope = numpy.where(mail.spam & (far < -8), slope * 0.3, slope)
        gradient = numpy.bincount(col, weights=slope[row], minlength=len(scores))
        gradient += PULL * 2 * (scores - limits.start) / len(scores)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient ** 2
        rate = 0.03 if step < STEPS * 0.6 else 0.008
        move = mean / (1 - 0.9 ** step) / (numpy.sqrt(square / (1 - 0.999 ** step)) + 1e-9)
        scores = numpy.clip(scores - rate * move, limits.low, limits.high)
    return numpy.abs(numpy.round(scores, 1)) * numpy.sign(limits.start)


def figures(mail, total, chosen):
    lines = []
    for source in sorted(set(mail.source)):
        for is_spam in (False, True):
            which = chosen & (mail.source == source) & (mail.spam == is_spam)
            count = int(which.sum())
            if count == 0:
                continue
            over = int((total[which] >= QUARANTINE - 1e-9).sum())
            reject = int((total[which] >= REJECT - 1e-9).sum())
            lines.append((source, "spam" if is_spam else "ham", count, over, reject))
    return lines


def show(title, lines):
    out = [title]
    for source, label, count, over, reject in lines:
        out.append(f"  {source:<16} {label:<5} {count:>6}  at or over quarantine {over:>6} "
                   f"{100 * over / count:>7.2f} %   over reject {reject:>5}")
    return "\n".join(out) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index")
    parser.add_argument("hits")
    parser.add_argument("rules")
    parser.add_argument("--bounds", default=pathlib.Path(__file__).parent / "score_bounds")
    parser.add_argument("--start", default=pathlib.Path(__file__).parent / "score_start")
    parser.add_argument("--out", help="write the fitted scores")
    parser.add_argument("--apply", action="store_true", help="write them into the rules")
    parser.add_argument("--figures")
    parser.add_argument("--quick", action="store_true", help="one fit, no validation")
    arguments = parser.parse_args()
    rules = read_rules(arguments.rules)
    mail = Mail(arguments.index, arguments.hits, rules)
    limits = Limits(mail, rules, read_bounds(arguments.bounds), read_start(arguments.start))
    everything = numpy.ones(len(mail.spam), dtype=bool)
    text = show("Scores as they are", figures(mail, mail.scores(limits.now), everything))
    final = fit(mail, limits, everything)
    text += show("Fitted on all", figures(mail, mail.scores(final), everything))
    if not arguments.quick:
        total = numpy.zeros(len(mail.spam))
        for fold in range(FOLDS):
            seen = mail.scores(fit(mail, limits, mail.fold != fold))
            total[mail.fold == fold] = seen[mail.fold == fold]
        text += show(f"Cross-validated, {FOLDS} parts, no text in two of them",
                     figures(mail, total, everything))
        for source in sorted(set(mail.source)):
            left_out = mail.source == source
            seen = mail.scores(fit(mail, limits, ~left_out))
            total[left_out] = seen[left_out]
        text += show("Each source by a fit that did not see it", figures(mail, total, everything))
    print(text, end="")
    if arguments.figures:
        pathlib.Path(arguments.figures).write_text(text, encoding="utf-8")
    fitted = {name: final[i] for i, name in enumerate(mail.names) if limits.low[i] < limits.high[i]}
    if arguments.apply:
        apply_scores(fitted)
    if arguments.out:
        used = numpy.bincount(mail.col, minlength=len(mail.names))
        lines = [f"{name}\t{final[i]:g}\t{limits.start[i]:g}\t{used[i]}"
                 for i, name in enumerate(mail.names) if name in fitted]
        pathlib.Path(arguments.out).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
