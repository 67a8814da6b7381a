#!/bin/bash
# weir sql without a terminal: several statements, formats, estimates and limits, errors with their place, large results, files.
. "$(dirname "$0")/../lib/e2e.sh"
[ -e "$BUILD/engine/libduckdb.so" ] || [ -e "$top/build/engine/libduckdb.so" ] || { echo "skip sql: no engine (make deps)"; exit 0; }

weir pipeline lake --bucket lake-test >/dev/null
for day in 01 02 03; do
    printf '1,a,1.5\n2,,2\n3,x "y",\n' >"$work/$day.csv"
    weir cp "$work/$day.csv" "s3://lake-test/raw/t/dt=2024-01-$day/part.csv" >/dev/null 2>&1
done
sql() { try weir sql -b lake-test -d shop "$@"; }
try weir sql -b lake-test -c "create database shop; use shop; create external table t (id int, name string, v double)
  partitioned by (dt string) row format delimited fields terminated by ',' location 's3://lake-test/raw/t/'; msck repair table t"
is "statements run in order, USE changes the database" 0 "$status"

# --- rows ---
sql -c "select count(*) as n from t"
is "a table has its header and its rows" "n
9" "$(tr -d ' ' <<<"$out")"
sql --format csv -c "select id, name, v, id > 1 as big from t where dt = '2024-01-01' order by id"
is "CSV as Athena writes it, NULL is nothing" '"id","name","v","big"
"1","a","1.5","false"
"2","","2.0","true"
"3","x ""y""",,"true"' "$out"
sql --format jsonl -c "select id, name, v, id > 1 as big from t where dt = '2024-01-01' order by id"
is "JSON lines are typed" '{"id":1,"name":"a","v":1.5,"big":false}
{"id":2,"name":"","v":2.0,"big":true}
{"id":3,"name":"x \"y\"","v":null,"big":true}' "$out"
sql --format json -c "select 1 as a where false"
is "JSON of no rows is an empty array" "[]" "$(tr -d '\n' <<<"$out")"
sql --format jsonl -c "select nan() as a, cast(1 as decimal(20,0)) / 3 as b, date '2024-01-01' as d"
is "what JSON has no number for is text" '{"a":"NaN","b":0,"d":"2024-01-01"}' "$out"
sql -c "select cast(null as varchar) as nothing, '' as empty, 'x' as text"
has "NULL is told from the empty text" "NULL" "$out"
sql -x -c "select 1 as one, 'b' as two"
is "expanded" "-[ 1 ]---
one  1
two  b" "$out"
sql -c "select U&'\\001b[31mred' as c"
lacks "no escape reaches a table" "$(printf '\033')" "$out"
sql --format csv -c "select ? + ? as sum" 40 2
is "parameters" '"sum"
"42"' "$out"
printf 'select 1 as a;\n-- a comment; \nselect 2 as b' >"$work/two.sql"
sql --format csv -f "$work/two.sql"
is "-f runs several statements" '"a" "1" "b" "2"' "$(echo $out)"
is "standard input too" '"a" "1" "b" "2"' "$(echo $(weir sql -b lake-test --format csv <"$work/two.sql"))"

sql --format csv -c "create table made as select 1 as a; insert into made select 2; prepare p from select a + ? as b from made order by 1; execute p using 10"
is "what writes prints nothing, EXECUTE its rows" '"b" "11" "12"' "$(echo $out)"
sql --format json -c "show tables in shop 'nothing*'"
is "SHOW of nothing is an empty array" "[]" "$(tr -d '\n' <<<"$out")"
sql -c "show create table t"
has "lines of one value stay lines" "LOCATION
  's3://lake-test/raw/t/'" "$out"

# --- what fails ---
sql -c "select 1 as a; select nothing from t; select 3 as c"
is "the first failure ends it with status 1" 1 "$status"
has "what was before is there" "1" "$out"
lacks "what is behind is not" "c" "$out"
has "the error has its line" "LINE 1: select nothing from t" "$errors"
is "and a mark below the place" "               ^" "$(tail -1 <<<"$errors")"
sql -c "select 'open"
is "an open string is an error" 1 "$status"
sql -c " -- nothing"
is "no statement is a usage error" 2 "$status"
sql -c "select 1" -f "$work/two.sql"
is "-c and -f are one of them" 2 "$status"
sql -f "$work/absent.sql"
is "an absent file" 1 "$status"
sql -c "use nowhere; select 1"
is "USE of an unknown database fails" 1 "$status"
sql --max-scan lots -c "select 1"
is "a limit that is no size" 2 "$status"
sql --readonly -c "create database other"
is "--readonly refuses" 5 "$status"
sql --readonly -c "with x as (select 1 as a) select * from x"
is "--readonly reads" 0 "$status"

# --- estimates ---
sql --dry-run -c "select * from t"
has "all partitions" "scans 66 B" "$out"
has "are counted" "all 3 partitions" "$out"
sql --dry-run -c "select * from t where dt = '2024-01-01'"
has "one partition" "scans 22 B" "$out"
sql --dry-run -c "select * from t where dt in ('2024-01-01', '2024-01-02') and id = 1"
has "IN" "scans 44 B" "$out"
sql --dry-run -c "select * from t a join t b on a.id = b.id where a.dt >= '2024-01-02' and b.dt between '2024-01-01' and '2024-01-01'"
has "each side by its own conditions" "scans 66 B" "$out"
sql -c "create view tv as select id, dt from t where dt = '2024-01-02'"
if [ "$status" = 0 ]; then
    sql --dry-run -c "select * from tv"
    has "views are followed" "scans 22 B" "$out"
fi
sql --dry-run -c "select * from t limit 1"
has "LIMIT is at most" "at most 66 B" "$out"
sql --dry-run -c "drop table t"
has "DDL is free" "free" "$out"
has "and a change" "it changes data" "$out"
sql --dry-run -c "select * from absent"
has "what is not there is unknown" "unknown" "$out"
sql -c "show tables"
has "a dry run ran nothing" "t" "$out"
sql --max-scan 30 -c "select count(*) from t"
is "above the limit is refused" 5 "$status"
has "with the figures" "scans 66 B" "$errors"
sql --max-scan 30 -c "select count(*) from t where dt = '2024-01-01'"
is "below it runs" 0 "$status"
sql --max-scan 30 --yes -c "select count(*) from t"
is "--yes confirms" 0 "$status"
sql --max-scan 20 -c "execute p"
is "what cannot be known is refused below a limit" 5 "$status"
mkdir -p "$XDG_CONFIG_HOME/weir" && printf 'sql-max-scan = 30\n' >"$XDG_CONFIG_HOME/weir/config.ini"
sql -c "select count(*) from t"
is "the limit of the configuration" 5 "$status"
sql --max-scan 1MB -c "select count(*) from t"
is "--max-scan replaces it" 0 "$status"
rm "$XDG_CONFIG_HOME/weir/config.ini"

# --- files ---
sql --format csv --output-file "$work/out.csv" -c "select 1 as a"
is "--output-file has the rows" '"a" "1"' "$(echo $(cat "$work/out.csv"))"
sql --format csv --output-file "$work/out.csv" -c "select 2 as a; select nothing"
is "after a failure it is as it was" '"a" "1"' "$(echo $(cat "$work/out.csv"))"
is "no part is left" "" "$(ls "$work"/*weir-part* 2>/dev/null)"
sql --output-file "$work/no/such/dir.csv" -c "select 1"
is "a place that cannot be written" 1 "$status"

# --- large results ---
cat >"$work/peak.py" <<'EOF'
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
EOF
big="select x * 1000 + y as n, 'some text that makes the row longer' as words from unnest(sequence(1, 500)) a(x) cross join unnest(sequence(1, 1000)) b(y)"
is "500 000 rows arrive" 500001 "$(weir sql -b lake-test --format csv -c "$big" | wc -l)"
read -r code peak < <(python3 "$work/peak.py" "$BUILD/weir" sql -b lake-test --format jsonl -c "$big")
is "a large result ends well" 0 "$code"
is "in little memory ($peak MiB)" 1 "$([ "$peak" -lt 64 ] && echo 1)"
weir sql -b lake-test --format csv -c "$big" 2>"$work/errors" | head -1 >/dev/null
is "a reader that goes is no error" "" "$(cat "$work/errors")"
odd="select n, case n % 4 when 0 then null when 1 then '' when 2 then 'a\"b' || chr(10) || 'c,d' else '\"' end as s from unnest(sequence(1, 3000)) t(n) order by n"
is "odd values come whole from the stored object" "3000 750 750 750 750" "$(weir sql -b lake-test --format jsonl -c "$odd" | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
want = {0: None, 1: "", 2: "a\"b\nc,d", 3: "\""}
print(len(rows), *[sum(r["s"] == want[k] and r["n"] % 4 == k for r in rows) for k in range(4)])')"

# --- Parquet ---
sql --format parquet --output-file "$work/out.parquet" -c "select id, name, v, date '2024-01-31' as d, cast(1.50 as decimal(5,2)) as p from t where dt = '2024-01-01' order by id"
is "a Parquet file is written" 0 "$status"
weir cp "$work/out.parquet" s3://lake-test/curated/back/out.parquet >/dev/null 2>&1
try weir sql -b lake-test -d shop -c "create external table back (id int, name string, v double, d date, p decimal(5,2)) stored as parquet location 's3://lake-test/curated/back/'"
sql --format jsonl -c "select * from back order by id"
is "and read again with its types" '{"id":1,"name":"a","v":1.5,"d":"2024-01-31","p":1.50}
{"id":2,"name":"","v":2.0,"d":"2024-01-31","p":1.50}
{"id":3,"name":"x \"y\"","v":null,"d":"2024-01-31","p":1.50}' "$out"
weir sql -b lake-test --format parquet -c "select 1 as a" >"$work/redirected.parquet"
is "redirected as well" "PAR1" "$(head -c 4 "$work/redirected.parquet")"
sql --format parquet --output-file "$work/two.parquet" -c "select 1 as a; select 2 as b"
is "two results are not one Parquet file" 2 "$status"
is "which is said before any runs" "" "$(ls "$work"/two.parquet* 2>/dev/null)"
sql --format parquet --output-file "$work/bad.parquet" -c "select nothing"
is "a failed query leaves no file" "" "$(ls "$work"/bad.parquet* "$work"/.weir* 2>/dev/null)"
try weir ls --format parquet
is "other verbs have no Parquet" 2 "$status"

weir sql -b lake-test --format parquet -c "select n as small, to_hex(sha256(to_utf8(cast(n as varchar)))) as large from unnest(sequence(1, 5000)) t(n)" >"$work/wide.parquet"
weir cp "$work/wide.parquet" s3://lake-test/curated/wide/wide.parquet >/dev/null 2>&1
sql -c "create external table wide (small bigint, large string) stored as parquet location 's3://lake-test/curated/wide/'"
sql --dry-run -c "select sum(small) from wide"
has "columns of Parquet have their share" "1 of 2 columns" "$out"

small=$(grep -o 'about [0-9.]* .iB' <<<"$out")
sql --dry-run -c "select large from wide"
large=$(grep -o 'about [0-9.]* .iB' <<<"$out")
is "the large column costs more" 1 "$([ -n "$small" ] && [ -n "$large" ] && [ "$small" != "$large" ] && echo 1)"
sql --dry-run -c "select * from wide"
has "a star takes all" "at most" "$out"

# --- the catalog, and completion in bash ---
try weir catalog shop.t --partitions --format csv
is "partitions with what lies below them" 3 "$(grep -c ',22,1,' <<<"$out")"
try weir catalog shop.t --versions --format jsonl
has "versions" '"version":"' "$out"
try weir catalog shop.t --ddl
has "the statement that makes a table" "CREATE EXTERNAL TABLE" "$out"
try weir catalog shop --ddl
is "which is of a table" 2 "$status"
try weir catalog --tables
has "the tables of all databases" "shop" "$out"
completed() { # words of a command line; the last one is being typed
    bash -c 'eval "$(weir completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _weir; echo "${COMPREPLY[@]}"' - "$@"
}
is "bash completes databases" shop "$(completed weir sql -d sh)"
has "and tables" shop.t "$(completed weir catalog shop.t)"
has "options still" --dry-run "$(completed weir sql --dry)"

# --- faults ---
csv() { weir sql -b lake-test --format csv -c "$1" 2>"$work/errors"; }
weir local fault athena:GetQueryExecution 400 code=ThrottlingException count=4 >/dev/null
is "throttled polling goes on" '"a" "1"' "$(echo $(csv "select 1 as a"))"
weir local fault s3:GetObject 503 count=2 >/dev/null
is "a stored result is asked for again" 5001 "$(csv "select n from unnest(sequence(1, 5000)) t(n)" | wc -l)"
weir local fault s3:GetObject 403 code=AccessDenied count=100 >/dev/null
is "without access to it pages are fetched" 5001 "$(csv "select n from unnest(sequence(1, 5000)) t(n)" | wc -l)"
weir local fault clear >/dev/null
is "cells of a MiB" 31457519 "$(csv "select rpad('x', 1048576, 'y') as c, n from unnest(sequence(1, 30)) t(n)" | wc -c)"
many=$(python3 -c "print(', '.join(f'{i} as c{i}' for i in range(5000)))")
is "5 000 columns" 4999 "$(csv "select $many" | tail -1 | tr -cd , | wc -c)"
is "as JSON too" 4999 "$(weir sql -b lake-test --format jsonl -c "select $many" | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["c4999"])')"
mkfifo "$work/pipe"
cat "$work/pipe" >"$work/through" &
sql --format csv --output-file "$work/pipe" -c "select 1 as a"
wait $!
is "a pipe is written to" '"a" "1"' "$(echo $(cat "$work/through"))"
is "and not replaced" 1 "$([ -p "$work/pipe" ] && echo 1)"
weir sql -b lake-test --format csv -c "select 1" >/dev/full 2>"$work/errors"
is "a full disk is an error" 1 $?
has "that says so" "No space left" "$(cat "$work/errors")"
long="select count(*) from unnest(sequence(1, 1000)) a cross join unnest(sequence(1, 9000)) b cross join unnest(sequence(1, 9000)) c cross join unnest(sequence(1, 9000)) d"
timeout --preserve-status -s INT 2 weir sql -b lake-test -c "$long" >"$work/out" 2>"$work/errors"
is "an interrupt ends it with status 130, when the service has said its word" 130 $?
