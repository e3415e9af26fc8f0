"""Copies DynamoDB tables to Parquet in S3 with dlt, one table for each line of JSON it reads, so that it can be warm.

Written as dlt's documentation suggests: a resource that yields pages of items, and the filesystem destination.
"""

import json
import os
import sys
import tempfile

import boto3
import dlt
from boto3.dynamodb.types import Binary, TypeDeserializer

deserialize = TypeDeserializer().deserialize


def plain(value):
    """Sets become lists, which dlt makes tables of; binary becomes bytes."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (list, set)):
        return [plain(each) for each in value]
    if isinstance(value, Binary):
        return bytes(value)
    return value


def copy_table(order):
    client = boto3.client("dynamodb", endpoint_url=order["dynamodb"], region_name=os.environ["AWS_REGION"])

    @dlt.resource(name="root", write_disposition="replace")
    def items():
        for page in client.get_paginator("scan").paginate(TableName=order["table"]):
            yield [plain({name: deserialize(each) for name, each in item.items()}) for item in page["Items"]]

    destination = dlt.destinations.filesystem(
        bucket_url=f"s3://{order['bucket']}/{order['prefix']}",
        credentials={
            "aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"],
            "endpoint_url": order["s3"],
            "region_name": os.environ["AWS_REGION"],
        },
    )
    with tempfile.TemporaryDirectory() as directory:
        pipeline = dlt.pipeline("bench", pipelines_dir=directory, destination=destination, dataset_name="bench")
        pipeline.run(items, loader_file_format="parquet").raise_on_failed_jobs()
        rows = pipeline.last_trace.last_normalize_info.row_counts
    tables = {name: count for name, count in rows.items() if not name.startswith("_dlt")}
    return {"items": tables.get("root", 0), "rows": tables}


for line in sys.stdin:
    print(json.dumps(copy_table(json.loads(line))), flush=True)
