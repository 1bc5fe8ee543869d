"""Intervals, tests and false discovery rate: known answers and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from compare.inference import (
    Sample,
    differences,
    false_discovery_rate,
    intervals,
    permutation_test,
)


def sample(name: str, shares: list[float], size: int = 10) -> Sample:
    """A document of one section a share, in each of which that part of the passages has the figure."""
    values, sections = [], []
    for number, share in enumerate(shares):
        ones = round(share * size)
        values += [1.0] * ones + [0.0] * (size - ones)
        sections += [number] * size
    return Sample.of(name, np.array(values)[:, None], np.array(sections))


def test_the_mean_is_the_share_of_passages() -> None:
    (interval,) = intervals(sample("a", [0.2, 0.4, 0.6, 0.0]), seed=0)
    assert interval.value == pytest.approx(0.3)
    assert interval.low < 0.3 < interval.high


def test_clustered_passages_widen_the_interval() -> None:
    # The same share, once even over sections and once in a few of them.
    even = intervals(sample("a", [0.3] * 10), seed=0)[0]
    clustered = intervals(sample("a", [1.0] * 3 + [0.0] * 7), seed=0)[0]
    assert even.value == clustered.value
    assert even.high - even.low < 0.01
    assert clustered.high - clustered.low > 0.4


def test_sections_give_a_wider_interval_than_passages_where_they_matter() -> None:
    (found,) = differences(sample("a", [1.0] * 4 + [0.0] * 6), sample("b", [0.0] * 10), seed=0)
    assert found.low < found.low_passages < found.value < found.high_passages < found.high


def test_a_clear_difference_holds_and_no_difference_does_not() -> None:
    rng = np.random.default_rng(3)
    high, low = rng.uniform(0.5, 0.9, 20).tolist(), rng.uniform(0.0, 0.3, 14).tolist()
    (clear,) = differences(sample("a", high), sample("b", low), seed=0)
    assert clear.holds and clear.low > 0 and clear.p < 0.01
    (same,) = differences(sample("a", high), sample("b", high[:14]), seed=0)
    assert not same.holds and not same.suggested


def test_a_subject_of_one_section_is_no_sure_difference() -> None:
    # One of ten sections speaks of it and none of the other's twenty: dealing sections gives that often.
    (found,) = differences(sample("a", [1.0] + [0.0] * 9), sample("b", [0.0] * 20), seed=0)
    assert found.value == pytest.approx(0.1)
    assert found.p > 0.2 and not found.holds and not found.suggested


def test_long_sections_are_not_compared_with_short_ones() -> None:
    # Sections of one document are four times as long; the figure is spread alike over the sections of both.
    long, short = sample("a", [0.5, 0.0] * 10, size=40), sample("b", [0.5, 0.0] * 10, size=10)
    assert permutation_test(long, short, seed=0)[0] > 0.5


def test_permutation_calls_chance_at_its_rate() -> None:
    rng = np.random.default_rng(11)
    called = 0
    for run in range(120):
        shares = rng.beta(0.4, 1.2, 40)
        dealt = rng.permutation(40)
        one, two = sample(f"a{run}", shares[dealt[:26]].tolist()), sample(f"b{run}", shares[dealt[26:]].tolist())
        called += permutation_test(one, two, seed=0)[0] <= 0.05
    assert called / 120 <= 0.11


def test_the_order_of_documents_turns_the_sign_and_nothing_else() -> None:
    one, two = sample("a", [0.9, 0.1, 0.4, 0.6, 0.2]), sample("b", [0.0, 0.2, 0.1, 0.5, 0.3, 0.0])
    (forth,), (back,) = differences(one, two, 5), differences(two, one, 5)
    assert forth.value == -back.value
    assert (forth.low, forth.high) == (pytest.approx(-back.high), pytest.approx(-back.low))
    assert (forth.p, forth.q, forth.floor) == (back.p, back.q, back.floor)


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1)))
def test_adjusted_probabilities_never_fall_and_keep_the_order(p: np.ndarray) -> None:
    q = false_discovery_rate(p)
    assert (q >= p - 1e-12).all() and (q <= 1).all()
    assert (np.diff(q[np.argsort(p, kind="stable")]) >= -1e-12).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0]), min_size=1, max_size=12), st.integers(0, 3))
def test_an_interval_of_a_share_stays_a_share(shares: list[float], seed: int) -> None:
    (interval,) = intervals(sample("a", shares), seed)
    assert 0 <= interval.low <= interval.high <= 1
    assert intervals(sample("a", shares), seed) == [interval]
