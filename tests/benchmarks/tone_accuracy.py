"""How well the tone scores tell each pole, on the project's own sentences and on labelled sentences of your own.

    python tests/benchmarks/tone_accuracy.py [--gold FILE] [--ship]

The project's sentences (`compare/data/tone-sentences.jsonl`) are in three parts: from the training part the scores
learn, and so it is scored in five folds, each learnt without itself; on the development part words that turn down or
report were gathered; the test part is only scored. "first" is how a sentence was read by who wrote it; "second" and
"third" are readings of the English sentences by others who saw no labels. How well they agree is told by Cohen's kappa,
of all poles and of each. A sentence takes a pole where all say so; where they differ, it is open to argument, and so is
whether a plan's own "will" binds anybody. The Chinese sentences are translations, with the labels of their originals.

The sentences were written in sets: 1 by hand of this project; 2 by another writer, in an essayist's manner; 3 to 6 by
several writers who knew nothing but the definitions, in the ordinary prose of strategies and communiques.

A pole is measured by the area under the ROC curve: of its pole score against all other sentences ("rest"), and of the
dimension's score against the sentences of the other pole ("pole"); and by the F1 of its presence. Sentences of which
the label is open to argument for a pole are left out for it. A negated or attributed sentence is right where no pole is
said to be heard in it that it does not take.

Beside them, on the same sentences of the test part: VADER (its compound score, in the better direction for each pole;
English only), a count of the pole's markers, the plain axis (mean of the pole's anchors less mean of the other's), and
a logistic regression on the vectors, a model a pole, learnt on the training part: the supervised line.

--ship writes the validity cards that reports print to `compare/data/tone-validity.json`; it has to be run after any
change of the tone file, its sentences or the code that scores by them.

FILE holds JSON lines with "text", and "first" and "second": two readings in the columns rivalry (R, C), scope (N, G),
rules (D, G), ends (S, D), force (O, E), urgency (U). Where the readings differ, the sentence is left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from compare.cache import ArrayCache  # noqa: E402
from compare.encoders import ENGLISH, MULTILINGUAL, Encoder, find_model  # noqa: E402
from compare.tone import ToneScorer, ToneScores  # noqa: E402
from compare.tone_file import load_dimensions  # noqa: E402
from compare.validity import FIELDS, SHIPPED, area, scored_by, validity, validity_key  # noqa: E402

SENTENCES = ROOT / "compare" / "data" / "tone-sentences.jsonl"
READINGS = ("first", "second", "third")
FOLDS = 5

COLUMNS = {
    "rivalry": {"R": "rivalry", "C": "cooperation"},
    "scope": {"N": "national", "G": "global"},
    "rules": {"D": "deregulation", "G": "governance"},
    "ends": {"S": "security", "D": "development"},
    "force": {"O": "obligation", "E": "encouragement"},
    "urgency": {"U": "urgency"},
}


def encoder(name):
    """An encoder that comes with the project, without a cache on disk."""
    return Encoder(find_model(name), ArrayCache(None), lambda done, total: None)


def encoders():
    """Both encoders that come with the project, by name."""
    for label, name in (("MiniLM", ENGLISH), ("USE", MULTILINGUAL)):
        yield label, remembering(encoder(name).encode)


def remembering(encode):
    """The same encoder, one sentence at a time and each only once."""
    vector = cache(lambda text: np.asarray(encode([text]), dtype=np.float32)[0])
    return lambda texts: np.stack([vector(text) for text in texts])


def own_sentences(spec, language, part):
    """The project's own sentences, and for each pole 1 (takes it), 0 (does not), -1 (open to argument)."""
    sentences, labels = spec.labels(language, part)
    return sentences, dict(zip(spec.pole_ids, labels.T, strict=True))


def in_folds(spec, encode, language):
    """Scores of the training sentences of a language, each learnt without a fifth in which it is."""
    sentences, _ = spec.labels(language, "training")
    order = np.random.default_rng(0).permutation(len(sentences))
    made = {}
    for fold in range(FOLDS):
        held = order[fold::FOLDS].tolist()
        left_out = {sentences[i].text for i in held}
        kept = tuple(item for item in spec.labelled if item.part == "training" and item.text not in left_out)
        scores = ToneScorer(replace(spec, labelled=kept), encode).score([sentences[i].text for i in held])
        made |= dict(zip(held, zip(scores.dimensions, scores.poles, scores.present, strict=True), strict=True))
    columns = [np.stack(column) for column in zip(*(made[i] for i in range(len(sentences))), strict=True)]
    return ToneScores(*columns, spec.dimension_ids, spec.pole_ids)


def ship(spec):
    """Write the figures that reports print of the dimensions themselves, to six digits."""
    made = {}
    for name, language in ((ENGLISH, "en"), (MULTILINGUAL, "en"), (MULTILINGUAL, "zh")):
        used = encoder(name)
        made[validity_key(scored_by(spec, used.model.checksum), language).hex()] = {
            item.dimension: {field: round(getattr(item, field), 6) for field in FIELDS}
            for item in validity(spec, used.encode, language)
        }
    SHIPPED.write_text(json.dumps(made, indent=1) + "\n", "utf-8")


def gold_sentences(path):
    """The same for a file of two readings."""
    rows = [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]
    labels = {}
    for column, codes in COLUMNS.items():
        for code, name in codes.items():
            votes = np.array([(row["first"][column] == code) + (row["second"][column] == code) for row in rows])
            labels[name] = np.select([votes == 2, votes == 0], [1, 0], -1)
    return [row["text"] for row in rows], labels


def agreement(spec):
    """Print how well the readings of the English sentences agree, a pair a line."""
    from sklearn.metrics import cohen_kappa_score

    listed = [json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines()]
    for number in range(1, 7):
        rows = [row for row in listed if row["language"] == "en" and row["set"] == number]
        names = [name for name in READINGS if name in rows[0]]
        taken = {
            name: np.array([[pole in row[name]["poles"] for pole in spec.pole_ids] for row in rows]) for name in names
        }
        print(f"Cohen's kappa, set {number}: {len(rows)} sentences x {len(spec.pole_ids)} poles")
        for one, two in combinations(names, 2):
            whole = cohen_kappa_score(taken[one].ravel(), taken[two].ravel())
            each = [cohen_kappa_score(*pair) for pair in zip(taken[one].T, taken[two].T, strict=True)]
            ranked = sorted(zip(each, spec.pole_ids, strict=True))
            print(f"{one}, {two}: {whole:.2f}; " + ", ".join(f"{pole} {value:.2f}" for value, pole in ranked))


def measure(scores, labels):
    """Rows of pole, sentences with it, AUC against the rest, AUC against the other pole, F1 of presence."""
    for column, name in enumerate(scores.pole_ids):
        if name not in labels:
            continue
        label = labels[name]
        known = label >= 0
        positive = label == 1
        sign = 1 if column % 2 == 0 else -1
        other = labels.get(scores.pole_ids[column ^ 1], np.zeros_like(label)) == 1
        pair = positive ^ other
        present = scores.present[:, column] & known
        f1 = 2 * (present & positive).sum() / max(1, present.sum() + positive.sum())
        yield (
            name,
            int(positive.sum()),
            area(scores.poles[known, column], positive[known]),
            area(sign * scores.dimensions[pair, column // 2], positive[pair]),
            f1,
        )


def right(scores, labels, rows, kind):
    """Part of the sentences of a kind in which nothing is heard that they do not take, and how many there are."""
    chosen = [i for i, row in enumerate(rows) if row.kind == kind]
    false = [
        any(scores.present[i, column] and labels[name][i] == 0 for column, name in enumerate(scores.pole_ids))
        for i in chosen
    ]
    return 1 - float(np.mean(false)), len(chosen)


def axis(encode, spec, language, texts):
    """Mean cosine with a pole's anchors less that with the other pole's, (n, P)."""
    rows = encode(texts)
    near = [(rows @ np.asarray(encode(pole.anchors[language])).T).mean(1) for pole in spec.poles]
    return np.stack([near[p] - near[p ^ 1] for p in range(len(near))], axis=1)


def markers(spec, language, texts):
    """Number of a pole's markers, (n, P)."""
    return np.array(
        [[sum(len(m.findall(text)) for m in pole.markers.get(language, ())) for pole in spec.poles] for text in texts],
        dtype=float,
    )


def vader(spec, texts):
    """VADER's compound score for every pole, (n, P); the better of both directions is taken in the comparison."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return np.repeat([[analyzer.polarity_scores(text)["compound"]] for text in texts], len(spec.poles), axis=1)


def supervised(encode, spec, development, texts):
    """Log-odds of a logistic regression on the vectors, a model a pole, (n, P)."""
    from sklearn.linear_model import LogisticRegression

    rows, labels = development
    known, asked = encode([row.text for row in rows]), encode(texts)
    made = []
    for pole in spec.poles:
        label = labels[pole.id]
        model = LogisticRegression(C=10, class_weight="balanced", max_iter=2000).fit(
            known[label >= 0], label[label >= 0]
        )
        made.append(model.decision_function(asked))
    return np.stack(made, axis=1)


def means(scores, labels, spec, either=False):
    """Mean AUC over poles, against the rest and against the other pole, of scores of shape (n, P)."""
    rest, pair = [], []
    for column, pole in enumerate(spec.poles):
        label, other = labels[pole.id], labels[spec.poles[column ^ 1].id]
        both = (label == 1) ^ (other == 1)
        difference = scores[:, column] - (0 if either else scores[:, column ^ 1])
        found = [area(scores[label >= 0, column], label[label >= 0] == 1), area(difference[both], label[both] == 1)]
        if either:
            found = [max(value, 1 - value) for value in found]
        rest.append(found[0])
        pair.append(found[1])
    return float(np.nanmean(rest)), float(np.nanmean(pair))


def table(name, scores, labels):
    print(f"\n{name}")
    print(f"{'pole':16}{'n':>4}{'rest':>7}{'pole':>7}{'F1':>6}")
    rows = list(measure(scores, labels))
    for pole, count, rest, pair, f1 in rows:
        print(f"{pole:16}{count:4}{rest:7.3f}{pair:7.3f}{f1:6.2f}")
    rest, pair, f1 = (np.nanmean([row[k] for row in rows]) for k in (2, 3, 4))
    print(f"{'mean':20}{rest:7.3f}{pair:7.3f}{f1:6.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gold", type=Path, help="labelled sentences, JSON lines")
    parser.add_argument("--ship", action="store_true", help="write the validity cards that reports print")
    options = parser.parse_args()
    spec = load_dimensions()
    if options.ship:
        return ship(spec)
    agreement(spec)
    for encoder, encode in encoders():
        scorer = ToneScorer(spec, encode)
        for language in ("en", "zh"):
            if encoder == "MiniLM" and language == "zh":
                continue
            for part in ("training", "development", "test"):
                rows, labels = own_sentences(spec, language, part)
                texts = [row.text for row in rows]
                scores = in_folds(spec, encode, language) if part == "training" else scorer.score(texts)
                table(f"{part}, {language}: {len(rows)} sentences, {encoder}", scores, labels)
                for kind in ("negated", "attributed", "neither"):
                    share, count = right(scores, labels, rows, kind)
                    print(f"{kind}: {share:.0%} of {count} without a pole that they do not take")
                if part != "test":
                    continue
                signed = np.repeat(scores.dimensions, 2, axis=1) * np.tile([1, -1], len(spec.dimensions))
                ours = means(scores.poles, labels, spec)[0], means(signed / 2, labels, spec)[1]
                lines = {"ours": ours}
                lines["logistic regression"] = means(
                    supervised(encode, spec, own_sentences(spec, language, "training"), texts), labels, spec
                )
                lines["plain axis"] = means(axis(encode, spec, language, texts), labels, spec)
                lines["marker count"] = means(markers(spec, language, texts), labels, spec)
                if language == "en":
                    try:
                        lines["VADER"] = means(vader(spec, texts), labels, spec, either=True)
                    except ImportError:
                        print("VADER is not installed: pip install -e '.[benchmark]'")
                print(f"{'mean AUC':20}{'rest':>7}{'pole':>7}")
                for name, (rest, pair) in lines.items():
                    print(f"{name:20}{rest:7.3f}{pair:7.3f}")
        if options.gold:
            texts, labels = gold_sentences(options.gold)
            table(f"{options.gold.name}: {len(texts)} sentences, {encoder}", scorer.score(texts), labels)


if __name__ == "__main__":
    main()
