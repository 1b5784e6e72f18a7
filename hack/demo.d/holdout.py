#!/usr/bin/env python3
"""Fetches the rows that a run held back, as ask.py sends them.

holdout.py ENDPOINT BUCKET PREFIX LABEL INPUT DATATYPE COLUMN,COLUMN... OUT.json

They lie in dataset/test.parquet below the prefix of the run. The key is in
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

import json
import sys
import tempfile

import boto3
import duckdb
from botocore.config import Config

endpoint, bucket, prefix, label, name, datatype, columns, output = sys.argv[1:]
client = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    config=Config(s3={"addressing_style": "path"}),
)
keys = [found["Key"] for found in client.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]
key = next((key for key in keys if key.endswith("/dataset/test.parquet")), None)
if key is None:
    sys.exit(f"expected dataset/test.parquet below {prefix}, found {keys}")
with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
    client.download_file(bucket, key, file.name)
    table = duckdb.sql(f"from '{file.name}'")
    rows = table.project(columns).fetchall()
    labels = [value for (value,) in table.project(label).fetchall()]
with open(output, "w", encoding="utf-8") as file:
    json.dump({"input": name, "datatype": datatype, "rows": rows, "labels": labels}, file)
print(f"{len(rows)} rows of {key.removesuffix('/dataset/test.parquet')}")
