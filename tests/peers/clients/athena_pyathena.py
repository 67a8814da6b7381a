"""PyAthena against the embedded cloud: its cursors as its users use them. Prints "ok NAME" or "not ok NAME"."""
import os
import sys
import uuid

import boto3
from pyathena import connect
from pyathena.cursor import DictCursor
from pyathena.error import OperationalError
from pyathena.pandas.cursor import PandasCursor

failed = 0
bucket = "pyathena-" + uuid.uuid4().hex[:8]
s3 = boto3.client("s3")
s3.create_bucket(Bucket=bucket)
staging = "s3://%s/results/" % bucket


def check(name, condition, seen=""):
    global failed
    if condition:
        print("ok", name)
    else:
        failed = 1
        print("not ok", name, "- seen:", repr(seen)[:600])


def open_connection(**more):
    return connect(s3_staging_dir=staging, region_name=os.environ["AWS_REGION"], poll_interval=0.05, **more)


people = b"1,Ann,1990-01-02,1.50\n2,Bob,1991-02-03,\\N\n"
s3.put_object(Bucket=bucket, Key="people/a.csv", Body=people)
cursor = open_connection().cursor()
cursor.execute("CREATE DATABASE pyathena")
cursor.execute("CREATE EXTERNAL TABLE pyathena.people (id bigint, name string, born date, price decimal(10,2)) ROW FORMAT DELIMITED "
               "FIELDS TERMINATED BY ',' LOCATION 's3://%s/people/'" % bucket)
cursor = open_connection(schema_name="pyathena").cursor()
cursor.execute("SELECT * FROM people ORDER BY id")
check("the description names columns and types", [c[:2] for c in cursor.description] ==
      [("id", "bigint"), ("name", "varchar"), ("born", "date"), ("price", "decimal")], cursor.description)
got = cursor.fetchall()
check("values have their Python types", [r[:2] for r in got] == [(1, "Ann"), (2, "Bob")] and str(got[0][2]) == "1990-01-02"
      and str(got[0][3]) == "1.50" and got[1][3] is None, got)
check("scanned bytes are known", cursor.data_scanned_in_bytes == len(people), cursor.data_scanned_in_bytes)
check("the state is known", cursor.state == "SUCCEEDED" and cursor.output_location.endswith(".csv"), cursor.output_location)
cursor.execute("SELECT * FROM people WHERE id = %(id)d", {"id": 2})
check("parameters by name", cursor.fetchone()[1] == "Bob")
cursor.execute("SELECT name FROM people WHERE id = ?", ["1"], paramstyle="qmark")
check("execution parameters", cursor.fetchall() == [("Ann",)])
cursor.execute("SELECT x FROM UNNEST(sequence(1, 2500)) t(x) ORDER BY x")
check("results of several pages", [r[0] for r in cursor] == list(range(1, 2501)))
rows = open_connection(schema_name="pyathena", cursor_class=DictCursor).cursor().execute("SELECT id, name FROM people ORDER BY id").fetchall()
check("dictionaries", rows == [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bob"}], rows)
try:
    cursor.execute("SELECT nothing FROM people")
    check("an error is raised", False)
except OperationalError as error:
    check("an error is raised with Athena's words", "COLUMN_NOT_FOUND: line 1:8" in str(error), error)
frame = open_connection(schema_name="pyathena", cursor_class=PandasCursor).cursor().execute("SELECT * FROM people ORDER BY id").as_pandas()
check("the result object as a data frame", list(frame["name"]) == ["Ann", "Bob"] and list(frame.columns) == ["id", "name", "born", "price"], frame)
cursor.execute("SHOW TABLES")
check("SHOW TABLES", cursor.fetchall() == [("people",)])
cursor.execute("SELECT 1", result_reuse_enable=True, result_reuse_minutes=10)
cursor.execute("SELECT 1", result_reuse_enable=True, result_reuse_minutes=10)
check("a result is reused", cursor.reused_previous_result is True, cursor.reused_previous_result)
try:
    from sqlalchemy import create_engine, inspect
    engine = create_engine("awsathena+rest://:@athena.%s.amazonaws.com/pyathena?s3_staging_dir=%s&poll_interval=0.05" % (os.environ["AWS_REGION"], staging))
    columns = [(c["name"], str(c["type"])) for c in inspect(engine).get_columns("people")]
    check("SQLAlchemy sees the columns", columns[:2] == [("id", "BIGINT"), ("name", "VARCHAR")], columns)
    check("SQLAlchemy sees tables and schemas", inspect(engine).get_table_names() == ["people"] and "pyathena" in inspect(engine).get_schema_names())
except ImportError:
    print("skip SQLAlchemy: not installed")
cursor.execute("DROP TABLE people")
cursor.execute("DROP DATABASE pyathena")
sys.exit(failed)
