#!/usr/bin/env python3
"""The case table of Athena's dialect (tests/data/athena) asked of a real Trino, whose answers are compared with the table's. What Trino cannot
tell (statements of Hive DDL, what the embedded cloud refuses by name, what Athena's older engine does otherwise) is counted apart, with its
reason, from known.json. Usage: compare.py http://127.0.0.1:PORT"""
import base64
import json
import math
import os
import sys
import urllib.error
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
server = sys.argv[1]
FILES = ("cases", "functions", "queries", "errors", "trino")
SETUP = (
    "create schema if not exists default",
    "create table if not exists t as select * from (values (1,varchar 'e',varchar 'ok',1,1.5e0),(2,'w','ok',2,2.5e0),(3,'e','bad',3,3.5e0),"
    "(4,'w','bad',4,4.5e0)) x(id,region,status,qty,price)",
    "create table if not exists u as select * from (values (1,array[1,2]),(2,array[3]),(3,cast(array[] as array(integer)))) x(id,a)",
    "create table if not exists w as select * from (values (bigint '10',varchar 'a',date '2024-01-01',timestamp '2024-01-01 10:00:00.000',"
    "map(array[varchar 'k'],array[1]),cast(row(1,'q') as row(x integer,y varchar)),cast(1.25 as decimal(10,2))),"
    "(20,null,null,null,null,null,null)) v(b,s,d,ts,m,r,c)",
    "create table if not exists p (id integer, dt varchar) with (partitioned_by = array['dt'])",
    "insert into p select 1,'2024' where not exists (select 1 from p)",
    "create or replace view vv as select 1 a",
)


def ask(sql):
    """(columns, rows, error)"""
    headers = {"X-Trino-User": "peer", "X-Trino-Catalog": "awsdatacatalog", "X-Trino-Schema": "default", "X-Trino-Time-Zone": "UTC"}
    request = urllib.request.Request(server + "/v1/statement", sql.encode(), headers)
    columns, rows = None, []
    while True:
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                page = json.load(answer)
        except urllib.error.HTTPError as problem:  # no statement at all
            return None, [], {"errorName": "HTTP_%d" % problem.code, "message": problem.read().decode()}
        if "error" in page:
            return columns, rows, page["error"]
        columns = columns or page.get("columns")
        rows += page.get("data", [])
        if "nextUri" not in page:
            return columns, rows, None
        request = urllib.request.Request(page["nextUri"], headers=headers)


def double(value):
    """As Java's Double.toString, which Athena's results show."""
    if isinstance(value, str):
        return value  # NaN, Infinity
    value = float(value)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value) if "e" not in repr(value) else format(value, "f").rstrip("0")
    digits, exponent = format(value, ".17e").split("e")
    for precision in range(1, 18):  # the shortest that reads back
        digits, exponent = format(value, ".%de" % precision).split("e")
        if float(digits + "e" + exponent) == value:
            break
    return digits + "E" + str(int(exponent))


def real(value):
    if isinstance(value, str):
        return value
    import struct
    for precision in range(1, 10):
        text = format(value, ".%dg" % precision)
        if struct.pack("f", float(text)) == struct.pack("f", value):
            break
    return double(float(text))


def show(value, kind):
    if value is None:
        return "NULL" if kind.get("top") else "null"
    name = kind["rawType"]
    if name == "boolean":
        return "true" if value else "false"
    if name == "double":
        return double(value)
    if name == "real":
        return real(value)
    if name == "varbinary":
        return " ".join("%02x" % byte for byte in base64.b64decode(value))
    arguments = [argument["value"] for argument in kind.get("arguments", [])]
    if name == "array":
        return "[" + ", ".join(show(item, arguments[0]) for item in value) + "]"
    if name == "map":
        return "{" + ", ".join(show_key(key, arguments[0]) + "=" + show(item, arguments[1]) for key, item in value.items()) + "}"
    if name == "row":
        fields = []
        for index, item in enumerate(value):
            label = arguments[index].get("fieldName") or {"name": "field%d" % index}
            fields.append(label["name"] + "=" + show(item, arguments[index]["typeSignature"]))
        return "{" + ", ".join(fields) + "}"
    return str(value)


def show_key(key, kind):
    return double(float(key)) if kind["rawType"] == "double" else str(key)


def rendered(columns, rows):
    kinds = [dict(column["typeSignature"], top=True) for column in columns or []]
    return ";".join("|".join(show(value, kind) for value, kind in zip(row, kinds)) for row in rows)


def error_of(error):
    message = error["message"]
    return error["errorName"], message


def verdict(case, columns, rows, error):
    """'' when Trino and the table agree."""
    if "error" in case:
        if error is None:
            return "Trino answers " + rendered(columns, rows)[:300]
        name, message = error_of(error)
        wanted = case["error"]
        if ": " in wanted:
            whole = name + ": " + message
            return "" if whole.startswith(wanted) else whole
        return "" if name == wanted else name + ": " + message
    if error is not None:
        return "%s: %s" % error_of(error)
    got = rendered(columns, rows)
    if "like" in case:
        return "" if case["like"] in got else got
    same = got == case["expected"] or (case.get("any_order") and sorted(got.split(";")) == sorted(case["expected"].split(";")))
    return "" if same else got


def main():
    with open(os.path.join(here, "known.json")) as file:
        known = json.load(file)
    for sql in SETUP:
        error = ask(sql)[2]
        if error:
            sys.exit("set-up: %s: %s" % (sql, error["message"]))
    right = apart = 0
    for name in FILES:
        with open(os.path.join("tests/data/athena", name + ".json")) as file:
            cases = json.load(file)["cases"]
        for case in cases:
            sql = case["sql"]
            if case.get("parameter") or case.get("expected", "").startswith("[") and case["expected"][1:2].isupper() and case["expected"][-1] == "]" \
                    or case.get("error", "").startswith("NOT_SUPPORTED") or sql in known:
                apart += 1
                continue
            problem = verdict(case, *ask(sql))
            if problem:
                print("not ok %s: %s\n    table: %s\n    Trino: %s" % (name, sql, case.get("expected", case.get("error", case.get("like"))), problem))
            else:
                right += 1
                print("ok %s: %s" % (name, " ".join(sql.split())[:100]))
    print("# %d agree; %d are not Trino's to answer" % (right, apart))


main()
