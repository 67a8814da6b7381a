"""What Athena's SerDes make of good and of bad data, asked through boto3 of the embedded cloud."""
import gzip
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from athena import *  # noqa: F403


def lazy():
    put("flat/a.csv", b"1,Ann,1.5,true,2020-01-02,2020-01-02 03:04:05.678\nx,\\N,z,yes,20/1/2,2020-01-02T03:04\n2.9\n3,C,2,TRUE,2020-1-2,2020-01-02,extra\n")
    table("flat", "flat/", LAZY, [("i", "int"), ("s", "string"), ("d", "double"), ("b", "boolean"), ("day", "date"), ("at", "timestamp")],
          serde_parameters={"field.delim": ","})
    equal("LazySimpleSerDe: what is no value is NULL, short rows are padded, long ones cut", [
        ["1", "Ann", "1.5", "true", "2020-01-02", "2020-01-02 03:04:05.678"], [None] * 6, ["2", None, None, None, None, None],
        ["3", "C", "2.0", "true", "2020-01-02", None]], ask("SELECT * FROM flat"))
    put("nested/a.txt", b"1|a,b|k:1,j:x,k:9|7#z\n2||\\N|\\N\n3|q|m:2|\n")
    table("nested", "nested/", LAZY, [("id", "int"), ("tags", "array<string>"), ("counts", "map<string,int>"), ("pair", "struct<n:int,t:string>")],
          serde_parameters={"field.delim": "|", "collection.delim": ",", "mapkey.delim": ":"})
    equal("LazySimpleSerDe: arrays and maps by their delimiters", [
        ["1", "[a, b]", "{k=1, j=null}"], ["2", "[]", None], ["3", "[q]", "{m=2}"]], ask("SELECT id, tags, counts FROM nested"))
    equal("LazySimpleSerDe: fields of a struct", [["1", None, None], ["2", None, None], ["3", None, None]],
          ask("SELECT id, pair.n, pair.t FROM nested"))
    equal("LazySimpleSerDe: an element of each", [["b", "1"]], ask("SELECT tags[2], counts['k'] FROM nested WHERE id = 1"))
    put("deep/a.txt", b"x\x02y\x03z\x01a\x031\x02b\x032\n")
    table("deep", "deep/", LAZY, [("a", "array<array<string>>"), ("s", "array<struct<k:string,v:int>>")])
    equal("LazySimpleSerDe: default delimiters at every depth", [["[[x], [y, z]]", "[{k=a, v=1}, {k=b, v=2}]"]], ask("SELECT a, s FROM deep"))
    put("escaped/a.txt", b"a\\,b,c\\\\d\n\\N,x\n")
    table("escaped", "escaped/", LAZY, [("a", "string"), ("b", "string")], serde_parameters={"field.delim": ",", "escape.delim": "\\"})
    equal("LazySimpleSerDe: an escaped delimiter is text", [["a,b", "c\\d"], [None, "x"]], ask("SELECT * FROM escaped"))


def open_csv():
    put("quoted/a.csv", b'h1,h2,h3,h4\n1,"a, ""b""","c\\"d",2\n2,x\n3,y,z,4,5\n')
    table("quoted", "quoted/", OPEN, [("id", "int"), ("a", "string"), ("b", "string"), ("n", "bigint")], parameters={"skip.header.line.count": "1"})
    equal("OpenCSVSerde: quotes, doubled and escaped; ragged rows", [
        ["1", 'a, "b"', 'c"d', "2"], ["2", "x", None, None], ["3", "y", "z", "4"]], ask("SELECT * FROM quoted"))
    put("wrong/a.csv", b"1,2\nx,3\n")
    table("wrong", "wrong/", OPEN, [("a", "int"), ("b", "string")])
    equal("OpenCSVSerde: a wrong type ends the query",
          "HIVE_BAD_DATA: Error parsing field value 'x' for field 0: For input string: \"x\"", ask("SELECT a FROM wrong"))
    equal("and only when its column is read", [["2"], ["3"]], ask("SELECT b FROM wrong"))
    table("open_array", "wrong/", OPEN, [("a", "array<string>")])
    has("OpenCSVSerde: no arrays, by name", "NOT_SUPPORTED", ask("SELECT a FROM open_array"))
    put("days/a.csv", b"'18262';'1577934245678'\n")
    table("days", "days/", OPEN, [("d", "date"), ("t", "timestamp")], serde_parameters={"separatorChar": ";", "quoteChar": "'"})
    equal("OpenCSVSerde: dates are days, timestamps milliseconds", [["2020-01-01", "2020-01-02 03:04:05.678"]], ask("SELECT * FROM days"))


def json_lines():
    put("events/a.json", b'{"ID":1,"Tags":["x","y"],"m":{"k":1},"s":{"A":"q","b":[1,2]},"price":1.10,"big":9007199254740993,"at":"2020-01-02 03:04:05","raw":{"z":1}}\n'
        b'{"id":"no","tags":null,"price":"2.5","raw":"text","extra":true}\n\n{"id":2.9,"tags":"one"}\n')
    columns = [("id", "int"), ("tags", "array<string>"), ("m", "map<string,int>"), ("s", "struct<a:string,b:array<int>>"), ("price", "decimal(10,2)"),
               ("big", "bigint"), ("at", "timestamp"), ("raw", "string")]
    table("events", "events/", OPENX, columns)
    equal("OpenX JSON: names without case, nested values, texts of anything", [
        ["1", "[x, y]", "{k=1}", "{a=q, b=[1, 2]}", "1.10", "9007199254740993", "2020-01-02 03:04:05.000", '{"z":1}'],
        [None, None, None, None, "2.50", None, None, "text"], [None] * 8, ["2", "[one]", None, None, None, None, None, None]], ask("SELECT * FROM events"))
    put("broken/a.json", b'{"a":1}\n{"a":\n{"a":2}\n')
    table("broken", "broken/", OPENX, [("a", "int")])
    has("OpenX JSON: a malformed line ends the query", "HIVE_CURSOR_ERROR: Row is not a valid JSON Object", ask("SELECT a FROM broken"))
    table("tolerant", "broken/", OPENX, [("a", "int")], serde_parameters={"ignore.malformed.json": "TRUE"})
    equal("unless it is to be ignored", [["1"], [None], ["2"]], ask("SELECT a FROM tolerant"))
    table("mapped", "events/", OPENX, [("number", "int")], serde_parameters={"mapping.number": "ID"})
    equal("OpenX JSON: a column under another key", [["1"], [None], [None], ["2"]], ask("SELECT number FROM mapped"))
    put("cased/a.json", b'{"A":1}\n{"a":2}\n')
    table("cased", "cased/", OPENX, [("a", "int")], serde_parameters={"case.insensitive": "FALSE"})
    equal("OpenX JSON: names as they are when asked", [[None], ["2"]], ask("SELECT a FROM cased"))
    table("hive_json", "events/", HIVE_JSON, [("id", "int")])
    has("Hive's JsonSerDe is strict about types", "HIVE_CURSOR_ERROR", ask("SELECT id FROM hive_json"))


def regex():
    put("log/a.log", b"GET /a 200\nrubbish\nPUT /b 500\n")
    table("log", "log/", REGEX, [("verb", "string"), ("path", "string"), ("code", "int")], serde_parameters={"input.regex": "(\\S+) (\\S+) (\\d+)"})
    equal("RegexSerDe: groups are columns, another line is NULLs", [["GET", "/a", "200"], [None] * 3, ["PUT", "/b", "500"]], ask("SELECT * FROM log"))
    for name, serde in (("grok", "com.amazonaws.glue.serde.GrokSerDe"), ("orc", "org.apache.hadoop.hive.ql.io.orc.OrcSerde"),
                        ("avro", "org.apache.hadoop.hive.serde2.avro.AvroSerDe")):
        table(name, "log/", serde, [("a", "string")])
        got = ask("SELECT * FROM " + name)
        check("%s is refused by name" % name, "NOT_SUPPORTED" in got and serde in got, got)


def compressed():
    body = b"".join(b"%d,%d\n" % (n, n * n % 7919) for n in range(20000))
    packed = gzip.compress(body)
    flat = dict(serde=LAZY, columns=[("a", "int"), ("b", "int")], serde_parameters={"field.delim": ","})
    put("gz/a.csv.gz", packed)
    table("gz", "gz/", **flat)
    query, got = run("SELECT count(*) n, sum(a) s FROM gz")
    equal("gzip is read", [["n", "s"], ["20000", "199990000"]], rows(query))
    equal("and what was scanned is its compressed size", len(packed), got["Statistics"]["DataScannedInBytes"])
    put("cut/a.csv.gz", packed[:len(packed) // 2])
    table("cut", "cut/", **flat)
    got = ask("SELECT count(*) FROM cut")
    check("a truncated gzip is an error with the object's name", "HIVE_CURSOR_ERROR" in got and "s3://%s/cut/a.csv.gz" % bucket in got, got)
    put("bent/a.csv.gz", packed[:3000] + bytes(40) + packed[3040:])
    table("bent", "bent/", **flat)
    has("a damaged gzip is an error", "HIVE_CURSOR_ERROR", ask("SELECT count(*) FROM bent"))
    put("nogz/a.csv.gz", body)
    table("nogz", "nogz/", **flat)
    has("a text that calls itself gzip is an error", "HIVE_CURSOR_ERROR", ask("SELECT count(*) FROM nogz"))
    put("bz/a.csv.bz2", b"BZh9")
    table("bz", "bz/", **flat)
    got = ask("SELECT count(*) FROM bz")
    check("bzip2 is refused by name", "NOT_SUPPORTED" in got and "bz2" in got, got)


def long_lines():
    put("long/a.csv", b"1," + b"x" * (5 << 20) + b",z\n2,b,c\n")
    table("long", "long/", LAZY, [("a", "int"), ("b", "string"), ("c", "string")], serde_parameters={"field.delim": ","})
    equal("a line of 5 MiB", [["1", str(5 << 20), "z"], ["2", "1", "c"]], ask("SELECT a, length(b), c FROM long"))
    put("huge/a.csv", b"1," + b"x" * (33 << 20) + b"\n")
    table("huge", "huge/", LAZY, [("a", "int"), ("b", "string")], serde_parameters={"field.delim": ","})
    got = ask("SELECT a FROM huge")
    check("a line past the maximum names its object and the maximum", "HIVE_CURSOR_ERROR" in got and "33554432" in got and "huge/a.csv" in got, got)


def places():
    table("gone", "gone/", LAZY, [("a", "string")])
    equal("a location without objects has no rows", [], ask("SELECT * FROM gone"))
    glue.create_table(DatabaseName=db, TableInput={"Name": "nobucket", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": {
        "Columns": [{"Name": "a", "Type": "string"}], "Location": "s3://no-such-bucket-%s/x/" % tag, "SerdeInfo": {"SerializationLibrary": LAZY}}})
    has("a bucket that is gone is an error", "NoSuchBucket", ask("SELECT * FROM nobucket"))
    put("bytes/a.csv", b"\xff\xfe\n")
    table("bytes", "bytes/", LAZY, [("a", "string")])
    has("bytes that are no text are an error", "HIVE_CURSOR_ERROR", ask("SELECT * FROM bytes"))


set_up()
for part in (lazy, open_csv, json_lines, regex, compressed, long_lines, places):
    part()
end()
