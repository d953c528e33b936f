# ruff: noqa
# fmt: off
# mypy: ignore-errors
"""Submissions to transform.matrices. Read by `load_bank`, never imported."""

# %% right: pandas by hand
import pandas as pd


def to_matrices(train, test, numeric, categorical):
    # fit
    mean = train[numeric].mean()
    deviation = train[numeric].std(ddof=0)
    deviation = deviation.mask(deviation == 0, 1.0)
    categories = {column: sorted(train[column].unique()) for column in categorical}

    # apply
    def matrix(rows):
        scaled = (rows[numeric] - mean) / deviation
        for column in categorical:
            for category in categories[column]:
                scaled[f"{column}={category}"] = (rows[column] == category).astype(float)
        return scaled

    return matrix(train), matrix(test)

# %% right: ColumnTransformer
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def to_matrices(train, test, numeric, categorical):
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = ColumnTransformer([("numeric", StandardScaler(), numeric), ("categorical", encoder, categorical)])
    return parts.fit_transform(train), parts.transform(test)

# %% right: loop in plain Python
def to_matrices(train, test, numeric, categorical):
    steps = []
    for column in numeric:
        values = list(train[column])
        mean = sum(values) / len(values)
        deviation = (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5 or 1
        steps.append((column, lambda v, mean=mean, deviation=deviation: (v - mean) / deviation))
    for column in categorical:
        for category in sorted(set(train[column])):
            steps.append((column, lambda v, category=category: int(v == category)))
    return [[[step(row[column]) for column, step in steps] for row in rows.to_dict("records")] for rows in (train, test)]

# %% right: get_dummies and reindex, booleans, as a dict
import pandas as pd


def to_matrices(train, test, numeric, categorical):
    dummies = pd.get_dummies(train[categorical])
    other = pd.get_dummies(test[categorical]).reindex(columns=dummies.columns, fill_value=False)
    mean, deviation = train[numeric].mean(), train[numeric].std(ddof=0).replace(0, 1)
    return {
        "train_matrix": pd.concat([(train[numeric] - mean) / deviation, dummies], axis=1),
        "test_matrix": pd.concat([(test[numeric] - mean) / deviation, other], axis=1),
    }

# %% right: numpy broadcasting
import numpy as np


def to_matrices(train, test, numeric, categorical):
    known = train[numeric].to_numpy(dtype=float)
    spread = known.std(axis=0)
    spread[spread == 0] = 1
    names = [np.unique(train[column].astype(str).to_numpy(dtype=object)) for column in categorical]

    def apply(rows):
        scaled = (rows[numeric].to_numpy(dtype=float) - known.mean(axis=0)) / spread
        hot = [rows[c].to_numpy(dtype=object)[:, None] == n[None, :] for c, n in zip(categorical, names)]
        return np.hstack([scaled, *hot])

    return apply(train), apply(test)

# %% right: polars
import polars as pl


def to_matrices(train, test, numeric, categorical):
    train, test = pl.from_pandas(train), pl.from_pandas(test)
    columns = []
    for name in numeric:
        mean, deviation = train[name].mean(), train[name].std(ddof=0) or 1.0
        columns.append(((pl.col(name) - mean) / deviation).alias(name))
    for name in categorical:
        for value in train[name].unique().sort():
            columns.append((pl.col(name) == value).cast(pl.Int8).alias(f"{name}_{value}"))
    return train.select(columns), test.select(columns)

# %% wrong: fitted-on-everything
# belief: more rows give better means, so fit on train and test together
# see: What a leak looks like
# fails: standardises_train, fits_on_train_alone
# at_most: 1.5
# from: pandas by hand
# - mean = train[numeric].mean()
# -     deviation = train[numeric].std(ddof=0)
# + both = pd.concat([train, test])
# +     mean = both[numeric].mean()
# +     deviation = both[numeric].std(ddof=0)

# %% wrong: each-by-itself
# belief: a test set is standardised with its own mean and deviation
# see: What a leak looks like
# fails: fits_on_train_alone
# at_most: 2
# from: pandas by hand
# -     # apply
# -     def matrix(rows):
# -         scaled = (rows[numeric] - mean) / deviation
# +     def matrix(rows):
# +         own = rows[numeric].std(ddof=0)
# +         scaled = (rows[numeric] - rows[numeric].mean()) / own.mask(own == 0, 1.0)

# %% wrong: fit-transform-on-test
# belief: fit_transform is how one transforms
# see: What a leak looks like
# fails: fits_on_train_alone, encodes_by_the_categories_of_train, unknown_category_is_all_zeros
# at_most: 1
# from: ColumnTransformer
# - parts.transform(test)
# + parts.fit_transform(test)

# %% wrong: test-mean-train-deviation
# belief: only the deviation has to come from train
# see: What a leak looks like
# fails: fits_on_train_alone
# at_most: 2
# from: pandas by hand
# - scaled = (rows[numeric] - mean)
# + scaled = (rows[numeric] - rows[numeric].mean())

# %% wrong: deviation-of-everything
# belief: a mean can leak, a deviation cannot
# see: What a leak looks like
# fails: standardises_train, fits_on_train_alone
# at_most: 1.5
# from: pandas by hand
# - train[numeric].std(ddof=0)
# + pd.concat([train, test])[numeric].std(ddof=0)

# %% wrong: sample-deviation
# belief: pandas and scikit-learn mean the same by standard deviation
# see: Scaling
# fails: standardises_train
# at_most: 2.5
# from: pandas by hand
# - std(ddof=0)
# + std()

# %% wrong: min-max
# belief: scaling to 0 to 1 is standardising
# see: Scaling
# fails: standardises_train
# at_most: 2.5
# from: pandas by hand
# - mean = train[numeric].mean()
# -     deviation = train[numeric].std(ddof=0)
# + mean = train[numeric].min()
# +     deviation = train[numeric].max() - mean

# %% wrong: centred-only
# belief: standardising means to subtract the mean
# see: Scaling
# fails: standardises_train, fits_on_train_alone
# at_most: 1.5
# from: pandas by hand
# - (rows[numeric] - mean) / deviation
# + rows[numeric] - mean

# %% wrong: not-scaled-at-all
# belief: a model finds the scale of its inputs by itself
# see: Scaling
# fails: standardises_train, fits_on_train_alone, constant_column_is_zero
# at_most: 1
# from: pandas by hand
# - (rows[numeric] - mean) / deviation
# + rows[numeric].astype(float)

# %% wrong: divided-by-variance
# belief: the variance is the measure of spread to divide by
# see: Scaling
# fails: standardises_train, fits_on_train_alone
# at_most: 1.5
# from: pandas by hand
# - .std(ddof=0)
# + .var(ddof=0)

# %% wrong: zero-by-zero
# belief: 0 / 0 is 0
# see: Scaling
# fails: constant_column_is_zero
# at_most: 2.5
# from: pandas by hand
# -     deviation = deviation.mask(deviation == 0, 1.0)
# -
# +

# %% wrong: constant-column-dropped
# belief: a column that says nothing may be left out
# see: Scaling
# fails: constant_column_is_zero
# at_most: 2.5
# from: pandas by hand
# -     categories =
# +     numeric = [name for name in numeric if train[name].nunique() > 1]
# +     mean, deviation = mean[numeric], deviation[numeric]
# +     categories =

# %% wrong: all-nulls-zero-and-ages-too
# belief: any deviation that is small is as good as none
# see: Scaling
# fails: standardises_train, fits_on_train_alone, constant_column_is_zero
# at_most: 1
# from: pandas by hand
# - deviation.mask(deviation == 0, 1.0)
# + deviation.mask(deviation < 30, float("inf"))

# %% wrong: dummies-of-each-table
# belief: get_dummies makes the same columns for every table
# see: Encoding: words become numbers
# fails: encodes_by_the_categories_of_train, unknown_category_is_all_zeros
# at_most: 2
# from: get_dummies and reindex, booleans, as a dict
# - .reindex(columns=dummies.columns, fill_value=False)
# +

# %% wrong: dummies-of-both-tables
# belief: categories are no parameters, so take them from everything
# see: What a leak looks like
# fails: unknown_category_is_all_zeros
# at_most: 2.5
# from: pandas by hand
# - sorted(train[column].unique())
# + sorted(set(train[column]) | set(test[column]))

# %% wrong: unknown-raises
# belief: a category that train does not have cannot come
# see: Encoding: words become numbers
# fails: unknown_category_is_all_zeros
# at_most: 2.5
# from: ColumnTransformer
# - handle_unknown="ignore", 
# +

# %% wrong: unknown-is-the-first
# belief: a new category belongs to the first one that is known
# see: Encoding: words become numbers
# fails: unknown_category_is_all_zeros
# at_most: 2.5
# from: pandas by hand
# -     def matrix(rows):
# -
# +     def matrix(rows):
# +         rows = rows.copy()
# +         for column in categorical:
# +             rows[column] = rows[column].where(rows[column].isin(categories[column]), categories[column][0])
# +

# %% wrong: unknown-rows-dropped
# belief: a row that cannot be encoded is left out
# see: Encoding: words become numbers
# fails: unknown_category_is_all_zeros
# at_most: 2.5
# from: pandas by hand
# -     def matrix(rows):
# -
# +     def matrix(rows):
# +         for column in categorical:
# +             rows = rows[rows[column].isin(categories[column])]
# +

# %% wrong: one-column-of-codes
# belief: a country is a number as good as any other
# see: Encoding: words become numbers
# fails: encodes_by_the_categories_of_train, unknown_category_is_all_zeros
# at_most: 2
# from: pandas by hand
# -             for category in categories[column]:
# -                 scaled[f"{column}={category}"] = (rows[column] == category).astype(float)
# +             scaled[column] = rows[column].map({c: float(i) for i, c in enumerate(categories[column])}).fillna(-1.0)

# %% wrong: first-category-dropped
# belief: with one column fewer nothing is lost
# see: Encoding: words become numbers
# fails: encodes_by_the_categories_of_train, unknown_category_is_all_zeros
# at_most: 2
# from: pandas by hand
# - sorted(train[column].unique())
# + sorted(train[column].unique())[1:]

# %% wrong: categories-as-they-come
# belief: the order of the columns is the order in which categories appear
# see: Encoding: words become numbers
# fails: encodes_by_the_categories_of_train
# at_most: 2.5
# from: pandas by hand
# - sorted(train[column].unique())
# + list(train[column].unique())

# %% wrong: words-left-in
# belief: a model can read words
# see: Encoding: words become numbers
# fails: encodes_by_the_categories_of_train, unknown_category_is_all_zeros, standardises_train, fits_on_train_alone, constant_column_is_zero
# at_most: 0
# from: pandas by hand
# -                 scaled[f"{column}={category}"] = (rows[column] == category).astype(float)
# +                 scaled[column] = rows[column]

# %% wrong: sparse-as-it-comes
# belief: whatever the encoder returns is a matrix
# see: Encoding: words become numbers
# fails: standardises_train, fits_on_train_alone, encodes_by_the_categories_of_train, unknown_category_is_all_zeros, constant_column_is_zero
# at_most: 0
# from: ColumnTransformer
# - , sparse_output=False
# +
# - [("numeric"
# + sparse_threshold=1.0, transformers=[("numeric"

# %% wrong: train-only
# belief: the test rows are for later
# see: What a leak looks like
# fails: standardises_train, fits_on_train_alone, encodes_by_the_categories_of_train, unknown_category_is_all_zeros, constant_column_is_zero
# at_most: 0
# from: pandas by hand
# - return matrix(train), matrix(test)
# + return matrix(train)

# %% wrong: forgets-to-return
# belief: the last value of a function is its result
# see: What a leak looks like
# fails: standardises_train, fits_on_train_alone, encodes_by_the_categories_of_train, unknown_category_is_all_zeros, constant_column_is_zero
# at_most: 0
# from: pandas by hand
# - return matrix(train), matrix(test)
# + matrix(train), matrix(test)
