#!/usr/bin/env python3
"""Uploads files to an S3 bucket: upload.py ENDPOINT BUCKET FILE=KEY...

The key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
"""

import sys

import boto3
from botocore.config import Config

endpoint, bucket, *files = sys.argv[1:]
client = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="us-east-1",
    config=Config(s3={"addressing_style": "path"}),
)
for file in files:
    path, key = file.split("=", 1)
    client.upload_file(path, bucket, key)
    print(f"{path.rsplit('/', 1)[-1]} -> s3://{bucket}/{key}")
