"""AWS SDK for pandas (awswrangler) against the embedded cloud: write a data set, read it by Athena in each of its ways.
Prints "ok NAME" or "not ok NAME"."""
import sys
import uuid

import awswrangler as wr
import boto3
import pandas as pd

failed = 0
bucket = "wrangler-" + uuid.uuid4().hex[:8]
boto3.client("s3").create_bucket(Bucket=bucket)
output = "s3://%s/results/" % bucket


def check(name, condition, seen=""):
    global failed
    if condition:
        print("ok", name)
    else:
        failed = 1
        print("not ok", name, "- seen:", repr(seen)[:600])


def guarded(name, call):
    try:
        return call()
    except Exception as error:  # what a client raises is what is tested
        check(name, False, "%s: %s" % (type(error).__name__, error))


wr.catalog.create_database("wrangler")
check("the database is listed", "wrangler" in list(wr.catalog.databases()["Database"]))
frame = pd.DataFrame({"id": [1, 2, 3], "name": ["a", None, "c"], "price": [1.5, 2.5, 3.5], "dt": ["1", "1", "2"]})
guarded("to_parquet", lambda: wr.s3.to_parquet(frame, path="s3://%s/items/" % bucket, dataset=True, database="wrangler", table="items",
                                               partition_cols=["dt"], mode="overwrite"))
check("to_parquet makes the table", wr.catalog.get_table_types("wrangler", "items") ==
      {"id": "bigint", "name": "string", "price": "double", "dt": "string"}, wr.catalog.get_table_types("wrangler", "items"))
check("and its partitions", len(wr.catalog.get_partitions("wrangler", "items")) == 2)
read = dict(database="wrangler", s3_output=output)
got = guarded("read_sql_query", lambda: wr.athena.read_sql_query("SELECT * FROM items ORDER BY id", ctas_approach=False, **read))
if got is not None:
    check("read_sql_query", list(got["id"]) == [1, 2, 3] and pd.isna(got["name"][1]) and list(got["dt"]) == ["1", "1", "2"], got)
got = guarded("read_sql_query in chunks", lambda: list(wr.athena.read_sql_query("SELECT * FROM items", ctas_approach=False, chunksize=2, **read)))
if got is not None:
    check("read_sql_query in chunks", sum(len(part) for part in got) == 3, got)
got = guarded("read_sql_query by CTAS", lambda: wr.athena.read_sql_query("SELECT id, price FROM items WHERE dt = '1'", ctas_approach=True, **read))
if got is not None:
    check("read_sql_query by CTAS", sorted(got["id"]) == [1, 2], got)
got = guarded("read_sql_query by UNLOAD", lambda: wr.athena.read_sql_query("SELECT id, price FROM items", ctas_approach=False, unload_approach=True,
                                                                           **dict(read, s3_output="s3://%s/unload/" % bucket)))
if got is not None:
    check("read_sql_query by UNLOAD", sorted(got["id"]) == [1, 2, 3], got)
got = guarded("parameters", lambda: wr.athena.read_sql_query("SELECT id FROM items WHERE id > :least", params={"least": 2}, ctas_approach=False, **read))
if got is not None:
    check("parameters", list(got["id"]) == [3], got)
got = guarded("repair_table", lambda: wr.athena.repair_table("items", database="wrangler", s3_output=output))
check("repair_table", got == "SUCCEEDED", got)
got = guarded("describe_table", lambda: wr.athena.describe_table("items", database="wrangler", s3_output=output))
if got is not None:
    check("describe_table", list(got["Column Name"]) == ["id", "name", "price", "dt"] and list(got["Partition"]) == [False, False, False, True], got)
got = guarded("show_create_table", lambda: wr.athena.show_create_table("items", database="wrangler", s3_output=output))
check("show_create_table", bool(got) and got.startswith("CREATE EXTERNAL TABLE `items`("), got)
query = wr.athena.start_query_execution("SELECT 1", database="wrangler", s3_output=output)
check("wait_query", wr.athena.wait_query(query)["Status"]["State"] == "SUCCEEDED")
guarded("append", lambda: wr.s3.to_parquet(frame.assign(dt="3"), path="s3://%s/items/" % bucket, dataset=True, database="wrangler", table="items",
                                           partition_cols=["dt"], mode="append"))
got = guarded("count", lambda: wr.athena.read_sql_query("SELECT count(*) n FROM items", ctas_approach=False, **read))
if got is not None:
    check("append adds rows and a partition", list(got["n"]) == [6], got)
check("delete_table_if_exists", wr.catalog.delete_table_if_exists("wrangler", "items"))
wr.catalog.delete_database("wrangler")
sys.exit(failed)
