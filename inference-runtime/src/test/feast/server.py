"""Feast's own feature server on a Redis that Tatara shares.

  server.py REDIS-PORT FOLDER HTTP-PORT   writes rows and serves them until it is killed

The views are those of FeastServerIT.
"""

import sys
from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.parquet as pq
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast import types as t

NOW = datetime.now(timezone.utc).replace(microsecond=123456)

# Feast's server can't answer bytes, which JSON has no place for.
FEATURES = [
    ("a_string", t.String, pa.string(), "grüße", ""),
    ("an_int32", t.Int32, pa.int32(), -(2**31), 7),
    ("an_int64", t.Int64, pa.int64(), 2**53, -1),
    ("a_float", t.Float32, pa.float32(), 0.1, -2.5),
    ("a_double", t.Float64, pa.float64(), 0.1, -1e300),
    ("a_bool", t.Bool, pa.bool_(), True, False),
    ("a_time", t.UnixTimestamp, pa.timestamp("us", tz="UTC"),
     datetime(2026, 11, 21, tzinfo=timezone.utc), datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
    ("string_list", t.Array(t.String), pa.list_(pa.string()), ["a", "ä"], [""]),
    ("int32_list", t.Array(t.Int32), pa.list_(pa.int32()), [1, -2, 3], [0]),
    ("int64_list", t.Array(t.Int64), pa.list_(pa.int64()), [2**62, -5], [0]),
    ("float_list", t.Array(t.Float32), pa.list_(pa.float32()), [0.1, -2.5], [0.0]),
    ("double_list", t.Array(t.Float64), pa.list_(pa.float64()), [0.1, -1e300], [0.0]),
    ("bool_list", t.Array(t.Bool), pa.list_(pa.bool_()), [True, False, True], [False]),
    ("time_list", t.Array(t.UnixTimestamp), pa.list_(pa.timestamp("us", tz="UTC")),
     [datetime(2026, 11, 21, tzinfo=timezone.utc)], [datetime(1970, 1, 1, tzinfo=timezone.utc)]),
]


def main(redis, folder, port):
    columns = {"user_id": pa.array([1, 2, 3], pa.int64()),
               "at": pa.array([NOW, NOW - timedelta(days=1), NOW], pa.timestamp("us", tz="UTC"))}
    for name, _, arrow, first, second in FEATURES:
        columns[name] = pa.array([first, second, None], arrow)
    pq.write_table(pa.table(columns), f"{folder}/every_type.parquet")
    pq.write_table(pa.table({
        "user_id": pa.array([1, 1], pa.int64()), "country": ["DE", "JP"], "visits": pa.array([49, 81], pa.int64()),
        "a_double": pa.array([1.5, 2.5], pa.float64()), "at": pa.array([NOW, NOW], pa.timestamp("us", tz="UTC")),
    }), f"{folder}/by_two.parquet")
    store = FeatureStore(config=RepoConfig(
        project="interop", provider="local", registry=f"{folder}/registry.db",
        online_store={"type": "redis", "connection_string": f"127.0.0.1:{redis}"},
        offline_store={"type": "file"}, entity_key_serialization_version=3))
    user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)
    country = Entity(name="country", join_keys=["country"], value_type=ValueType.STRING)
    store.apply([user, country, FeatureView(
        name="every_type", entities=[user], ttl=timedelta(days=365),
        schema=[Field(name="user_id", dtype=t.Int64)] + [Field(name=name, dtype=type) for name, type, *_ in FEATURES],
        source=FileSource(path=f"{folder}/every_type.parquet", timestamp_field="at")), FeatureView(
        name="by_two", entities=[user, country], ttl=timedelta(0),
        schema=[Field(name="user_id", dtype=t.Int64), Field(name="country", dtype=t.String),
                Field(name="visits", dtype=t.Int64), Field(name="a_double", dtype=t.Float64)],
        source=FileSource(path=f"{folder}/by_two.parquet", timestamp_field="at"))])
    store.materialize(NOW - timedelta(days=30), NOW + timedelta(days=1))
    store.serve("127.0.0.1", int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
