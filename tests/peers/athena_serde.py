"""What Athena's readers make of a file: text, CSV and JSON with wrong types, missing fields, escapes. The answers in tests/data/athena/serde.json
were recorded from a running Trino (tests/peers/trino), whose readers Athena's are. One table, one object and one SELECT for each."""
import concurrent.futures
import json
import time

import boto3

s3, athena = boto3.client("s3"), boto3.client("athena")
s3.create_bucket(Bucket="serde")


def run(sql):
    """(rows, error)"""
    started = athena.start_query_execution(QueryString=sql, ResultConfiguration={"OutputLocation": "s3://serde/results/"})
    while True:
        execution = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.02)
    if execution["Status"]["State"] != "SUCCEEDED":
        return None, execution["Status"].get("StateChangeReason", "")
    if not sql.startswith("SELECT"):
        return None, ""
    rows = athena.get_query_results(QueryExecutionId=started["QueryExecutionId"])["ResultSet"]["Rows"][1:]
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows], ""


run("CREATE DATABASE serde")
with open("tests/data/athena/serde.json", encoding="utf-8") as file:
    cases = json.load(file)["cases"]


def judge(case):
    """The line to print."""
    name = case["name"]
    s3.put_object(Bucket="serde", Key="data/%s/file" % name, Body=case["content"].encode())
    create = "CREATE EXTERNAL TABLE serde.%s (%s) %s LOCATION 's3://serde/data/%s/' %s" % (
        name, case["columns"].replace(",", ", "), case["format"], name, case["properties"])
    problem = run(create)[1]
    rows, error = (None, problem) if problem else run("SELECT * FROM serde.%s" % name)
    if rows == case.get("rows") if "rows" in case else error.startswith(case["error"]):
        return "ok %s" % name
    return "not ok %s\n    expected: %s\n    got:      %s" % (
        name, json.dumps(case.get("rows", case.get("error")), ensure_ascii=False), json.dumps(rows, ensure_ascii=False) if rows is not None else error)


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for line in pool.map(judge, cases):
        print(line)
