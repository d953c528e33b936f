"""Step 4: every feature by its definition, and nothing from as_of on."""

from __future__ import annotations

import pandas as pd
import pytest

from data_generators import World
from pipeline import FEATURES, clean_users, event_features, extract_events, extract_users, transform

AS_OF = pd.Timestamp("2024-02-05", tz="UTC")
SIGNUP = AS_OF - pd.Timedelta("100D")
TICK = pd.Timedelta("1us")


def users(*ages: int, signup: pd.Timestamp = SIGNUP, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame({"user_id": range(1, len(ages) + 1), "name": "Ada", "email": "ada@example.com", "age": ages})
    return frame.assign(**{"country": "UK", "signup_date": signup, "subscription_tier": "free"} | columns)


def events(*rows: tuple[int, str, float, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["user_id", "event_type", "amount", "product_category", "timestamp"])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], utc=True, format="ISO8601")
    return frame.assign(event_id=[f"E{i}" for i in range(len(frame))])


def valid(world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    users = extract_users(world.users).valid
    return users, extract_events(world.events, users, as_of=world.as_of).valid


def test_a_user_by_hand() -> None:
    bought = events(
        (1, "view", 0.0, "books", "2024-01-01T10:00"),
        (1, "add_to_cart", 0.0, "books", "2024-01-01T10:05"),
        (1, "purchase", 10.0, "books", "2024-01-01T10:10"),
        (1, "purchase", 30.0, "food", "2024-01-03T23:59"),
        (2, "search", 0.0, "food", "2024-01-03T12:00"),
    )
    first, second, third = transform(users(30, 40, 50), bought, as_of=AS_OF).to_dict("records")
    assert first | {"as_of": None} == {
        "user_id": 1,
        "age": 30,
        "age_group": "26-35",
        "country": "UK",
        "subscription_tier": "free",
        "has_email": True,
        "account_age_days": 100,
        "has_events": True,
        "total_events": 4,
        "total_purchases": 2,
        "total_views": 1,
        "total_cart_adds": 1,
        "total_spend": 40.0,
        "avg_spend": 20.0,  # over purchases, not over all events
        "num_categories": 2,
        "days_active": 2,
        "first_event": pd.Timestamp("2024-01-01T10:00", tz="UTC"),
        "last_event": pd.Timestamp("2024-01-03T23:59", tz="UTC"),
        "purchase_rate": 0.5,
        "purchases_per_cart_add": 2.0,
        "as_of": None,
    }
    # events, but no purchase and no cart: the rate is 0, the mean and the ratio are unknown
    assert second["purchase_rate"] == 0.0 and second["days_active"] == 1
    assert pd.isna(second["avg_spend"]) and pd.isna(second["purchases_per_cart_add"])
    # no events: counts are 0, all else is unknown
    assert (third["has_events"], third["total_events"], third["total_spend"], third["days_active"]) == (
        False,
        0,
        0.0,
        0,
    )
    assert pd.isna(third["purchase_rate"]) and pd.isna(third["first_event"])


def test_the_table_follows_its_schema(world: World) -> None:
    features = transform(*valid(world), as_of=world.as_of)
    assert {name: str(dtype) for name, dtype in features.dtypes.items()} == {c.name: c.dtype for c in FEATURES}
    assert features[[column.name for column in FEATURES if not column.nullable]].notna().all(axis=None)
    assert len(features) == 9_920
    assert "name" not in features and "email" not in features


def test_nothing_is_lost_on_the_way_to_the_features(world: World) -> None:
    users, events = valid(world)
    features = transform(users, events, as_of=world.as_of)
    assert features["total_events"].sum() == len(events)
    assert features["total_spend"].sum() == pytest.approx(events["amount"].sum())
    assert features["user_id"].tolist() == users["user_id"].tolist()


def test_only_what_happened_strictly_before_as_of_counts() -> None:
    around = events(
        (1, "view", 0.0, "books", (AS_OF - TICK).isoformat()),
        (1, "view", 0.0, "books", AS_OF.isoformat()),
        (1, "view", 0.0, "books", (AS_OF + TICK).isoformat()),
    )
    assert event_features(around, as_of=AS_OF)["total_events"].tolist() == [1]


def test_features_of_an_earlier_day_do_not_see_the_later_ones(world: World) -> None:
    users, events = valid(world)
    as_of = pd.Timestamp("2024-01-15", tz="UTC")
    past = events[events["timestamp"] < as_of]
    pd.testing.assert_frame_equal(transform(users, events, as_of=as_of), transform(users, past, as_of=as_of))


def test_who_signs_up_at_as_of_is_not_known_yet() -> None:
    assert clean_users(users(30, signup=AS_OF), as_of=AS_OF).empty
    assert clean_users(users(30, signup=AS_OF - TICK), as_of=AS_OF)["account_age_days"].tolist() == [0]


@pytest.mark.parametrize(
    ("age", "group"),
    [
        (0, "0-17"),
        (17, "0-17"),
        (18, "18-25"),
        (25, "18-25"),
        (26, "26-35"),
        (35, "26-35"),
        (36, "36-50"),
        (50, "36-50"),
        (51, "51-65"),
        (65, "51-65"),
        (66, "66+"),
        (120, "66+"),
    ],
)
def test_age_groups_hold_both_their_ends(age: int, group: str) -> None:
    assert clean_users(users(age), as_of=AS_OF)["age_group"].tolist() == [group]


def test_what_is_unknown_about_a_user_is_said_and_not_made_up() -> None:
    profile = clean_users(users(30, country=None, email=None), as_of=AS_OF)
    assert profile["country"].tolist() == ["Unknown"]
    assert profile["has_email"].tolist() == [False]


def test_a_user_twice_is_refused_instead_of_doubling_the_events() -> None:
    twice = pd.concat([users(30), users(30)])
    with pytest.raises(pd.errors.MergeError):
        transform(twice, events((1, "view", 0.0, "books", "2024-01-01")), as_of=AS_OF)


def test_order_and_index_of_the_input_do_not_matter(world: World) -> None:
    users, events = valid(world)
    shuffled = transform(users, events.sample(frac=1, random_state=1), as_of=world.as_of)
    pd.testing.assert_frame_equal(shuffled, transform(users, events, as_of=world.as_of))


def test_no_events_at_all() -> None:
    features = transform(users(30, 40), events((1, "view", 0.0, "books", "2024-01-01")).iloc[:0], as_of=AS_OF)
    assert features["total_events"].tolist() == [0, 0]
    assert {name: str(dtype) for name, dtype in features.dtypes.items()} == {c.name: c.dtype for c in FEATURES}
