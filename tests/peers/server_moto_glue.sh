#!/bin/bash
# Our Glue client against moto's server, a Data Catalog that nobody here wrote. moto comes from PyPI into the peers' venv.
. "$(dirname "$0")/../lib/checks.sh"
python=$PEERS/venv/bin/python
"$python" -c 'import moto, flask' 2>/dev/null || "$python" -m pip install -q 'moto[glue,s3,server]==5.*' >/dev/null 2>&1
"$python" -c 'import moto, flask' 2>/dev/null || {
    echo "skip server_moto_glue: moto cannot be installed"
    exit 0
}
tmp=$(mktemp -d)
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
"$python" -m moto.server -H 127.0.0.1 -p "$port" >"$tmp/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 400); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; read -rt 0.05 <> <(:); done
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=moto AWS_SECRET_ACCESS_KEY=moto AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
"$python" - <<'PYTHON' >"$tmp/setup" 2>&1
import boto3
glue = boto3.client("glue")
glue.create_database(DatabaseInput={"Name": "shop", "Description": "peers"})
for i in range(120):
    glue.create_table(DatabaseName="shop", TableInput={"Name": "t%03d" % i, "Parameters": {"classification": "csv"},
        "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "price", "Type": "decimal(18,2)"}], "Location": "s3://lake/t/"},
        "PartitionKeys": [{"Name": "dt", "Type": "date"}]})
for day in ("2024-01-01", "2024-01-02", "2024-01-04"):
    glue.create_partition(DatabaseName="shop", TableName="t000", PartitionInput={"Values": [day], "StorageDescriptor": {"Location": "s3://lake/t/dt=%s/" % day}})
PYTHON
has "databases" shop "$(weir catalog 2>&1)"
is "tables of all pages" 120 "$(weir catalog shop --format jsonl 2>"$tmp/err" | wc -l)"
has "columns and types" 'decimal(18,2)' "$(weir catalog shop.t000 2>&1)"
has "partition keys stand behind" '"key":"partition"' "$(weir catalog shop.t000 --format jsonl 2>&1)"
has "partitions are counted" 'partitions  3' "$(weir catalog shop.t000 2>&1)"
has "a database that is not there" EntityNotFoundException "$(weir catalog nope 2>&1)"
has "a crawler that is not there" EntityNotFoundException "$(weir crawl nope 2>&1)"
weir crawl peer --create s3://lake/t/ --database shop 2>"$tmp/err" && pass "a crawler is created and started" || fail "a crawler is created and started" "$(cat "$tmp/err")"
has "crawlers" peer "$(weir catalog --crawlers 2>&1)"
exit $failed
