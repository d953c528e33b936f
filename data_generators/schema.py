"""What the columns of each table mean: one documented schema per table."""

from __future__ import annotations

from typing import NamedTuple

UTC = "datetime64[us, UTC]"


class Column(NamedTuple):
    """One column of a clean table, as it is before any fault is planted."""

    name: str
    dtype: str
    unit: str  # "" where a unit makes no sense
    nullable: bool
    description: str


# Faults change dtypes as real sources do, for the whole table and every chunk of it: a missing integer widens
# its column to float64; text in a numeric column makes it object, with Python numbers, str and None in it;
# events.mixed_offsets makes `timestamp` str; events.schema_drift appends the column `amount_eur`.
SCHEMAS: dict[str, tuple[Column, ...]] = {
    "users": (
        Column("user_id", "int64", "", False, "1 to the number of users, unique"),
        Column("name", "str", "", False, "unique, never faulted: the row's identity in `truth`"),
        Column("email", "str", "", True, "address, made from user_id"),
        Column("age", "int64", "years", False, "18 to 79"),
        Column("country", "str", "ISO-like code", True, "US, UK, DE, FR, JP or IN"),
        Column("signup_date", UTC, "UTC", False, "within the four years before the first event"),
        Column("subscription_tier", "str", "", False, "free, basic or premium"),
    ),
    "events": (
        Column("event_id", "str", "", False, "E00000001 and on, unique: the row's identity in `truth`"),
        Column("user_id", "int64", "", False, "a user of `users`"),
        Column("event_type", "str", "", False, "purchase, view, add_to_cart, search or review"),
        Column("product_id", "str", "", False, "a product of `products`"),
        Column("product_category", "str", "", False, "that product's category"),
        Column("amount", "float64", "EUR", False, "above 0 for purchases (mean 50, whole cents), else 0"),
        Column("timestamp", UTC, "UTC", False, "event time: when it happened"),
        Column("ingested_at", UTC, "UTC", False, "arrival time, 1 to 300 s after event time; rows come in its order"),
    ),
    "products": (
        Column("product_id", "str", "", False, "P0001 and on, unique"),
        Column("name", "str", "", False, "unique, never faulted: the row's identity in `truth`"),
        Column("category", "str", "", False, "electronics, clothing, food, books or sports"),
        Column("price", "float64", "EUR", False, "at least 1, whole cents"),
        Column("stock_count", "int64", "pieces", False, "0 to 500"),
    ),
    "truth": (
        Column("table", "str", "", False, "users, events or products"),
        Column("row", "int64", "", False, "position in the received table, from 0"),
        Column("key", "str", "", False, "the row's identity: users.name, clean event_id, products.name"),
        Column("column", "str", "", False, "the column that the fault is in"),
        Column("fault", "str", "", False, "full name, such as events.late"),
    ),
}
