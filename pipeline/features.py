"""Step 4: transform. One row of features per user, from nothing that happened at or after `as_of`."""

from __future__ import annotations

import pandas as pd

from data_generators import Column

AGE_EDGES = (0, 18, 26, 36, 51, 66)  # each group runs from its edge to the year before the next
AGE_GROUPS = ("0-17", "18-25", "26-35", "36-50", "51-65", "66+")

FEATURES: tuple[Column, ...] = (
    Column("user_id", "int64", "", False, "one row per valid user who signed up before as_of"),
    Column("age", "int64", "years", False, "0 to 120"),
    Column("age_group", "str", "years", False, "0-17, 18-25, 26-35, 36-50, 51-65 or 66+, both ends included"),
    Column("country", "str", "ISO-like code", False, "Unknown where the user gave none"),
    Column("subscription_tier", "str", "", False, "free, basic or premium"),
    Column("has_email", "bool", "", False, "whether an address is known; the address, personal data, stays out"),
    Column("account_age_days", "int64", "days", False, "whole days from sign-up to as_of"),
    Column("has_events", "bool", "", False, "whether any event is known"),
    Column("total_events", "int64", "events", False, "0 without events, like every count below"),
    Column("total_purchases", "int64", "events", False, "events of type purchase"),
    Column("total_views", "int64", "events", False, "events of type view"),
    Column("total_cart_adds", "int64", "events", False, "events of type add_to_cart"),
    Column("total_spend", "float64", "EUR", False, "sum over purchases"),
    Column("avg_spend", "float64", "EUR", True, "mean over purchases; null without one"),
    Column("num_categories", "int64", "categories", False, "distinct product categories over all events"),
    Column("days_active", "int64", "days", False, "distinct UTC days with an event"),
    Column("first_event", "datetime64[us, UTC]", "UTC", True, "null without events"),
    Column("last_event", "datetime64[us, UTC]", "UTC", True, "null without events"),
    Column("purchase_rate", "float64", "purchases per event", True, "0 to 1; null without events"),
    Column("purchases_per_cart_add", "float64", "ratio", True, "may pass 1; null without cart adds"),
    Column("as_of", "datetime64[us, UTC]", "UTC", False, "every value here was known strictly before this moment"),
)


def clean_users(users: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The profile part of FEATURES for users who signed up before `as_of`, without names and addresses."""
    known = users[users["signup_date"] < as_of]
    return pd.DataFrame(
        {
            "user_id": known["user_id"],
            "age": known["age"],
            # right=False: an edge belongs to the group that it opens, so 0 and 18 and 26 each have one
            "age_group": pd.cut(known["age"], [*AGE_EDGES, float("inf")], right=False, labels=AGE_GROUPS).astype("str"),
            "country": known["country"].fillna("Unknown"),
            "subscription_tier": known["subscription_tier"],
            "has_email": known["email"].notna(),
            "account_age_days": (as_of - known["signup_date"]).dt.days,
        }
    ).reset_index(drop=True)


def event_features(events: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The activity part of FEATURES, one row per user with at least one event before `as_of`, by user_id.

    Raises TypeError if `as_of` has no time zone.
    """
    known = events[events["timestamp"] < as_of]

    # tag: what is to be counted becomes a column, so that counting is one sum for all users at once
    is_purchase = known["event_type"] == "purchase"
    tagged = known.assign(
        purchase=is_purchase,
        view=known["event_type"] == "view",
        cart_add=known["event_type"] == "add_to_cart",
        spend=known["amount"].where(is_purchase, 0.0),
        day=known["timestamp"].dt.floor("D"),
    )

    # count
    counted = tagged.groupby("user_id").agg(
        total_events=("event_id", "size"),
        total_purchases=("purchase", "sum"),
        total_views=("view", "sum"),
        total_cart_adds=("cart_add", "sum"),
        total_spend=("spend", "sum"),
        num_categories=("product_category", "nunique"),
        days_active=("day", "nunique"),
        first_event=("timestamp", "min"),
        last_event=("timestamp", "max"),
    )

    # divide: a ratio without a denominator is unknown, not 0
    purchases, cart_adds = counted["total_purchases"], counted["total_cart_adds"]
    return counted.assign(
        avg_spend=counted["total_spend"] / purchases.where(purchases > 0),
        purchase_rate=purchases / counted["total_events"],
        purchases_per_cart_add=purchases / cart_adds.where(cart_adds > 0),
    ).reset_index()


def transform(users: pd.DataFrame, events: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The feature table: columns, dtypes and nulls as in FEATURES, one row per user in the order of `users`.

    `users` and `events` are the valid parts of their extracts. Raises MergeError if a user_id occurs twice.

    >>> transform(users, events, as_of=world.as_of).loc[0, ["total_events", "total_spend"]]  # doctest: +SKIP
    """
    profile = clean_users(users, as_of=as_of)
    activity = event_features(events, as_of=as_of)

    # join: a left join keeps the users without events; for them a count is 0, and everything else is unknown
    features = profile.merge(activity, on="user_id", how="left", validate="1:1")
    features["has_events"] = features["total_events"].notna()
    features["as_of"] = as_of
    required = [column.name for column in FEATURES if not column.nullable]
    features[required] = features[required].fillna(0)
    return features[[column.name for column in FEATURES]].astype({column.name: column.dtype for column in FEATURES})
