"""Joins generated data with Feast's DuckDB offline store, for a comparison row by row.

    historical.py FOLDER SEED...

For each seed a folder with entities.parquet, one file of rows for each view, and
expected.parquet, which is what Feast makes of them. Times lie on a grid of hours, so
that rows are equally old, exactly as old as the entity row and exactly at the end of
the time to live. Of rows for the same time only the time of creation differs.
"""

import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

os.environ["FEAST_USAGE"] = "False"

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig
from feast.infra.offline_stores.duckdb import DuckDBOfflineStoreConfig
from feast.infra.online_stores.sqlite import SqliteOnlineStoreConfig
from feast.types import Bool, Float64, Int64, String
from feast.value_type import ValueType

START = datetime(2024, 1, 1, tzinfo=timezone.utc)
HOURS = 24 * 14
USERS, SHOPS = 40, 12
ENTITY_ROWS, VIEW_ROWS = 600, 1500

USER = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)
SHOP = Entity(name="shop", join_keys=["shop_id"], value_type=ValueType.STRING)

# name, entities, time to live in hours (0: for ever), whether there is a time of creation
VIEWS = [
    ("user_activity", [USER], 24, True),
    ("shop_size", [SHOP], 0, False),
    ("user_in_shop", [USER, SHOP], 72, True),
]
FEATURES = {
    "user_activity": {"logins": Int64, "score": Float64, "plan": String},
    "shop_size": {"size": Int64, "open": Bool},
    "user_in_shop": {"spent": Float64, "score": Float64},
}


def hours(random, count):
    return [START + timedelta(hours=int(hour)) for hour in random.integers(0, HOURS, count)]


def with_gaps(random, values, share):
    return [None if random.random() < share else value for value in values]


def values(random, name, count):
    made = {
        "logins": lambda: [int(value) for value in random.integers(0, 1000, count)],
        "size": lambda: [int(value) for value in random.integers(0, 1000, count)],
        "score": lambda: [float(value) for value in random.random(count)],
        "spent": lambda: [float(value) for value in random.random(count)],
        "plan": lambda: [["free", "paid", "trial"][i] for i in random.integers(0, 3, count)],
        "open": lambda: [bool(value) for value in random.integers(0, 2, count)],
    }
    return with_gaps(random, made[name](), 0.1)


def times(values):
    return pa.array(values, pa.timestamp("us", tz="UTC"))


def view_rows(random, name, entities, created):
    columns = {"happened": times(hours(random, VIEW_ROWS))}
    if USER in entities:
        columns["user_id"] = pa.array(with_gaps(random, random.integers(0, USERS, VIEW_ROWS).tolist(), 0.02), pa.int64())
    if SHOP in entities:
        columns["shop_id"] = pa.array([f"shop-{i}" for i in random.integers(0, SHOPS, VIEW_ROWS)])
    for feature in FEATURES[name]:
        columns[feature] = pa.array(values(random, feature, VIEW_ROWS))
    if created:
        # All different, in no order: many rows were written long after their time.
        late = random.permutation(VIEW_ROWS)
        columns["made"] = times([START + timedelta(hours=int(minute)) for minute in late])
    table = pa.table(columns)
    if created:
        return table
    # Without a time of creation nobody could say which of two rows counts.
    keys = [column for column in ("user_id", "shop_id", "happened") if column in columns]
    return pa.Table.from_pandas(table.to_pandas().drop_duplicates(keys), preserve_index=False)


def entity_rows(random):
    # Some rows twice, and keys that are missing or that no view knows.
    users = with_gaps(random, random.integers(0, USERS + 5, ENTITY_ROWS).tolist(), 0.05)
    shops = with_gaps(random, [f"shop-{i}" for i in random.integers(0, SHOPS + 2, ENTITY_ROWS)], 0.05)
    rows = {"user_id": users, "shop_id": shops, "event_timestamp": hours(random, ENTITY_ROWS)}
    frame = pd.DataFrame({
        "user_id": pd.array(rows["user_id"], dtype="Int64"),
        "shop_id": rows["shop_id"],
        "event_timestamp": pd.to_datetime(rows["event_timestamp"]),
    })
    frame = pd.concat([frame, frame.sample(20, random_state=1)], ignore_index=True)
    frame["row"] = np.arange(len(frame))
    return frame


def view(folder, name, entities, ttl, created):
    source = FileSource(
        name=name,
        path=str(folder / f"{name}.parquet"),
        timestamp_field="happened",
        created_timestamp_column="made" if created else "",
    )
    keys = [Field(name=entity.join_key, dtype=Int64 if entity is USER else String) for entity in entities]
    fields = [Field(name=feature, dtype=dtype) for feature, dtype in FEATURES[name].items()]
    return FeatureView(name=name, entities=entities, ttl=timedelta(hours=ttl), schema=keys + fields, source=source)


def generate(folder, seed):
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    views = []
    for name, entities, ttl, created in VIEWS:
        pq.write_table(view_rows(random, name, entities, created), folder / f"{name}.parquet")
        views.append(view(folder, name, entities, ttl, created))
    store = FeatureStore(
        config=RepoConfig(
            project="tatara",
            provider="local",
            registry=str(folder / "registry.db"),
            offline_store=DuckDBOfflineStoreConfig(),
            online_store=SqliteOnlineStoreConfig(path=str(folder / "online.db")),
            entity_key_serialization_version=3,
        )
    )
    store.apply([USER, SHOP, *views])
    entities = entity_rows(random)
    pq.write_table(pa.Table.from_pandas(entities, preserve_index=False), folder / "entities.parquet")
    features = [f"{name}:{feature}" for name, features in FEATURES.items() for feature in features]
    joined = store.get_historical_features(entity_df=entities, features=features, full_feature_names=True)
    pq.write_table(joined.to_arrow(), folder / "expected.parquet")


def main():
    folder = Path(sys.argv[1])
    for seed in map(int, sys.argv[2:]):
        generate(folder / str(seed), seed)


if __name__ == "__main__":
    main()
