"""An amount is above 0 exactly for purchases, in whole cents, with a mean of 50 EUR."""

from __future__ import annotations

import numpy as np
import pytest

from data_generators import _draws, make_world


def test_amounts_are_positive_exactly_for_purchases() -> None:
    events = make_world(42).events
    assert (events["amount"].gt(0) == events["event_type"].eq("purchase")).all()
    assert (events["amount"].eq(0) == events["event_type"].ne("purchase")).all()


@pytest.mark.parametrize("seed", range(10))
def test_also_after_corrections_and_conflicts(seed: int) -> None:
    faults = {"events.duplicate_newer": 9, "events.duplicate_conflict": 9}
    events = make_world(seed, users=10, events=60, products=5, faults=faults).events
    assert (events["amount"].gt(0) == events["event_type"].eq("purchase")).all()


def test_amounts_are_whole_cents_around_fifty_euros() -> None:
    events = make_world(42, events=200_000, faults={}).events
    amounts = events.loc[events["event_type"] == "purchase", "amount"]
    assert (amounts == amounts.round(2)).all()
    assert amounts.min() >= 0.01
    assert amounts.mean() == pytest.approx(50, rel=0.03)
    assert amounts.median() == pytest.approx(50 * np.log(2), rel=0.03)  # as an exponential has it


def test_no_quantile_is_near_a_rounding_edge() -> None:
    # else the last bit of a logarithm, which differs between processors, could change a cent
    quantiles = -5000 * np.log1p(-(np.arange(1 << 16) + 0.5) / (1 << 16))
    assert np.abs(quantiles % 1 - 0.5).min() > 1e-7
    assert _draws._amounts().min() == 1
    assert _draws._amounts().max() == 58_918


def test_prices_and_stocks() -> None:
    products = make_world(42, products=1_000).products
    assert products["price"].min() >= 1
    assert (products["price"] == products["price"].round(2)).all()
    assert products["stock_count"].between(0, 500).all()
