"""Feast on the Redis of bench/online: what it does in a caller's process, and its feature server.

  feast_side.py fill PORT FOLDER USERS FEATURES   writes the rows, as `feast materialize` does
  feast_side.py sdk PORT FOLDER USERS FEATURES    for each line of the standard input, a number of lookups one
                                                  after the other, writes median and 99th percentile in microseconds
  feast_side.py serve PORT FOLDER HTTP-PORT       its feature server, until it is killed
"""

import random
import sys
import time
from datetime import datetime, timedelta, timezone

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast import types as t


def repository(port, folder):
    return FeatureStore(config=RepoConfig(
        project="bench", provider="local", registry=f"{folder}/registry.db",
        online_store={"type": "redis", "connection_string": f"127.0.0.1:{port}"},
        offline_store={"type": "file"}, entity_key_serialization_version=3))


def fill(port, folder, users, features):
    """Half of the features are doubles, half whole numbers."""
    users, features = int(users), int(features)
    now = datetime.now(timezone.utc)
    generator = np.random.default_rng(1)
    columns = {"user_id": pa.array(range(users), pa.int64()), "at": pa.array([now] * users, pa.timestamp("us", tz="UTC"))}
    for i in range(features):
        columns[f"f{i}"] = (pa.array(generator.normal(size=users), pa.float64()) if i % 2 == 0
                            else pa.array(generator.integers(0, 10**6, users), pa.int64()))
    pq.write_table(pa.table(columns), f"{folder}/rows.parquet")
    store = repository(port, folder)
    user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.INT64)
    view = FeatureView(
        name="activity", entities=[user], ttl=timedelta(days=1),
        schema=[Field(name="user_id", dtype=t.Int64)]
        + [Field(name=f"f{i}", dtype=t.Float64 if i % 2 == 0 else t.Int64) for i in range(features)],
        source=FileSource(path=f"{folder}/rows.parquet", timestamp_field="at"))
    store.apply([user, view])
    store.materialize(now - timedelta(days=1), now + timedelta(days=1))


def sdk(port, folder, users, features):
    store = repository(port, folder)
    names = [f"activity:f{i}" for i in range(int(features))]
    chosen = random.Random(1)
    for line in sys.stdin:
        took = []
        for _ in range(int(line)):
            row = [{"user_id": chosen.randrange(int(users))}]
            began = time.perf_counter_ns()
            store.get_online_features(features=names, entity_rows=row)
            took.append(time.perf_counter_ns() - began)
        took.sort()
        print(f"{took[len(took) // 2] / 1e3:.1f} {took[min(len(took) - 1, int(len(took) * 0.99))] / 1e3:.1f}", flush=True)


def serve(port, folder, http_port):
    repository(port, folder).serve("127.0.0.1", int(http_port), max_requests=10**9)


if __name__ == "__main__":
    {"fill": fill, "sdk": sdk, "serve": serve}[sys.argv[1]](*sys.argv[2:])
