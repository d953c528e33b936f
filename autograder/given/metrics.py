"""The three stages that lesson 10 measures. One of them loses rows in silence: finding that is what metrics are for."""

from __future__ import annotations

import pandas as pd

EVENT_TYPES = ("purchase", "view", "add_to_cart", "search", "review")


def validate(events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split events into valid and quarantined; these get a column `reasons`, the broken rules joined by ";".

    An event without user_id comes from a guest and is valid.
    """
    broken = pd.DataFrame(
        {
            "unknown_event_type": ~events["event_type"].isin(EVENT_TYPES),
            "amount_negative": events["amount"] < 0,
            "purchase_not_paid": (events["event_type"] == "purchase") & ~(events["amount"] > 0),
        }
    )
    bad = broken.any(axis="columns")
    reasons = [";".join(broken.columns[row]) for row in broken[bad].to_numpy()]
    return events[~bad], events[bad].assign(reasons=pd.array(reasons, dtype="str"))


def deduplicate(valid: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split events into one per event_id, the newest by `ingested_at`, and the duplicates that it supersedes."""
    in_order = valid.sort_values("ingested_at", kind="stable")
    is_superseded = in_order.duplicated("event_id", keep="last")
    return in_order[~is_superseded], in_order[is_superseded]


def enrich(unique: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """The events with the name and the price of their product."""
    catalogue = products[["product_id", "name", "price"]]
    return unique.merge(catalogue, on="product_id")
