"""Athena's statements that write, and views, plans and prepared statements, asked through boto3 of the embedded cloud."""
import base64
import gzip
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from athena import *  # noqa: F403


def lines(uri_or_key):
    return get(uri_or_key.replace("s3://%s/" % bucket, "")).decode().split("\n")[:-1]


def ctas():
    put("src/a.csv", b"1,a,2024-01-01\n2,b,2024-01-01\n3,c,2024-01-02\n")
    table("src", "src/", LAZY, [("id", "int"), ("name", "string"), ("dt", "string")], serde_parameters={"field.delim": ","})
    query, got = run("CREATE TABLE plain AS SELECT id, name, 1.5 AS price, ARRAY[1, 2] AS list, MAP(ARRAY['k'], ARRAY[id]) AS m, CAST(ROW(1, 'x') AS row(a integer, b varchar)) AS r,"
                     " DATE '2024-01-01' AS d, TIMESTAMP '2024-01-01 00:00:00' AS t FROM src")
    equal("CTAS succeeds as DDL", ("SUCCEEDED", "DDL"), (got["Status"]["State"], got["StatementType"]))
    check("what it scanned is measured", 45 <= got["Statistics"]["DataScannedInBytes"] <= 46, got["Statistics"])
    manifest = got["Statistics"].get("DataManifestLocation", "")
    made = lines(manifest) if manifest else []
    check("its manifest names its objects", len(made) == 1 and made[0].startswith("s3://%s/results/tables/%s/" % (bucket, query)), (manifest, made))
    answer = results(query)
    equal("it has no rows, and says how many it wrote", ([], 3), (answer["ResultSet"]["Rows"], answer["UpdateCount"]))
    if "QueryResultType" in athena.meta.service_model.operation_model("GetQueryResults").input_shape.members:  # newer clients only
        equal("the manifest as rows", [[uri] for uri in made], rows(query, QueryResultType="DATA_MANIFEST"))
    kept = glue.get_table(DatabaseName=db, Name="plain")["Table"]
    equal("the table is in the catalog with Hive's types", ["int", "string", "decimal(2,1)", "array<int>", "map<string,int>", "struct<a:int,b:string>", "date", "timestamp"],
          [c["Type"].replace("varchar(1)", "string") for c in kept["StorageDescriptor"]["Columns"]])
    equal("and is read back", [["1", "a", "1.5", "[1, 2]", "{k=1}", "{a=1, b=x}", "2024-01-01", "2024-01-01 00:00:00.000"]], ask("SELECT * FROM plain WHERE id = 1"))
    has("a table that is there is refused", "TABLE_ALREADY_EXISTS", ask("CREATE TABLE plain AS SELECT 1 AS a"))
    equal("IF NOT EXISTS forgives it", [], ask("CREATE TABLE IF NOT EXISTS plain AS SELECT 1 AS a"))
    has("an unnamed column is refused", "MISSING_COLUMN_NAME", ask("CREATE TABLE bad AS SELECT 1"))
    has("a type that Hive lacks is refused by name", "Unsupported Hive type", ask("CREATE TABLE bad AS SELECT current_timestamp AS a"))
    has("an unknown property is refused", "INVALID_TABLE_PROPERTY", ask("CREATE TABLE bad WITH (colour = 'red') AS SELECT 1 AS a"))
    for form in ("ORC", "AVRO"):
        has(form + " is refused by name", "NOT_SUPPORTED", ask("CREATE TABLE bad WITH (format = '%s') AS SELECT 1 AS a" % form))
    for n, (form, compression) in enumerate([("PARQUET", "SNAPPY"), ("PARQUET", "ZSTD"), ("PARQUET", "GZIP"), ("PARQUET", "LZ4"), ("PARQUET", "NONE"), ("TEXTFILE", "GZIP"),
                                             ("TEXTFILE", "ZSTD"), ("TEXTFILE", "NONE"), ("JSON", "GZIP"), ("JSON", "ZSTD"), ("JSON", "NONE")]):
        made = ask("CREATE TABLE form_%d WITH (format = '%s', write_compression = '%s') AS SELECT id, name, ARRAY[name, NULL] AS l, MAP(ARRAY['k'], ARRAY[id]) AS m,"
                   " CAST(ROW(id, name) AS row(a integer, b varchar)) AS r, id > 1 AS b, CAST(NULL AS varchar) AS n, DATE '2024-01-01' AS d, TIMESTAMP '2024-01-01 01:02:03.004' AS t,"
                   " DECIMAL '1.10' AS p, X'00ff' AS x FROM src" % (n, form, compression))
        equal("CTAS as %s, %s, read back" % (form, compression),
              [["3", "c", "[c, null]", "{k=3}", "{a=3, b=c}", "true", None, "2024-01-01", "2024-01-01 01:02:03.004", "1.10", "00 ff"]],
              made if isinstance(made, str) else ask("SELECT * FROM form_%d WHERE id = 3" % n))
    has("a compression that a format lacks is refused", "NOT_SUPPORTED", ask("CREATE TABLE bad WITH (format = 'TEXTFILE', write_compression = 'BZIP2') AS SELECT 1 AS a"))
    place = "s3://%s/mine/" % bucket
    equal("external_location and field_delimiter", [], ask("CREATE TABLE mine WITH (external_location = '%s', format = 'TEXTFILE', field_delimiter = ',', write_compression = 'NONE')"
                                                           " AS SELECT id, name, CAST(NULL AS varchar) AS n FROM src" % place))
    equal("the object is such a text", b"1,a,\\N\n2,b,\\N\n3,c,\\N\n", get(keys("mine/")[0]))
    has("a place that is not empty is refused", "HIVE_PATH_ALREADY_EXISTS", ask("CREATE TABLE bad WITH (external_location = '%s') AS SELECT 1 AS a" % place))
    equal("partitioned_by", [], ask("CREATE TABLE parted WITH (partitioned_by = ARRAY['dt'], external_location = 's3://%s/parted/') AS SELECT id, name, dt FROM src" % bucket))
    equal("its folders", ["parted/dt=2024-01-01", "parted/dt=2024-01-02"], sorted({k.rsplit("/", 1)[0] for k in keys("parted/")}))
    equal("its partitions", [["2024-01-01"], ["2024-01-02"]], sorted(p["Values"] for p in glue.get_partitions(DatabaseName=db, TableName="parted")["Partitions"]))
    equal("read back", [["2024-01-01", "2"], ["2024-01-02", "1"]], ask("SELECT dt, count(*) FROM parted GROUP BY dt ORDER BY dt"))
    has("partition columns must come last", "HIVE_COLUMN_ORDER_MISMATCH", ask("CREATE TABLE bad WITH (partitioned_by = ARRAY['dt']) AS SELECT dt, id FROM src"))
    before = len(keys("results/"))
    has("more than 100 partitions are refused", "HIVE_TOO_MANY_OPEN_PARTITIONS",
        ask("CREATE TABLE many WITH (partitioned_by = ARRAY['p'], external_location = 's3://%s/many/') AS SELECT 1 AS a, x AS p FROM UNNEST(sequence(1, 101)) t(x)" % bucket))
    equal("and nothing of them is left", ([], "none"), (keys("many/"), "none" if "TABLE_NOT_FOUND" in str(ask("SELECT * FROM many")) else "there"))
    equal("odd partition values", [], ask("CREATE TABLE odd WITH (partitioned_by = ARRAY['p']) AS SELECT * FROM (VALUES (1, 'a/b =c'), (2, NULL), (3, 'x')) t(a, p)"))
    equal("read back with NULL", [["1", "a/b =c"], ["2", None], ["3", "x"]], ask("SELECT a, p FROM odd ORDER BY a"))
    equal("bucketed_by", [], ask("CREATE TABLE bucketed WITH (bucketed_by = ARRAY['id'], bucket_count = 2, external_location = 's3://%s/bucketed/') AS SELECT id, name FROM src" % bucket))
    equal("an object for each bucket", ["bucket-00000", "bucket-00001"], sorted(k.split("_")[-2] for k in keys("bucketed/")))
    equal("WITH NO DATA", [], ask("CREATE TABLE hollow WITH (format = 'JSON') AS SELECT id FROM src WITH NO DATA"))
    equal("makes an empty table", [["0"]], ask("SELECT count(*) FROM hollow"))
    athena.create_work_group(Name="strict", Configuration={"EnforceWorkGroupConfiguration": True, "ResultConfiguration": {"OutputLocation": "s3://%s/strict/" % bucket}})
    has("a workgroup that enforces its place takes no other", "enforces a centralized output",
        ask("CREATE TABLE strict WITH (external_location = 's3://%s/elsewhere/') AS SELECT 1 AS a" % bucket, WorkGroup="strict"))
    equal("without one", [], ask("CREATE TABLE strict AS SELECT 1 AS a", WorkGroup="strict"))
    check("the table lies at its place", keys("strict/tables/"), keys("strict/"))
    has("an error of the run leaves no table", "DIVISION_BY_ZERO", ask("CREATE TABLE failed WITH (external_location = 's3://%s/failed/') AS SELECT 1 / (id - id) AS a FROM src" % bucket))
    equal("and no object", [], keys("failed/"))


def insert():
    query, got = run("INSERT INTO plain SELECT * FROM plain")
    equal("INSERT SELECT", ("SUCCEEDED", "DML"), (got["Status"]["State"], got["StatementType"]))
    equal("says how many rows", 3, results(query)["UpdateCount"])
    equal("and adds them", [["6"]], ask("SELECT count(*) FROM plain"))
    equal("INSERT VALUES into a text table", [], ask("INSERT INTO src VALUES (4, 'd', '2024-01-03'), (5, NULL, '2024-01-03')"))
    equal("read back", [["4", "d", "2024-01-03"], ["5", None, "2024-01-03"]], ask("SELECT * FROM src WHERE id > 3 ORDER BY id"))
    equal("INSERT with a column list", [], ask("INSERT INTO src (name, id) VALUES ('e', 6)"))
    equal("leaves the others NULL", [["6", "e", None]], ask("SELECT * FROM src WHERE id = 6"))
    equal("INSERT into partitions, old and new", [], ask("INSERT INTO parted SELECT id, name, dt FROM src WHERE dt >= '2024-01-02'"))
    equal("both are there", [["2024-01-01", "2"], ["2024-01-02", "2"], ["2024-01-03", "2"]], ask("SELECT dt, count(*) FROM parted GROUP BY dt ORDER BY dt"))
    has("too few columns are refused", "TYPE_MISMATCH", ask("INSERT INTO src SELECT 1"))
    has("wrong types are refused", "TYPE_MISMATCH", ask("INSERT INTO src SELECT 'x', 'y', 'z'"))
    has("a table that is not there", "TABLE_NOT_FOUND", ask("INSERT INTO nowhere SELECT 1"))
    has("a bucketed table is refused", "bucketed", ask("INSERT INTO bucketed SELECT 1, 'x'"))
    table("events", "events/", OPENX, [("id", "int"), ("tags", "array<string>"), ("at", "timestamp")])
    equal("INSERT into JSON", [], ask("INSERT INTO events VALUES (1, ARRAY['a'], TIMESTAMP '2024-01-01 00:00:00')"))
    equal("read back from it", [["1", "[a]", "2024-01-01 00:00:00.000"]], ask("SELECT * FROM events"))
    ask("CREATE TABLE doubles WITH (format = 'JSON', partitioned_by = ARRAY['p']) AS SELECT nan() AS a, -infinity() AS b, 1e300 AS c, DECIMAL '12345678901234567890.10' AS d, 'x' AS p")
    equal("JSON with numbers that JSON lacks", [["NaN", "-Infinity", "1.0E300", "12345678901234567890.10", "x"]], ask("SELECT * FROM doubles"))
    table("headed", "headed/", LAZY, [("a", "int")], parameters={"skip.header.line.count": "1"})
    ask("INSERT INTO headed VALUES 7, 8")
    equal("a table with a header line keeps one in each object", [["7"], ["8"]], ask("SELECT a FROM headed ORDER BY a"))


def unload():
    to = "s3://%s/unloaded/" % bucket
    query, got = run("UNLOAD (SELECT id, name FROM src WHERE id < 3) TO '%s' WITH (format = 'JSON', compression = 'NONE')" % to)
    equal("UNLOAD", ("SUCCEEDED", "DML", "UNLOAD"),
          (got["Status"]["State"], got["StatementType"], got.get("SubstatementType", "UNLOAD")))  # which older clients leave out
    equal("its objects", b'{"id":1,"name":"a"}\n{"id":2,"name":"b"}\n', get(keys("unloaded/")[0]))
    equal("its manifest", ["s3://%s/%s" % (bucket, k) for k in keys("unloaded/")], lines(got["Statistics"]["DataManifestLocation"]))
    has("a place that is not empty is refused", "HIVE_PATH_ALREADY_EXISTS", ask("UNLOAD (SELECT 1 AS a) TO '%s' WITH (format = 'JSON')" % to))
    equal("UNLOAD into partitions, as text", [], ask("UNLOAD (SELECT id, dt FROM src WHERE dt IS NOT NULL) TO 's3://%s/by/' WITH (format = 'TEXTFILE', field_delimiter = '|', partitioned_by = ARRAY['dt'])" % bucket))
    found = keys("by/")
    check("one folder each", len(found) == 3 and found[0].startswith("by/dt=2024-01-01/") and found[0].endswith(".gz"), found)
    equal("gzip unless said otherwise", b"1\n2\n", gzip.decompress(get(found[0])))
    has("ORC is refused by name", "NOT_SUPPORTED", ask("UNLOAD (SELECT 1 AS a) TO 's3://%s/orc/' WITH (format = 'ORC')" % bucket))
    has("a format must be named", "format", ask("UNLOAD (SELECT 1 AS a) TO 's3://%s/none/' WITH (compression = 'GZIP')" % bucket))


def views():
    equal("CREATE VIEW", [], ask("CREATE VIEW young AS SELECT id, upper(name) AS name FROM src WHERE id < 3"))
    kept = glue.get_table(DatabaseName=db, Name="young")["Table"]
    equal("it is kept as a view", ("VIRTUAL_VIEW", "/* Presto View */"), (kept["TableType"], kept["ViewExpandedText"]))
    inside = json.loads(base64.b64decode(kept["ViewOriginalText"][len("/* Presto View: "):-len(" */")]))
    equal("in Trino's form", ("awsdatacatalog", db, [("id", "integer"), ("name", "varchar")]),
          (inside["catalog"], inside["schema"], [(c["name"], c["type"]) for c in inside["columns"]]))
    equal("it is read", [["1", "A"], ["2", "B"]], ask("SELECT * FROM young ORDER BY id"))
    equal("a view of a view", [], ask("CREATE VIEW youngest AS SELECT name FROM young WHERE id = 1"))
    equal("is read", [["A"]], ask("SELECT * FROM youngest"))
    has("a view that is there is refused", "VIEW_ALREADY_EXISTS", ask("CREATE VIEW young AS SELECT 1 AS a"))
    equal("OR REPLACE", [], ask("CREATE OR REPLACE VIEW young AS SELECT id, lower(name) AS name FROM src WHERE id = 2"))
    equal("takes its place", [["2", "b"]], ask("SELECT * FROM young"))
    got = ask("SHOW CREATE VIEW young")
    check("SHOW CREATE VIEW", isinstance(got, list) and any("lower(name)" in cell for row in got for cell in row), got)
    equal("SHOW VIEWS", [["young"], ["youngest"]], ask("SHOW VIEWS"))
    has("unnamed columns are refused", "MISSING_COLUMN_NAME", ask("CREATE VIEW bad AS SELECT 1"))
    has("a table is no view", "DROP TABLE", ask("DROP VIEW src"))
    has("a view takes no rows", "NOT_SUPPORTED", ask("INSERT INTO young VALUES (1, 'x')"))
    equal("DROP VIEW", [], ask("DROP VIEW youngest"))
    has("DROP VIEW of nothing", "VIEW_NOT_FOUND", ask("DROP VIEW youngest"))
    equal("DROP VIEW IF EXISTS", [], ask("DROP VIEW IF EXISTS youngest"))
    ask("CREATE TABLE narrow AS SELECT 1 AS a, 2 AS b")
    ask("CREATE VIEW wide AS SELECT a, b FROM narrow")
    glue.delete_table(DatabaseName=db, Name="narrow")
    ask("CREATE TABLE narrow AS SELECT 1 AS a")
    has("a view over a table that lost a column says so", "INVALID_VIEW", ask("SELECT * FROM wide"))
    glue.delete_table(DatabaseName=db, Name="narrow")
    ask("CREATE TABLE narrow AS SELECT 'text' AS a, 2 AS b")
    has("a view over a column that changed its type is stale", "VIEW_IS_STALE", ask("SELECT * FROM wide"))
    ask("CREATE DATABASE other_" + tag)
    equal("a view in another database", [], ask("CREATE VIEW other_%s.v AS SELECT b FROM narrow" % tag))
    equal("reads the tables of the one that it was made in", [["2"]], ask("SELECT * FROM other_%s.v" % tag))


def plans():
    query, got = run("EXPLAIN SELECT name, count(*) FROM src WHERE id > 1 GROUP BY name")
    equal("EXPLAIN is a utility that scans nothing", ("SUCCEEDED", "UTILITY", 0), (got["Status"]["State"], got["StatementType"], got["Statistics"]["DataScannedInBytes"]))
    text = "\n".join(row[0] for row in rows(query))
    check("it is a plan", "Fragment 0" in text and "GROUP_BY" in text and "rows:" in text, text)
    check("no path of the daemon's is in it", "/athena-" not in text, text)
    got = ask("EXPLAIN (FORMAT JSON) SELECT count(*) FROM src")
    tree = json.loads("\n".join(row[0] for row in got)) if isinstance(got, list) else got
    check("FORMAT JSON", isinstance(tree, dict) and "children" in tree["0"], tree)
    got = ask("EXPLAIN (TYPE LOGICAL, FORMAT JSON) SELECT count(*) FROM src")
    check("TYPE LOGICAL", isinstance(got, list) and "children" in json.loads("\n".join(r[0] for r in got)), got)
    equal("TYPE VALIDATE", [["true"]], ask("EXPLAIN (TYPE VALIDATE) SELECT 1"))
    has("and its errors", "COLUMN_NOT_FOUND", ask("EXPLAIN (TYPE VALIDATE) SELECT nothing FROM src"))
    got = ask("EXPLAIN (TYPE IO, FORMAT JSON) SELECT * FROM src")
    check("TYPE IO names the tables", isinstance(got, list) and json.loads("\n".join(r[0] for r in got))["inputTableColumnInfos"][0]["table"]["schemaTable"]["table"] == "src", got)
    query, got = run("EXPLAIN ANALYZE SELECT count(*) FROM src")
    text = "\n".join(row[0] for row in rows(query))
    check("EXPLAIN ANALYZE runs the query", got["Statistics"]["DataScannedInBytes"] > 0 and "time:" in text, text)
    has("but writes nothing", "NOT_SUPPORTED", ask("EXPLAIN ANALYZE INSERT INTO src SELECT 9, 'x', 'y'"))
    check("EXPLAIN of INSERT", isinstance(ask("EXPLAIN INSERT INTO src SELECT 9, 'x', 'y'"), list))


def prepared():
    equal("PREPARE", [], ask("PREPARE pick FROM SELECT id, name FROM src WHERE id = ? OR name = ?"))
    equal("it is in the API's list", ["pick"], [p["StatementName"] for p in athena.list_prepared_statements(WorkGroup="primary")["PreparedStatements"]])
    equal("EXECUTE USING", [["1", "a"], ["2", "b"]], ask("EXECUTE pick USING 1, 'b'"))
    equal("EXECUTE with the request's values", [["3", "c"]], ask("EXECUTE pick", ExecutionParameters=["3", "'none'"]))
    has("too few values", "INVALID_PARAMETER_USAGE", ask("EXECUTE pick USING 1"))
    equal("PREPARE again replaces it", [], ask("PREPARE pick FROM SELECT 1 AS one"))
    equal("and runs so", [["1"]], ask("EXECUTE pick"))
    athena.create_prepared_statement(StatementName="made", WorkGroup="primary", QueryStatement="SELECT count(*) FROM src WHERE id < ?")
    equal("a statement made by the API", [["2"]], ask("EXECUTE made USING 3"))
    equal("a prepared INSERT", [], ask("PREPARE put FROM INSERT INTO src VALUES (?, ?, 'p')"))
    equal("runs", [], ask("EXECUTE put USING 70, 'it''s'"))
    equal("and wrote", [["70", "it's", "p"]], ask("SELECT * FROM src WHERE id = 70"))
    equal("DEALLOCATE", [], ask("DEALLOCATE PREPARE pick"))
    has("EXECUTE of what is gone", "NOT_FOUND", ask("EXECUTE pick"))
    has("DEALLOCATE of what is gone", "NOT_FOUND", ask("DEALLOCATE PREPARE pick"))


set_up()
for part in (ctas, insert, unload, views, plans, prepared):
    part()
end()
