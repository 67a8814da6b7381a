"""boto3's Glue against the embedded cloud: the Data Catalog as its users use it. Prints "ok NAME" or "not ok NAME"."""
import gzip
import json
import sys
import time
import uuid

import boto3
from botocore.exceptions import ClientError

glue = boto3.client("glue")
failed = 0


def check(name, condition, seen=""):
    global failed
    if condition:
        print("ok", name)
    else:
        failed = 1
        print("not ok", name, "- seen:", repr(seen)[:300])


def refused(name, code, call, **arguments):
    try:
        answer = call(**arguments)
        check(name, False, answer)
    except ClientError as error:
        check(name, error.response["Error"]["Code"] == code, error.response["Error"])


def column(name, kind="string"):
    return {"Name": name, "Type": kind}


def table_input(name, columns=("a", "b"), keys=(), **more):
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "csv"},
        "PartitionKeys": [column(*key) for key in keys],
        "StorageDescriptor": {
            "Columns": [column(c) for c in columns],
            "Location": "s3://lake/%s/" % name,
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                "Parameters": {"field.delim": ","},
            },
        },
        **more,
    }


def partition_input(*values):
    return {"Values": list(values), "StorageDescriptor": {"Columns": [column("a")], "Location": "s3://lake/p/"}}


db = "db_" + uuid.uuid4().hex[:8]


def databases():
    refused("a database that is not there", "EntityNotFoundException", glue.get_database, Name=db)
    glue.create_database(DatabaseInput={"Name": db.upper(), "Description": "d", "Parameters": {"k": "v"}}, Tags={"t": "1"})
    got = glue.get_database(Name=db)["Database"]
    check("database names are folded to lower case", got["Name"] == db, got)
    check("a database has its parameters, time and catalog",
          got["Parameters"] == {"k": "v"} and got["CatalogId"] == "123456789012" and got["CreateTime"].year > 2000, got)
    refused("the same database twice", "AlreadyExistsException", glue.create_database, DatabaseInput={"Name": db})
    created = got["CreateTime"]
    glue.update_database(Name=db, DatabaseInput={"Name": db, "Description": "other"})
    got = glue.get_database(Name=db)["Database"]
    check("update replaces all but the creation time",
          got["Description"] == "other" and "Parameters" not in got and got["CreateTime"] == created, got)
    names = [db + "_%d" % i for i in range(5)]
    for name in names:
        glue.create_database(DatabaseInput={"Name": name})
    pages = list(glue.get_paginator("get_databases").paginate(PaginationConfig={"PageSize": 2}))
    listed = [d["Name"] for page in pages for d in page["DatabaseList"]]
    check("databases come in pages, each once", [n for n in listed if n.startswith(db)] == [db] + names and len(pages) > 2, listed)
    for name in names:
        glue.delete_database(Name=name)
    refused("deleting what is not there", "EntityNotFoundException", glue.delete_database, Name=names[0])
    arn = "arn:aws:glue:%s:123456789012:database/%s" % (glue.meta.region_name, db)
    check("tags given at creation", glue.get_tags(ResourceArn=arn)["Tags"] == {"t": "1"})
    glue.tag_resource(ResourceArn=arn, TagsToAdd={"u": "2"})
    glue.untag_resource(ResourceArn=arn, TagsToRemove=["t"])
    check("tags added and removed", glue.get_tags(ResourceArn=arn)["Tags"] == {"u": "2"})
    refused("a page that is too large", "ValidationException", glue.get_tables, DatabaseName=db, MaxResults=101)


def tables():
    refused("a table in no database", "EntityNotFoundException", glue.create_table, DatabaseName="nowhere", TableInput=table_input("t"))
    refused("a table that is not there", "EntityNotFoundException", glue.get_table, DatabaseName=db, Name="t")
    glue.create_table(DatabaseName=db, TableInput=table_input("Orders"))
    got = glue.get_table(DatabaseName=db, Name="ORDERS")["Table"]
    check("table names are folded, version 0",
          got["Name"] == "orders" and got["VersionId"] == "0" and got["DatabaseName"] == db and got["Retention"] == 0, got)
    check("the descriptor comes back", got["StorageDescriptor"]["SerdeInfo"]["Parameters"] == {"field.delim": ","}, got)
    check("the creator is named", got["CreatedBy"].startswith("arn:aws:iam::123456789012:"), got.get("CreatedBy"))
    refused("the same table twice", "AlreadyExistsException", glue.create_table, DatabaseName=db, TableInput=table_input("orders"))
    glue.update_table(DatabaseName=db, TableInput=table_input("orders", ("a", "b", "c")))
    got = glue.get_table(DatabaseName=db, Name="orders")["Table"]
    check("an update makes version 1", got["VersionId"] == "1" and len(got["StorageDescriptor"]["Columns"]) == 3, got)
    refused("an update made from an old version", "ConcurrentModificationException", glue.update_table,
            DatabaseName=db, TableInput=table_input("orders"), VersionId="0")
    glue.update_table(DatabaseName=db, TableInput=table_input("orders", ("a",)), SkipArchive=True)
    versions = glue.get_table_versions(DatabaseName=db, TableName="orders")["TableVersions"]
    check("versions newest first, the skipped one not kept", [v["VersionId"] for v in versions] == ["2", "0"], versions)
    old = glue.get_table_version(DatabaseName=db, TableName="orders", VersionId="0")["TableVersion"]
    check("an old version has its columns", len(old["Table"]["StorageDescriptor"]["Columns"]) == 2, old)
    glue.delete_table_version(DatabaseName=db, TableName="orders", VersionId="0")
    refused("a version that is gone", "EntityNotFoundException", glue.get_table_version, DatabaseName=db, TableName="orders", VersionId="0")
    errors = glue.batch_delete_table_version(DatabaseName=db, TableName="orders", VersionIds=["7"])["Errors"]
    check("a batch names the version that failed", errors[0]["VersionId"] == "7", errors)
    refused("an update of no table", "EntityNotFoundException", glue.update_table, DatabaseName=db, TableInput=table_input("nope"))
    for i in range(7):
        glue.create_table(DatabaseName=db, TableInput=table_input("t%d" % i))
    pages = list(glue.get_paginator("get_tables").paginate(DatabaseName=db, PaginationConfig={"PageSize": 3}))
    listed = [t["Name"] for page in pages for t in page["TableList"]]
    check("tables come in pages, each once", listed == ["orders"] + ["t%d" % i for i in range(7)], listed)
    got = [t["Name"] for t in glue.get_tables(DatabaseName=db, Expression="t[0-2]|ord.*")["TableList"]]
    check("the pattern matches whole names", got == ["orders", "t0", "t1", "t2"], got)
    got = [t["Name"] for t in glue.search_tables(Filters=[{"Key": "DatabaseName", "Value": db}], SearchText="orders")["TableList"]]
    check("a search finds by text and filter", got == ["orders"], got)
    errors = glue.batch_delete_table(DatabaseName=db, TablesToDelete=["t0", "t1", "zz"])["Errors"]
    check("a batch deletes what is there and names the rest", [e["TableName"] for e in errors] == ["zz"], errors)
    refused("a name that is too long", "ValidationException", glue.create_table, DatabaseName=db,
            TableInput=dict(table_input("bad"), Name="x" * 256))
    refused("an option that is not there", "NotImplemented", glue.create_table, DatabaseName=db, TableInput=table_input("p"),
            PartitionIndexes=[{"Keys": ["a"], "IndexName": "i"}])
    refused("jobs are not there", "NotImplemented", glue.get_jobs)


def partitions():
    keys = (("dt", "date"), ("hour", "int"), ("region", "string"))
    glue.create_table(DatabaseName=db, TableInput=table_input("events", keys=keys))
    table = {"DatabaseName": db, "TableName": "events"}
    inputs = [partition_input("2024-01-%02d" % day, str(hour), region)
              for day in (1, 2, 3) for hour in (2, 10) for region in ("eu", "us")]
    check("a batch of partitions", not glue.batch_create_partition(PartitionInputList=inputs, **table).get("Errors"))
    refused("the same partition twice", "AlreadyExistsException", glue.create_partition, PartitionInput=inputs[0], **table)
    errors = glue.batch_create_partition(PartitionInputList=[inputs[0], partition_input("2024-02-01", "1", "eu")], **table)["Errors"]
    check("a batch creates the new one and names the other",
          len(errors) == 1 and errors[0]["PartitionValues"] == ["2024-01-01", "2", "eu"]
          and errors[0]["ErrorDetail"]["ErrorCode"] == "AlreadyExistsException", errors)
    refused("too few values", "InvalidInputException", glue.create_partition, PartitionInput=partition_input("2024-01-01"), **table)
    got = glue.get_partition(PartitionValues=["2024-01-01", "2", "eu"], **table)["Partition"]
    check("a partition comes back", got["TableName"] == "events" and got["StorageDescriptor"]["Location"] == "s3://lake/p/", got)
    refused("a partition that is not there", "EntityNotFoundException", glue.get_partition, PartitionValues=["x", "1", "y"], **table)

    def count(expression):
        pages = glue.get_paginator("get_partitions").paginate(Expression=expression, PaginationConfig={"PageSize": 4}, **table)
        return sum(len(page["Partitions"]) for page in pages)

    for expression, expected in (
            ("dt = '2024-01-02'", 4), ("dt <> '2024-01-02'", 9), ("hour < 10", 7), ("hour >= 10", 6),
            ("hour = 2 AND region = 'eu'", 3), ("hour = 2 or hour = 1", 7), ("NOT region = 'eu'", 6),
            ("region in ('us', 'ap')", 6), ("hour not in (2, 10)", 1), ("dt between '2024-01-02' and '2024-01-31'", 8),
            ("dt like '2024-01-%'", 12), ("region like '_s'", 6), ("region is null", 0), ("region IS NOT NULL", 13),
            ("(dt > '2024-01-01' and hour <= 2) or (region = 'us' and hour > 5)", 8), ("10 <= hour", 6), ("", 13),
            ("dt >= DATE '2024-02-01'", 1)):
        seen = count(expression)
        check("partitions where " + (expression or "anything"), seen == expected, seen)
    for expression in ("dt =", "nope = 1", "hour = 'x'", "dt = '2024", "dt ~ 'x'", "(dt = '1'", "dt = '1' dt"):
        refused("refused: " + expression, "InvalidInputException", glue.get_partitions, Expression=expression, **table)
    segments = [glue.get_partitions(Segment={"SegmentNumber": i, "TotalSegments": 3}, **table)["Partitions"] for i in range(3)]
    check("segments are disjoint and complete", sum(map(len, segments)) == 13, list(map(len, segments)))
    got = glue.get_partitions(ExcludeColumnSchema=True, **table)["Partitions"]
    check("columns can be left out", all("Columns" not in p["StorageDescriptor"] for p in got))
    got = glue.batch_get_partition(PartitionsToGet=[{"Values": ["2024-01-01", "2", "eu"]}, {"Values": ["no", "1", "no"]}], **table)
    check("a batch get leaves out what is not there", len(got["Partitions"]) == 1 and got["UnprocessedKeys"] == [], got)
    glue.update_partition(PartitionValueList=["2024-01-01", "2", "eu"], PartitionInput=partition_input("2024-01-01", "3", "eu"), **table)
    refused("a partition after its values changed", "EntityNotFoundException", glue.get_partition,
            PartitionValues=["2024-01-01", "2", "eu"], **table)
    glue.delete_partition(PartitionValues=["2024-01-01", "3", "eu"], **table)
    errors = glue.batch_delete_partition(PartitionsToDelete=[{"Values": ["2024-01-01", "3", "eu"]}, {"Values": ["2024-01-01", "10", "eu"]}], **table)["Errors"]
    check("a batch delete names what was not there", len(errors) == 1, errors)
    check("what is left", count("") == 11, count(""))
    check("no indexes", glue.get_partition_indexes(**table)["PartitionIndexDescriptorList"] == [])


def crawlers():
    s3 = boto3.client("s3")
    bucket = "lake-" + uuid.uuid4().hex[:8]
    s3.create_bucket(Bucket=bucket)
    put = lambda key, body: s3.put_object(Bucket=bucket, Key=key, Body=body)
    rows = "".join("%d,%d,2024-01-%02d,%d.50,%s\n" % (i, i % 7, i % 28 + 1, i, "abc"[i % 3]) for i in range(1, 200))
    put("raw/orders/orders.csv", "order_id,dow,day,price,status\n" + rows)
    put("raw/products/products.csv", 'product_id,name\n1,"Bread, white"\n2,Milk\n3,"He said ""hi"" twice"\n')
    put("raw/prior/p1.csv.gz", gzip.compress(b"order_id,product_id\n" + b"1,2\n" * 100))
    for day in ("01", "02", "03"):
        put("raw/events/year=2024/day=%s/e.json" % day,
            "".join(json.dumps({"id": i, "big": 2**40, "x": 1.5, "ok": True, "tags": ["a"], "geo": {"lat": 1.0}}) + "\n" for i in range(20)))
    put("raw/tabs/t.tsv", "a\tb\n1\tx\n2\ty\n")
    put("raw/texts/t.csv", "name,word\nx,y\nz,w\n")
    put("raw/_tmp/junk.csv", "a,b\n1,2\n")
    crawler = "crawl-" + uuid.uuid4().hex[:6]
    refused("a crawler over no bucket", "InvalidInputException", glue.create_crawler, Name=crawler, Role="r", DatabaseName=db,
            Targets={"S3Targets": [{"Path": "s3://no-such-bucket-here/x"}]})
    refused("a crawler over a database engine", "NotImplemented", glue.create_crawler, Name=crawler, Role="r", DatabaseName=db,
            Targets={"JdbcTargets": [{"ConnectionName": "c", "Path": "p"}]})
    target = {"S3Targets": [{"Path": "s3://%s/raw/" % bucket, "Exclusions": ["texts/**"]}]}
    glue.create_crawler(Name=crawler, Role="crawler-role", DatabaseName=db, Targets=target, TablePrefix="raw_")
    refused("the same crawler twice", "AlreadyExistsException", glue.create_crawler, Name=crawler, Role="r", DatabaseName=db, Targets=target)
    check("a new crawler is ready", glue.get_crawler(Name=crawler)["Crawler"]["State"] == "READY")
    refused("stopping what does not run", "CrawlerNotRunningException", glue.stop_crawler, Name=crawler)

    def crawl():
        glue.start_crawler(Name=crawler)
        until = time.monotonic() + 60
        while glue.get_crawler(Name=crawler)["Crawler"]["State"] != "READY" and time.monotonic() < until:
            time.sleep(0.1)
        return glue.get_crawler(Name=crawler)["Crawler"]["LastCrawl"]

    last = crawl()
    check("the crawl succeeds", last["Status"] == "SUCCEEDED", last)
    tables = {t["Name"]: t for t in glue.get_tables(DatabaseName=db, Expression="raw_.*")["TableList"]}
    check("a table per folder", sorted(tables) == ["raw_events", "raw_orders", "raw_prior", "raw_products", "raw_tabs"], sorted(tables))
    columns = lambda name: [(c["Name"], c["Type"]) for c in tables[name]["StorageDescriptor"]["Columns"]]
    check("types of a CSV", columns("raw_orders") == [("order_id", "bigint"), ("dow", "bigint"), ("day", "date"),
          ("price", "decimal(18,2)"), ("status", "string")], columns("raw_orders"))
    parameters = tables["raw_orders"]["Parameters"]
    check("figures of a CSV", parameters["recordCount"] == "199" and parameters["skip.header.line.count"] == "1"
          and parameters["delimiter"] == "," and parameters["classification"] == "csv" and parameters["objectCount"] == "1", parameters)
    check("the location ends with a slash", tables["raw_orders"]["StorageDescriptor"]["Location"] == "s3://%s/raw/orders/" % bucket)
    serde = tables["raw_products"]["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    check("quotes need their own SerDe", serde.endswith("OpenCSVSerde") and columns("raw_products") == [("product_id", "bigint"), ("name", "string")], serde)
    check("gzip", tables["raw_prior"]["Parameters"]["compressionType"] == "gzip" and columns("raw_prior")[0] == ("order_id", "bigint"), columns("raw_prior"))
    check("tabs", tables["raw_tabs"]["Parameters"]["delimiter"] == "\t", tables["raw_tabs"]["Parameters"])
    check("types of JSON", columns("raw_events") == [("id", "int"), ("big", "bigint"), ("x", "double"), ("ok", "boolean"),
          ("tags", "array<string>"), ("geo", "struct<lat:double>")], columns("raw_events"))
    check("folders key=value are partitions", [k["Name"] for k in tables["raw_events"]["PartitionKeys"]] == ["year", "day"])
    found = glue.get_partitions(DatabaseName=db, TableName="raw_events", Expression="day > '01'")["Partitions"]
    check("partitions with values and locations", [p["Values"] for p in found] == [["2024", "02"], ["2024", "03"]]
          and found[0]["StorageDescriptor"]["Location"] == "s3://%s/raw/events/year=2024/day=02/" % bucket, found)
    metrics = glue.get_crawler_metrics(CrawlerNameList=[crawler])["CrawlerMetricsList"][0]
    check("metrics count the tables", metrics["TablesCreated"] == 5 and metrics["TablesUpdated"] == 0, metrics)
    crawl()
    metrics = glue.get_crawler_metrics(CrawlerNameList=[crawler])["CrawlerMetricsList"][0]
    check("a second crawl changes nothing", metrics["TablesCreated"] == 0 and metrics["TablesUpdated"] == 0, metrics)
    put("raw/tabs/t.tsv", "a\tb\tc\n1\tx\t2\n2\ty\t3\n")
    put("raw/events/year=2024/day=04/e.json", '{"id": 1}\n')
    s3.delete_object(Bucket=bucket, Key="raw/prior/p1.csv.gz")
    crawl()
    check("a new column makes a new version", glue.get_table(DatabaseName=db, Name="raw_tabs")["Table"]["VersionId"] == "1")
    check("a new folder makes a partition", len(glue.get_partitions(DatabaseName=db, TableName="raw_events")["Partitions"]) == 4)
    gone = glue.get_table(DatabaseName=db, Name="raw_prior")["Table"]["Parameters"]
    check("a table without data is marked", "DEPRECATED_BY_CRAWLER" in gone, gone)
    crawls = glue.list_crawls(CrawlerName=crawler)["Crawls"]
    check("the crawls are listed, newest first", len(crawls) == 3 and all(c["State"] == "COMPLETED" for c in crawls), crawls)
    glue.update_crawler(Name=crawler, SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "DELETE_FROM_DATABASE"})
    check("an update counts the version", glue.get_crawler(Name=crawler)["Crawler"]["Version"] == 2)
    crawl()
    refused("a table without data is deleted when asked", "EntityNotFoundException", glue.get_table, DatabaseName=db, Name="raw_prior")
    check("crawlers are listed", crawler in glue.list_crawlers()["CrawlerNames"])
    glue.delete_crawler(Name=crawler)
    refused("a crawler that is gone", "EntityNotFoundException", glue.get_crawler, Name=crawler)


def column_statistics():
    number = {"ColumnName": "a", "ColumnType": "string", "AnalyzedTime": 1700000000, "StatisticsData": {
        "Type": "STRING", "StringColumnStatisticsData": {"MaximumLength": 9, "AverageLength": 4.5, "NumberOfNulls": 1, "NumberOfDistinctValues": 3}}}
    glue.create_table(DatabaseName=db, TableInput=table_input("stats", keys=[("dt",)]))
    glue.create_partition(DatabaseName=db, TableName="stats", PartitionInput=partition_input("1"))
    where = dict(DatabaseName=db, TableName="stats")
    got = glue.update_column_statistics_for_table(ColumnStatisticsList=[number, dict(number, ColumnName="nothing")], **where)["Errors"]
    check("statistics of a column that is not there are refused alone", len(got) == 1 and got[0]["ColumnStatistics"]["ColumnName"] == "nothing", got)
    got = glue.get_column_statistics_for_table(ColumnNames=["a", "b"], **where)
    check("statistics come back by column", got["ColumnStatisticsList"][0]["StatisticsData"] == number["StatisticsData"]
          and [e["ColumnName"] for e in got["Errors"]] == ["b"], got)
    part = dict(where, PartitionValues=["1"])
    glue.update_column_statistics_for_partition(ColumnStatisticsList=[number], **part)
    check("a partition has its own", len(glue.get_column_statistics_for_partition(ColumnNames=["a"], **part)["ColumnStatisticsList"]) == 1)
    glue.delete_column_statistics_for_table(ColumnName="a", **where)
    refused("statistics that are gone", "EntityNotFoundException", glue.delete_column_statistics_for_table, ColumnName="a", **where)
    check("those of the partition stay", len(glue.get_column_statistics_for_partition(ColumnNames=["a"], **part)["ColumnStatisticsList"]) == 1)
    glue.delete_partition(DatabaseName=db, TableName="stats", PartitionValues=["1"])
    glue.create_partition(DatabaseName=db, TableName="stats", PartitionInput=partition_input("1"))
    check("and go with it", glue.get_column_statistics_for_partition(ColumnNames=["a"], **part)["ColumnStatisticsList"] == [])
    refused("of a partition that is not there", "EntityNotFoundException", glue.get_column_statistics_for_partition,
            ColumnNames=["a"], **dict(where, PartitionValues=["2"]))


def classifiers():
    name, crawler, bucket = "pipes-" + db, "classified-" + db, "classified-" + db.replace("_", "-")
    glue.create_classifier(CsvClassifier={"Name": name, "Delimiter": "|", "QuoteSymbol": "'", "ContainsHeader": "ABSENT", "Header": ["id", "word"]})
    refused("a classifier twice", "AlreadyExistsException", glue.create_classifier, CsvClassifier={"Name": name})
    refused("two classifiers at once", "InvalidInputException", glue.create_classifier,
            GrokClassifier={"Name": "g", "Classification": "c", "GrokPattern": "x"}, CsvClassifier={"Name": "two"})
    glue.create_classifier(JsonClassifier={"Name": "json-" + db, "JsonPath": "$[*]"})
    got = glue.get_classifier(Name=name)["Classifier"]["CsvClassifier"]
    check("a classifier is kept", got["Header"] == ["id", "word"] and got["Version"] == 1, got)
    check("classifiers are listed", len([c for c in glue.get_classifiers()["Classifiers"] if db in list(c.values())[0]["Name"]]) == 2)
    boto3.client("s3").create_bucket(Bucket=bucket)
    boto3.client("s3").put_object(Bucket=bucket, Key="words/a.csv", Body=b"1|'a, b'\n2|'c'\n")
    target = {"S3Targets": [{"Path": "s3://%s/words/" % bucket}]}
    refused("a crawler with a classifier that is not there", "EntityNotFoundException", glue.create_crawler, Name=crawler, Role="r", DatabaseName=db,
            Targets=target, Classifiers=["nothing"])
    refused("a crawler with a JSON classifier", "NotImplemented", glue.create_crawler, Name=crawler, Role="r", DatabaseName=db, Targets=target,
            Classifiers=["json-" + db])
    glue.create_crawler(Name=crawler, Role="r", DatabaseName=db, Targets=target, Classifiers=[name])
    glue.start_crawler(Name=crawler)
    end = time.monotonic() + 30
    while glue.get_crawler(Name=crawler)["Crawler"]["State"] != "READY" and time.monotonic() < end:
        time.sleep(0.05)
    table = glue.get_table(DatabaseName=db, Name="words")["Table"]
    columns = [(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"]]
    serde = table["StorageDescriptor"]["SerdeInfo"]
    check("a crawler reads by its classifier", columns == [("id", "bigint"), ("word", "string")]
          and serde["Parameters"]["quoteChar"] == "'" and serde["Parameters"]["separatorChar"] == "|", table["StorageDescriptor"])
    glue.update_classifier(CsvClassifier={"Name": name, "ContainsHeader": "PRESENT"})
    got = glue.get_classifier(Name=name)["Classifier"]["CsvClassifier"]
    check("an update keeps the rest", got["Delimiter"] == "|" and got["ContainsHeader"] == "PRESENT" and got["Version"] == 2, got)
    glue.delete_crawler(Name=crawler)
    glue.delete_classifier(Name=name)
    refused("a classifier that is gone", "EntityNotFoundException", glue.get_classifier, Name=name)


def schedules():
    name, bucket = "timed-" + db, "timed-" + db.replace("_", "-")
    boto3.client("s3").create_bucket(Bucket=bucket)
    target = {"S3Targets": [{"Path": "s3://%s/x/" % bucket}]}
    refused("a schedule that is no cron expression", "InvalidInputException", glue.create_crawler, Name=name, Role="r", DatabaseName=db,
            Targets=target, Schedule="every day")
    glue.create_crawler(Name=name, Role="r", DatabaseName=db, Targets=target, Schedule="cron(0 0 1 1 ? 2199)")
    got = glue.get_crawler(Name=name)["Crawler"]["Schedule"]
    check("a schedule runs from the beginning", got == {"ScheduleExpression": "cron(0 0 1 1 ? 2199)", "State": "SCHEDULED"}, got)
    refused("a schedule that runs", "SchedulerRunningException", glue.start_crawler_schedule, CrawlerName=name)
    glue.stop_crawler_schedule(CrawlerName=name)
    check("a schedule is stopped", glue.get_crawler(Name=name)["Crawler"]["Schedule"]["State"] == "NOT_SCHEDULED")
    refused("a schedule that is stopped", "SchedulerNotRunningException", glue.stop_crawler_schedule, CrawlerName=name)
    glue.update_crawler_schedule(CrawlerName=name, Schedule="cron(30 2 * * ? *)")
    check("and is changed", glue.get_crawler(Name=name)["Crawler"]["Schedule"]["ScheduleExpression"] == "cron(30 2 * * ? *)")
    glue.update_crawler(Name=name, Schedule="")
    check("and taken away", not glue.get_crawler(Name=name)["Crawler"].get("Schedule"))
    refused("no schedule to start", "NoScheduleException", glue.start_crawler_schedule, CrawlerName=name)
    glue.delete_crawler(Name=name)


for part in (databases, tables, partitions, crawlers, column_statistics, classifiers, schedules):
    try:
        part()
    except Exception as error:  # a part that ends early is a failure of its own
        check(part.__name__ + " ran to its end", False, error)
glue.delete_database(Name=db)
refused("tables go with their database", "EntityNotFoundException", glue.get_tables, DatabaseName=db)
sys.exit(failed)
