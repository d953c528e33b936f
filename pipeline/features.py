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
    kind = known["event_type"]
    is_purchase = kind == "purchase"
    tagged = known.assign(
        purchase=is_purchase,
        view=kind == "view",
        cart_add=kind == "add_to_cart",
        spend=known["amount"].where(is_purchase, 0.0),
        day=known["timestamp"].dt.floor("D"),
    )

    # split
    of_user = tagged.groupby("user_id")

    # count
    counted = pd.DataFrame(
        {
            "total_events": of_user.size(),
            "total_purchases": of_user["purchase"].sum(),
            "total_views": of_user["view"].sum(),
            "total_cart_adds": of_user["cart_add"].sum(),
            "total_spend": of_user["spend"].sum(),
            "num_categories": of_user["product_category"].nunique(),
            "days_active": of_user["day"].nunique(),
            "first_event": of_user["timestamp"].min(),
            "last_event": of_user["timestamp"].max(),
        }
    )

    # divide: 0 / 0 is null, that is unknown; so has to be what is divided by no cart adds
    purchases, cart_adds = counted["total_purchases"], counted["total_cart_adds"]
    counted["avg_spend"] = counted["total_spend"] / purchases
    counted["purchase_rate"] = purchases / counted["total_events"]
    counted["purchases_per_cart_add"] = purchases / cart_adds.where(cart_adds > 0)
    return counted.reset_index()


def transform(users: pd.DataFrame, events: pd.DataFrame, *, as_of: pd.Timestamp) -> pd.DataFrame:
    """The feature table: columns, dtypes and nulls as in FEATURES, one row per user in the order of `users`.

    `users` and `events` are the valid parts of their extracts. Raises pandas.errors.MergeError if a user occurs twice.
    Example: `transform(users.valid, events.valid, as_of=world.as_of)["total_spend"].sum()`.
    """
    profile = clean_users(users, as_of=as_of).set_index("user_id")
    activity = event_features(events, as_of=as_of).set_index("user_id")

    # join: a left join keeps the users without events; for them a count is 0, and everything else is unknown
    features = profile.join(activity, validate="1:1").reset_index()
    features = features.assign(has_events=features["total_events"].notna(), as_of=as_of.as_unit("us"))
    for column in FEATURES:
        if column.name in activity and not column.nullable:
            features[column.name] = features[column.name].fillna(0).astype(activity[column.name].dtype)
    return features[[column.name for column in FEATURES]]
