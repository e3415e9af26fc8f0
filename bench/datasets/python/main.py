"""The benchmark's job in Python with pyarrow: gzipped lines of JSON to Parquet, a folder per day.

main.py <directory of .json.gz> <directory for Parquet>
"""

import gzip
import json
import os
import re
import sys
from datetime import datetime, timezone

import pyarrow as pa
import pyarrow.parquet as pq

IDS = re.compile(r"/(?:syn)?[0-9]+")
CLIENTS = (("synapser", "R"), ("python", "PYTHON"), ("Mozilla", "WEB"))
ROWS_AT_ONCE = 200_000
SCHEMA = pa.schema(
    [
        ("session_id", pa.string()),
        ("timestamp", pa.timestamp("us", tz="UTC")),
        ("user_id", pa.int64()),
        ("method", pa.string()),
        ("request_url", pa.string()),
        ("query_string", pa.string()),
        ("user_agent", pa.string()),
        ("host", pa.string()),
        ("response_status", pa.int64()),
        ("elapse_ms", pa.int64()),
        ("success", pa.bool_()),
        ("stack", pa.string()),
        ("signature", pa.string()),
        ("client", pa.string()),
    ]
)


def row_of(record):
    payload = record["payload"]
    agent = payload["userAgent"]
    return (
        payload["sessionId"],
        payload["timestamp"] * 1000,
        payload["userId"],
        payload["method"],
        payload["requestURL"],
        payload["queryString"],
        agent,
        payload["host"],
        payload["responseStatus"],
        payload["elapseMS"],
        payload["success"],
        record["stack"],
        payload["method"] + " " + IDS.sub("/#", payload["requestURL"].lower()),
        next((name for part, name in CLIENTS if part in agent), "UNKNOWN"),
    )


def main(source, target):
    days, writers, total = {}, {}, 0

    def write(day):
        rows = sorted(days.pop(day))
        columns = [pa.array(values, type=field.type) for values, field in zip(zip(*rows), SCHEMA)]
        if day not in writers:
            os.makedirs(os.path.join(target, f"record_date={day}"), exist_ok=True)
            path = os.path.join(target, f"record_date={day}", "0000.parquet")
            writers[day] = pq.ParquetWriter(path, SCHEMA, compression="zstd")
        writers[day].write_table(pa.Table.from_arrays(columns, schema=SCHEMA))

    held = 0
    for name in sorted(os.listdir(source)):
        if not name.endswith(".json.gz"):
            continue
        with gzip.open(os.path.join(source, name), "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                day = datetime.fromtimestamp(record["payload"]["timestamp"] / 1000, timezone.utc).date().isoformat()
                days.setdefault(day, []).append(row_of(record))
                held += 1
                total += 1
                if held >= ROWS_AT_ONCE:
                    for each in list(days):
                        write(each)
                    held = 0
    for each in list(days):
        write(each)
    for writer in writers.values():
        writer.close()
    print(total)


main(*sys.argv[1:3])
