"""Feast's side of bench/materialize.

  feast_side.py apply|materialize FOLDER PORT OFFLINE-STORE

FOLDER holds rows.parquet; apply makes the registry, materialize writes to Redis and prints how
many seconds the call took.
"""

import sys
import time
from datetime import datetime, timedelta, timezone

from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast import types as t

PROJECT, VIEW, FEATURES = "bench", "activity", 10
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
END = datetime(2026, 2, 1, tzinfo=timezone.utc)


def store(folder, port, offline):
    return FeatureStore(config=RepoConfig(
        project=PROJECT, provider="local", registry=f"{folder}/registry-{offline}.db",
        online_store={"type": "redis", "connection_string": f"127.0.0.1:{port}"},
        offline_store={"type": offline}, entity_key_serialization_version=3))


def apply(store, folder):
    user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)
    store.apply([user, FeatureView(
        name=VIEW, entities=[user], ttl=timedelta(days=3650),
        schema=[Field(name="user_id", dtype=t.Int64)] + [Field(name=f"f{n}", dtype=t.Float64) for n in range(FEATURES)],
        source=FileSource(path=f"{folder}/rows.parquet", timestamp_field="event_timestamp"))])


def main(what, folder, port, offline):
    feast = store(folder, port, offline)
    if what == "apply":
        apply(feast, folder)
        return
    began = time.monotonic()
    feast.materialize(START, END)
    print(f"\nseconds={time.monotonic() - began:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
