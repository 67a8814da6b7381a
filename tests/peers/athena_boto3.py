"""boto3's Athena against the embedded cloud, over tables of its Glue. Prints "ok NAME" or "not ok NAME"."""
import sys
import time
import uuid

import boto3
from botocore.exceptions import ClientError

s3, glue, athena = boto3.client("s3"), boto3.client("glue"), boto3.client("athena")
failed = 0
tag = uuid.uuid4().hex[:8]
bucket, db = "athena-" + tag, "db_" + tag
output = "s3://%s/results/" % bucket


def check(name, condition, seen=""):
    global failed
    if condition:
        print("ok", name)
    else:
        failed = 1
        print("not ok", name, "- seen:", repr(seen)[:600])


def refused(name, code, call, **arguments):
    try:
        answer = call(**arguments)
        check(name, False, answer)
    except ClientError as error:
        check(name, error.response["Error"]["Code"] == code, error.response["Error"])


def start(sql, **more):
    return athena.start_query_execution(QueryString=sql, QueryExecutionContext={"Database": db, "Catalog": "AwsDataCatalog"},
                                        ResultConfiguration={"OutputLocation": output}, **more)["QueryExecutionId"]


def wait(query):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        got = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        if got["Status"]["State"] not in ("QUEUED", "RUNNING"):
            return got
        time.sleep(0.02)
    return got


def rows(query, **more):
    answer = athena.get_query_results(QueryExecutionId=query, **more)
    return [[cell.get("VarCharValue") for cell in row["Data"]] for row in answer["ResultSet"]["Rows"]]


def ask(sql, **more):
    query = start(sql, **more)
    got = wait(query)
    if got["Status"]["State"] != "SUCCEEDED":
        return got["Status"].get("StateChangeReason")
    return rows(query)


def table(name, location, serde, columns, keys=(), serde_parameters=None, parameters=None):
    glue.create_table(DatabaseName=db, TableInput={
        "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": parameters or {},
        "PartitionKeys": [{"Name": k, "Type": t} for k, t in keys],
        "StorageDescriptor": {
            "Columns": [{"Name": k, "Type": t} for k, t in columns], "Location": "s3://%s/%s" % (bucket, location),
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {"SerializationLibrary": serde, "Parameters": serde_parameters or {}}}})


LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN = "org.apache.hadoop.hive.serde2.OpenCSVSerde"
JSON = "org.openx.data.jsonserde.JsonSerDe"


def set_up():
    s3.create_bucket(Bucket=bucket)
    glue.create_database(DatabaseInput={"Name": db})
    s3.put_object(Bucket=bucket, Key="people/a.csv", Body=b"id,name,born\n1,Ann,1990-01-02\nx,Bob,never\n3\n4,D,2000-02-03,extra\n")
    s3.put_object(Bucket=bucket, Key="people/_hidden", Body=b"9,no,no\n")
    table("people", "people/", LAZY, [("id", "int"), ("name", "string"), ("born", "date")],
          serde_parameters={"field.delim": ","}, parameters={"skip.header.line.count": "1"})
    s3.put_object(Bucket=bucket, Key="quoted/a.csv", Body=b'"a, b","say ""hi"""\n')
    table("quoted", "quoted/", OPEN, [("one", "string"), ("two", "string")])
    s3.put_object(Bucket=bucket, Key="events/a.json", Body=b'{"id":1,"tags":["x","y"]}\n{"id":"no","tags":null}\n')
    table("events", "events/", JSON, [("id", "bigint"), ("tags", "array<string>")])
    table("empty", "nothing/", LAZY, [("a", "string")])
    table("parts", "parts/", LAZY, [("v", "int")], keys=[("dt", "string")], serde_parameters={"field.delim": ","})
    for day, body in (("1", b"10\n20\n"), ("2", b"30\n" * 1000)):
        s3.put_object(Bucket=bucket, Key="parts/dt=%s/f.csv" % day, Body=body)
        glue.create_partition(DatabaseName=db, TableName="parts", PartitionInput={
            "Values": [day], "StorageDescriptor": {"Location": "s3://%s/parts/dt=%s/" % (bucket, day)}})


def selects():
    query = start("SELECT 1 AS a, 'x', CAST(NULL AS varchar) AS n, '' AS e")
    got = wait(query)
    check("a query of constants succeeds", got["Status"]["State"] == "SUCCEEDED", got)
    check("its rows have a header, NULL without a value",
          got["Status"]["State"] == "SUCCEEDED" and rows(query) == [["a", "_col1", "n", "e"], ["1", "x", None, ""]], got)
    where = got["ResultConfiguration"]["OutputLocation"]
    check("the result lies at the location", where == output + query + ".csv", where)
    body = s3.get_object(Bucket=bucket, Key="results/%s.csv" % query)["Body"].read()
    check("the result file quotes every value and leaves NULL empty", body == b'"a","_col1","n","e"\n"1","x",,""\n', body)
    kinds = [c["Type"] for c in athena.get_query_results(QueryExecutionId=query)["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    check("columns have Athena's types", kinds == ["integer", "varchar", "varchar", "varchar"], kinds)
    got = ask("SELECT id, name, born FROM people")
    check("wrong types are NULL, short rows are padded, long rows cut", got == [
        ["id", "name", "born"], ["1", "Ann", "1990-01-02"], [None, "Bob", None], ["3", None, None], ["4", "D", "2000-02-03"]], got)
    got = ask("SELECT * FROM quoted")
    check("OpenCSV keeps delimiters and quotes", got == [["one", "two"], ["a, b", 'say "hi"']], got)
    got = ask("SELECT id, tags FROM events")
    check("JSON lines", got == [["id", "tags"], ["1", "[x, y]"], [None, None]], got)
    got = ask("SELECT * FROM empty")
    check("a table without objects has no rows", got == [["a"]], got)
    got = ask('SELECT count(*) c, "$path" FROM people GROUP BY 2')
    check("$path names the object", got == [["c", "$path"], ["4", "s3://%s/people/a.csv" % bucket]], got)
    query = start("SELECT sum(v) s FROM parts WHERE dt = '1'")
    got = wait(query)
    check("a partition is a column", rows(query) == [["s"], ["30"]], got)
    check("only the partition asked for is scanned", got["Statistics"]["DataScannedInBytes"] == 6, got["Statistics"])
    got = ask("SELECT v FROM parts WHERE dt = ? AND v > ?", ExecutionParameters=["'1'", "10"])
    check("execution parameters", got == [["v"], ["20"]], got)


def paging():
    query = start("SELECT v FROM parts ORDER BY v")
    got = wait(query)
    check("a longer query succeeds", got["Status"]["State"] == "SUCCEEDED", got["Status"])
    pages = list(athena.get_paginator("get_query_results").paginate(QueryExecutionId=query, PaginationConfig={"PageSize": 400}))
    seen = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    check("results come in pages, each row once", len(pages) == 3 and seen == ["v", "10", "20"] + ["30"] * 1000, len(seen))


def errors():
    got = ask("SELECT x FROM people")
    check("an unknown column is named with its place", got == "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved", got)
    got = ask("SELECT 1 FROM nowhere")
    check("an unknown table is named", got and "TABLE_NOT_FOUND" in got and "nowhere" in got, got)
    got = ask("SELEC 1")
    check("a syntax error has its place", got and "line 1:1" in got, got)
    got = ask("SELECT 1/0")
    check("an error of the run has Athena's words", got and "DIVISION_BY_ZERO" in got, got)
    refused("no output location", "InvalidRequestException", athena.start_query_execution, QueryString="SELECT 1")
    refused("an unknown query", "InvalidRequestException", athena.get_query_execution, QueryExecutionId="no-such-query")
    token = uuid.uuid4().hex
    first = start("SELECT 1", ClientRequestToken=token)
    check("the same token is the same query", start("SELECT 1", ClientRequestToken=token) == first)


def control():
    query = start("SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y), UNNEST(sequence(1, 10000)) c(z)"
                  " WHERE x * y + z = 7 AND sqrt(x * y * z) > 3")
    athena.stop_query_execution(QueryExecutionId=query)
    got = wait(query)
    check("a stopped query is CANCELLED", got["Status"]["State"] == "CANCELLED", got["Status"])
    ids = athena.list_query_executions()["QueryExecutionIds"]
    check("queries are listed, newest first", query in ids[:3], ids[:3])
    batch = athena.batch_get_query_execution(QueryExecutionIds=[query, "nothing"])
    check("queries come in batches", [q["QueryExecutionId"] for q in batch["QueryExecutions"]] == [query]
          and len(batch["UnprocessedQueryExecutionIds"]) == 1, batch)
    many = [start("SELECT %d AS n" % n) for n in range(20)]
    got = [wait(q)["Status"]["State"] for q in many]
    check("many queries at once all end", got == ["SUCCEEDED"] * 20, got)


def ddl():
    name = db + "_two"
    check("CREATE DATABASE", ask("CREATE DATABASE %s" % name) == [])
    got = ask("CREATE DATABASE %s" % name)
    check("a database twice is refused", got and "AlreadyExists" in got, got)
    check("IF NOT EXISTS forgives it", ask("CREATE DATABASE IF NOT EXISTS %s" % name) == [])
    got = ask("SHOW DATABASES")
    check("SHOW DATABASES", [db] in got and [name] in got, got)
    got = ask("CREATE EXTERNAL TABLE %s.days (v int COMMENT 'value') PARTITIONED BY (dt string) ROW FORMAT DELIMITED FIELDS "
              "TERMINATED BY ',' LOCATION 's3://%s/parts/'" % (name, bucket))
    check("CREATE EXTERNAL TABLE", got == [], got)
    check("SHOW TABLES", ask("SHOW TABLES IN %s" % name) == [["days"]])
    got = ask("SHOW COLUMNS IN %s.days" % name)
    check("SHOW COLUMNS", isinstance(got, list) and [row[0].strip() for row in got] == ["v", "dt"], got)
    got = ask("DESCRIBE %s.days" % name)
    check("DESCRIBE", isinstance(got, list) and [cell.strip() for cell in got[0]] == ["v", "int", "value"], got)
    got = ask("MSCK REPAIR TABLE %s.days" % name)
    check("MSCK names and adds the partitions that lie there", got == [
        ["Partitions not in metastore:", "days:dt=1", "days:dt=2"], ["Repair: Added partition to metastore days:dt=1"],
        ["Repair: Added partition to metastore days:dt=2"]], got)
    got = ask("SELECT dt, count(*) n FROM %s.days GROUP BY dt ORDER BY dt" % name)
    check("and they are read", got == [["dt", "n"], ["1", "2"], ["2", "1000"]], got)
    got = ask("DROP DATABASE %s" % name)
    check("a database with tables is kept", got and "not empty" in got, got)
    check("DROP TABLE", ask("DROP TABLE %s.days" % name) == [])
    check("DROP DATABASE", ask("DROP DATABASE %s" % name) == [])


def metadata():
    names = [c["CatalogName"] for c in athena.list_data_catalogs()["DataCatalogsSummary"]]
    check("the catalog is listed", names == ["AwsDataCatalog"], names)
    pages = athena.get_paginator("list_databases").paginate(CatalogName="AwsDataCatalog")
    check("databases are listed", db in [d["Name"] for page in pages for d in page["DatabaseList"]])
    pages = athena.get_paginator("list_table_metadata").paginate(CatalogName="AwsDataCatalog", DatabaseName=db, PaginationConfig={"PageSize": 2})
    got = [t["Name"] for page in pages for t in page["TableMetadataList"]]
    check("tables are listed in pages", got == ["empty", "events", "parts", "people", "quoted"], got)
    got = athena.get_table_metadata(CatalogName="AwsDataCatalog", DatabaseName=db, TableName="parts")["TableMetadata"]
    check("a table has its columns and keys", [c["Name"] for c in got["Columns"]] == ["v"]
          and [k["Name"] for k in got["PartitionKeys"]] == ["dt"], got)
    refused("a table that is not there", "MetadataException", athena.get_table_metadata, CatalogName="AwsDataCatalog",
            DatabaseName=db, TableName="nothing")


def management():
    place = {"OutputLocation": "s3://%s/team/" % bucket}
    arn = "arn:aws:athena:us-east-1:123456789012:workgroup/team"
    athena.create_work_group(Name="team", Description="d", Tags=[{"Key": "a", "Value": "b"}],
                             Configuration={"ResultConfiguration": place, "BytesScannedCutoffPerQuery": 20000000})
    got = athena.get_work_group(WorkGroup="team")["WorkGroup"]
    check("a workgroup has its settings and the defaults", got["State"] == "ENABLED" and got["Configuration"]["EnforceWorkGroupConfiguration"] is True
          and got["Configuration"]["BytesScannedCutoffPerQuery"] == 20000000
          and got["Configuration"]["EngineVersion"]["EffectiveEngineVersion"] == "Athena engine version 3", got)
    athena.tag_resource(ResourceARN=arn, Tags=[{"Key": "c", "Value": "d"}])
    athena.untag_resource(ResourceARN=arn, TagKeys=["a"])
    check("tags come and go", athena.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "c", "Value": "d"}])
    athena.update_work_group(WorkGroup="team", ConfigurationUpdates={"RemoveBytesScannedCutoffPerQuery": True, "RequesterPaysEnabled": True})
    got = athena.get_work_group(WorkGroup="team")["WorkGroup"]["Configuration"]
    check("an update keeps the rest", "BytesScannedCutoffPerQuery" not in got and got["RequesterPaysEnabled"] is True
          and got["ResultConfiguration"] == place, got)
    check("workgroups are listed", sorted(w["Name"] for w in athena.list_work_groups()["WorkGroups"]) == ["primary", "team"])
    ids = [athena.create_named_query(Name="n%d" % i, Database=db, QueryString="SELECT %d" % i, WorkGroup="team")["NamedQueryId"] for i in range(3)]
    pages = athena.get_paginator("list_named_queries").paginate(WorkGroup="team", PaginationConfig={"PageSize": 2})
    check("named queries come in pages", sorted(i for page in pages for i in page["NamedQueryIds"]) == sorted(ids))
    got = athena.batch_get_named_query(NamedQueryIds=ids + ["nothing"])
    check("named queries in a batch", len(got["NamedQueries"]) == 3 and [u["NamedQueryId"] for u in got["UnprocessedNamedQueryIds"]] == ["nothing"], got)
    athena.delete_named_query(NamedQueryId=ids[0])
    refused("a named query that is gone", "InvalidRequestException", athena.get_named_query, NamedQueryId=ids[0])
    athena.create_prepared_statement(StatementName="one", WorkGroup="team", QueryStatement="SELECT ?", Description="x")
    athena.update_prepared_statement(StatementName="one", WorkGroup="team", QueryStatement="SELECT ? + 1")
    got = athena.get_prepared_statement(StatementName="one", WorkGroup="team")["PreparedStatement"]
    check("a prepared statement", got["QueryStatement"] == "SELECT ? + 1" and got["Description"] == "x", got)
    refused("a prepared statement that is not there", "ResourceNotFoundException", athena.get_prepared_statement, StatementName="two", WorkGroup="team")
    query = athena.start_query_execution(QueryString="EXECUTE one USING 4", WorkGroup="team")["QueryExecutionId"]
    got = wait(query)
    check("EXECUTE finds what the API prepared", got["Status"]["State"] == "SUCCEEDED" and rows(query)[1] == ["5"], got["Status"])
    check("in the workgroup's place", got["ResultConfiguration"]["OutputLocation"].startswith(place["OutputLocation"]), got["ResultConfiguration"])
    got = athena.get_query_runtime_statistics(QueryExecutionId=query)["QueryRuntimeStatistics"]
    check("runtime statistics", got["Rows"]["OutputRows"] == 1 and got["Timeline"]["TotalExecutionTimeInMillis"] >= 0, got)
    refused("a workgroup with contents", "InvalidRequestException", athena.delete_work_group, WorkGroup="team")
    athena.delete_work_group(WorkGroup="team", RecursiveDeleteOption=True)
    refused("its queries went with it", "InvalidRequestException", athena.get_query_execution, QueryExecutionId=query)


def catalog():
    got = ask("ALTER TABLE parts ADD COLUMNS (w string) ")
    check("ALTER TABLE", got == [], got)
    got = ask("CREATE OR REPLACE VIEW young AS SELECT v, dt FROM parts")
    check("a view", got == [], got)
    check("SHOW VIEWS", ask("SHOW VIEWS") == [["young"]])
    got = ask("SHOW CREATE TABLE parts")
    check("SHOW CREATE TABLE", isinstance(got, list) and got[0] == ["CREATE EXTERNAL TABLE `parts`("], got)
    got = ask("SELECT table_name, view_definition FROM information_schema.views WHERE table_schema = '%s'" % db)
    check("views of information_schema", got[1][0] == "young" and "parts" in got[1][1], got)
    got = ask("SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = '%s' AND table_name = 'young' ORDER BY ordinal_position" % db)
    check("columns of a view", got[1:] == [["v", "integer"], ["dt", "varchar"]], got)
    check("partitions as a table", ask('SELECT * FROM "parts$partitions" ORDER BY dt') == [["dt"], ["1"], ["2"]])


set_up()
selects()
metadata()
ddl()
paging()
errors()
management()
catalog()
control()
sys.exit(failed)
