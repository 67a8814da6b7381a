"""What the Athena peers share: clients, a bucket and a database of their own, queries run to their end."""
import sys
import time
import uuid

import boto3
from botocore.exceptions import ClientError

s3, glue, athena = boto3.client("s3"), boto3.client("glue"), boto3.client("athena")
tag = uuid.uuid4().hex[:8]
bucket, db = "athena-" + tag, "db_" + tag
output = "s3://%s/results/" % bucket
failed = 0

LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
OPENX = "org.openx.data.jsonserde.JsonSerDe"
HIVE_JSON = "org.apache.hive.hcatalog.data.JsonSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
REGEX = "org.apache.hadoop.hive.serde2.RegexSerDe"


def check(name, condition, seen=""):
    global failed
    if condition:
        print("ok", name)
    else:
        failed = 1
        print("not ok", name, "- seen:", repr(seen)[:600])


def equal(name, expected, seen):
    check(name, seen == expected, seen)


def has(name, part, seen):
    check(name, isinstance(seen, str) and part in seen, seen)


def refused(name, code, call, **arguments):
    try:
        check(name, False, call(**arguments))
    except ClientError as error:
        check(name, error.response["Error"]["Code"] == code, error.response["Error"])


def start(sql, **more):
    return athena.start_query_execution(QueryString=sql, QueryExecutionContext={"Database": db, "Catalog": "AwsDataCatalog"},
                                        ResultConfiguration={"OutputLocation": output}, **more)["QueryExecutionId"]


def wait(query, seconds=120):
    end = time.monotonic() + seconds
    while True:
        got = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        if got["Status"]["State"] not in ("QUEUED", "RUNNING") or time.monotonic() > end:
            return got
        time.sleep(0.02)


def results(query, **more):
    return athena.get_query_results(QueryExecutionId=query, **more)


def rows(query, **more):
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in results(query, **more)["ResultSet"]["Rows"]]


def run(sql, **more):
    """The query's id and its execution when it has ended."""
    query = start(sql, **more)
    return query, wait(query)


def ask(sql, **more):
    """Rows without the header, or the reason of a failure."""
    query, got = run(sql, **more)
    if got["Status"]["State"] != "SUCCEEDED":
        return got["Status"].get("StateChangeReason")
    seen = rows(query)
    return seen[1:] if got["StatementType"] == "DML" and seen else seen


def put(key, body):
    s3.put_object(Bucket=bucket, Key=key, Body=body)


def get(key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def keys(prefix):
    return [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])]


def table(name, location, serde, columns, keys=(), serde_parameters=None, parameters=None):
    glue.create_table(DatabaseName=db, TableInput={
        "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters or {},
        "PartitionKeys": [{"Name": k, "Type": t} for k, t in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": k, "Type": t} for k, t in columns], "Location": "s3://%s/%s" % (bucket, location),
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": serde_parameters or {}}}})


def set_up():
    s3.create_bucket(Bucket=bucket)
    glue.create_database(DatabaseInput={"Name": db})


def end():
    sys.exit(failed)
