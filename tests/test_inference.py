"""Intervals, tests and false discovery rate: known answers and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from compare.inference import (
    Sample,
    adjusted,
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
    (interval,) = intervals(sample("a", [0.2, 0.4, 0.6, 0.0]), seed=0, shares=True)
    assert interval.value == pytest.approx(0.3)
    assert interval.low < 0.3 < interval.high


def test_clustered_passages_widen_the_interval() -> None:
    # The same share, once even over sections and once in a few of them.
    even = intervals(sample("a", [0.3] * 10), seed=0, shares=True)[0]
    clustered = intervals(sample("a", [1.0] * 3 + [0.0] * 7), seed=0, shares=True)[0]
    assert even.value == clustered.value
    # Wilson's interval for 30 of 100.
    assert (even.low, even.high) == (pytest.approx(0.2189, abs=1e-4), pytest.approx(0.3958, abs=1e-4))
    assert clustered.high - clustered.low > 0.4


def test_what_was_not_seen_may_still_be_there() -> None:
    (nothing,) = intervals(sample("a", [0.0] * 10), seed=0, shares=True)
    assert nothing.value == nothing.low == 0
    assert nothing.high == pytest.approx(0.037, abs=1e-3)


def test_sections_give_a_wider_interval_than_passages_where_they_matter() -> None:
    (found,) = differences(sample("a", [1.0] * 4 + [0.0] * 6), sample("b", [0.0] * 10), seed=0, shares=True)
    assert found.low < found.low_passages < found.value < found.high_passages < found.high


def test_a_clear_difference_holds_and_no_difference_does_not() -> None:
    rng = np.random.default_rng(3)
    high, low = rng.uniform(0.5, 0.9, 20).tolist(), rng.uniform(0.0, 0.3, 14).tolist()
    (clear,) = differences(sample("a", high), sample("b", low), seed=0, shares=True)
    assert clear.holds and clear.low > 0 and clear.p < 0.01
    (same,) = differences(sample("a", high), sample("b", high[:14]), seed=0, shares=True)
    assert not same.holds and not same.suggested


def test_a_subject_of_one_section_is_no_sure_difference() -> None:
    # One of ten sections speaks of it and none of the other's twenty: dealing sections gives that often.
    (found,) = differences(sample("a", [1.0] + [0.0] * 9), sample("b", [0.0] * 20), seed=0, shares=True)
    assert found.value == pytest.approx(0.1)
    assert found.p > 0.2 and not found.holds and not found.suggested


def test_long_sections_are_not_compared_with_short_ones() -> None:
    # Sections of one document are four times as long; the figure is spread alike over the sections of both.
    long, short = sample("a", [0.5, 0.0] * 10, size=40), sample("b", [0.5, 0.0] * 10, size=10)
    assert permutation_test(long, short, seed=0)[0] > 0.5


@pytest.mark.parametrize(("one", "two"), [((26, 10), (14, 10)), ((34, 20), (10, 4)), ((14, 7), (14, 7))])
def test_permutation_calls_chance_at_its_rate(one: tuple[int, int], two: tuple[int, int]) -> None:
    # Documents may differ in how many sections they have and how long these are; the figure is the same in both.
    rng = np.random.default_rng(11)

    def document(name: str, sections: int, size: int) -> Sample:
        shares = np.repeat(rng.beta(1, 5, (sections, 60)), size, axis=0)
        values = (rng.random(shares.shape) < shares).astype(float)
        return Sample.of(name, values, np.repeat(np.arange(sections), size))

    called = [
        permutation_test(document(f"a{run}", *one), document(f"b{run}", *two), seed=0) <= 0.05 for run in range(4)
    ]
    assert np.mean(called) <= 0.10


def test_the_rate_of_false_calls_is_taken_over_a_whole_table() -> None:
    rows = [differences(sample(name, [0.9, 0.8, 1.0, 0.9]), sample("z", [0.1] * 9), 0, True) for name in "ab"]
    alone, together = adjusted([rows[0]])[0][0], adjusted(rows)[0][0]
    assert alone.q == alone.p and together.q >= together.p


def test_the_order_of_documents_turns_the_sign_and_nothing_else() -> None:
    one, two = sample("a", [0.9, 0.1, 0.4, 0.6, 0.2]), sample("b", [0.0, 0.2, 0.1, 0.5, 0.3, 0.0])
    (forth,), (back,) = differences(one, two, 5, True), differences(two, one, 5, True)
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
    (interval,) = intervals(sample("a", shares), seed, shares=True)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    assert intervals(sample("a", shares), seed, shares=True) == [interval]
