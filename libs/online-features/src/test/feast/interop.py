"""Feast's SDK on a Redis that Tatara shares.

  interop.py PORT FOLDER materialize   writes rows of all types, as `feast materialize` does, and
                                       prints Redis keys of all types in hexadecimal, a line each
  interop.py PORT FOLDER read          prints what get_online_features finds, a line per value:
                                       entity, feature, status, seconds and nanoseconds of the
                                       event time, Feast's name of the type, the value

What is written and looked up is the same as in FeastIT.
"""

import struct
import sys
from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.parquet as pq
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast import types as t
from feast.infra.online_stores.helpers import _redis_key
from feast.protos.feast.serving.ServingService_pb2 import FieldStatus
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value

NOW = datetime(2026, 11, 21, 10, 0, 0, 123456, tzinfo=timezone.utc)

# Name, Feast's type, Arrow's type, values of users 1 and 2; user 3 has nulls only. Columns of
# integers with nulls are doubles on their way through Feast, so none here is larger than 2**53.
FEATURES = [
    ("a_bytes", t.Bytes, pa.binary(), b"\x00\xff", b""),
    ("a_string", t.String, pa.string(), "grüße", ""),
    ("an_int32", t.Int32, pa.int32(), -(2**31), 7),
    ("an_int64", t.Int64, pa.int64(), 2**53, -1),
    ("a_float", t.Float32, pa.float32(), 0.1, -2.5),
    ("a_double", t.Float64, pa.float64(), 0.1, -1e300),
    ("a_bool", t.Bool, pa.bool_(), True, False),
    ("a_time", t.UnixTimestamp, pa.timestamp("us", tz="UTC"),
     datetime(2026, 11, 21, tzinfo=timezone.utc), datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc)),
    ("bytes_list", t.Array(t.Bytes), pa.list_(pa.binary()), [b"\x01", b"\x02\x03"], [b"x"]),
    ("string_list", t.Array(t.String), pa.list_(pa.string()), ["a", "ä"], [""]),
    ("int32_list", t.Array(t.Int32), pa.list_(pa.int32()), [1, -2, 3], [0]),
    ("int64_list", t.Array(t.Int64), pa.list_(pa.int64()), [2**62, -5], [0]),
    ("float_list", t.Array(t.Float32), pa.list_(pa.float32()), [0.1, -2.5], [0.0]),
    ("double_list", t.Array(t.Float64), pa.list_(pa.float64()), [0.1, -1e300], [0.0]),
    ("bool_list", t.Array(t.Bool), pa.list_(pa.bool_()), [True, False, True], [False]),
    ("time_list", t.Array(t.UnixTimestamp), pa.list_(pa.timestamp("us", tz="UTC")),
     [datetime(2026, 11, 21, tzinfo=timezone.utc)], [datetime(1970, 1, 1, tzinfo=timezone.utc)]),
]


def repository(port, folder):
    store = FeatureStore(config=RepoConfig(
        project="interop", provider="local", registry=f"{folder}/registry.db",
        online_store={"type": "redis", "connection_string": f"127.0.0.1:{port}"},
        offline_store={"type": "file"}, entity_key_serialization_version=3))
    user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)
    country = Entity(name="country", join_keys=["country"], value_type=ValueType.STRING)
    by_user = FeatureView(
        name="every_type", entities=[user], ttl=timedelta(days=365000),
        schema=[Field(name="user_id", dtype=t.Int64)] + [Field(name=name, dtype=type) for name, type, *_ in FEATURES],
        source=FileSource(path=f"{folder}/every_type.parquet", timestamp_field="at"))
    by_two = FeatureView(
        name="by_two", entities=[user, country], ttl=timedelta(0),
        schema=[Field(name="user_id", dtype=t.Int64), Field(name="country", dtype=t.String),
                Field(name="visits", dtype=t.Int64)],
        source=FileSource(path=f"{folder}/by_two.parquet", timestamp_field="at"))
    write_sources(folder)
    store.apply([user, country, by_user, by_two])
    return store


def write_sources(folder):
    times = pa.array([NOW, NOW - timedelta(days=1), NOW], pa.timestamp("us", tz="UTC"))
    columns = {"user_id": pa.array([1, 2, 3], pa.int64()), "at": times}
    for name, _, arrow, first, second in FEATURES:
        columns[name] = pa.array([first, second, None], arrow)
    pq.write_table(pa.table(columns), f"{folder}/every_type.parquet")
    pq.write_table(pa.table({
        "user_id": pa.array([1, 1], pa.int64()), "country": ["DE", "JP"],
        "visits": pa.array([49, 81], pa.int64()), "at": times.slice(0, 2)}), f"{folder}/by_two.parquet")


def text(value):
    kind = value.WhichOneof("val")
    if kind is None:
        return "null\t"
    content = getattr(value, kind)
    if kind.endswith("_list_val"):
        return kind + "\t[" + ", ".join(scalar(kind.replace("_list", ""), one) for one in content.val) + "]"
    return kind + "\t" + scalar(kind, content)


def scalar(kind, content):
    if kind == "bytes_val":
        return content.hex()
    if kind == "double_val":
        return struct.pack(">d", content).hex()
    if kind == "float_val":
        return struct.pack(">f", content).hex()
    if kind == "bool_val":
        return "true" if content else "false"
    return str(content)


def read(store):
    show("every_type", store, [f"every_type:{name}" for name, *_ in FEATURES],
         [{"user_id": user} for user in (1, 2, 3, 4, 5)])
    show("by_two", store, ["by_two:visits"],
         [{"user_id": 1, "country": "DE"}, {"user_id": 1, "country": "JP"}, {"user_id": 1, "country": "??"}])


def show(view, store, features, rows):
    found = store.get_online_features(features=features, entity_rows=rows).proto
    for name, vector in zip(found.metadata.feature_names.val, found.results):
        if name in ("user_id", "country"):
            continue
        for row, value, status, at in zip(rows, vector.values, vector.statuses, vector.event_timestamps):
            entity = "/".join(str(part) for part in row.values())
            print(view, entity, name, FieldStatus.Name(status), f"{at.seconds}.{at.nanos}", text(value), sep="\t")


def keys():
    instant = int(NOW.timestamp())
    for key in [
        {"user_id": Value(int64_val=-1001)},
        {"n": Value(int32_val=-7)},
        {"s": Value(string_val="grüße")},
        {"b": Value(bytes_val=b"\x00\xff")},
        {"at": Value(unix_timestamp_val=instant)},
        {"z": Value(int64_val=1), "a": Value(string_val=""), "M": Value(int32_val=2), "é": Value(bytes_val=b"z")},
    ]:
        key = EntityKey(join_keys=list(key), entity_values=list(key.values()))
        print("key", _redis_key("interop", key).hex(), sep="\t")


def main(port, folder, what):
    store = repository(port, folder)
    if what == "materialize":
        keys()
        store.materialize(NOW - timedelta(days=30), NOW + timedelta(days=1))
    else:
        read(store)


main(*sys.argv[1:])
