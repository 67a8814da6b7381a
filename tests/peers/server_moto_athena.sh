#!/bin/bash
# Our Athena client against moto's server, an Athena that nobody here wrote: it runs no SQL, but its states, results and errors are its own.
# moto comes from PyPI into the peers' venv.
. "$(dirname "$0")/../lib/checks.sh"
python=$PEERS/venv/bin/python
"$python" -c 'import moto, flask, moto.athena' 2>/dev/null || "$python" -m pip install -q 'moto[athena,glue,s3,server]==5.*' >/dev/null 2>&1
"$python" -c 'import moto, flask, moto.athena' 2>/dev/null || {
    echo "skip server_moto_athena: moto cannot be installed"
    exit 0
}
tmp=$(mktemp -d)
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')
MOTO_ATHENA_EXECUTION_TRANSITION=1 "$python" -m moto.server -H 127.0.0.1 -p "$port" >"$tmp/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 400); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; read -rt 0.05 <> <(:); done
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=moto AWS_SECRET_ACCESS_KEY=moto AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
next_result() { # rows as JSON: what moto answers to the next query
    "$python" - "$1" <<'PYTHON'
import json, os, sys, urllib.request
rows = json.loads(sys.argv[1])
body = {"results": [{"rows": [{"Data": [{"VarCharValue": c} for c in row]} for row in rows],
                     "column_info": [{"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": n, "Label": n, "Type": "varchar",
                                      "Precision": 0, "Scale": 0, "Nullable": "UNKNOWN", "CaseSensitive": True} for n in rows[0]]}]}
urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/moto-api/static/athena/query-results",
                                              json.dumps(body).encode(), {"Content-Type": "application/json"}))
PYTHON
}
"$python" -c 'import boto3; boto3.client("s3").create_bucket(Bucket="results"); boto3.client("athena").create_work_group(Name="team", Configuration={})'
sql() { weir sql --max-scan 0 --output s3://results/weir/ "$@" 2>"$tmp/err"; }
next_result '[["a","b"],["1","x"],["2",""]]'
is "a query starts, ends and answers its rows" '{"a":"1","b":"x"} {"a":"2","b":""}' "$(sql --format jsonl -c 'SELECT 1' | paste -sd ' ')"
next_result '[["n"],["7"]]'
is "in a workgroup" '{"n":"7"}' "$(sql --workgroup team --format jsonl -c 'SELECT 7')"
next_result '[["n"],["7"]]'
is "with parameters" '{"n":"7"}' "$(sql --format jsonl -c 'SELECT ?' 7)"
is "moto got the text, the parameter and the place" "SELECT ? ['7'] s3://results/weir/" "$("$python" - <<'PYTHON'
import boto3
athena = boto3.client("athena")
runs = [athena.get_query_execution(QueryExecutionId=i)["QueryExecution"] for i in athena.list_query_executions()["QueryExecutionIds"]]
run = [r for r in runs if "?" in r["Query"]][0]
print(run["Query"], run.get("ExecutionParameters"), run["ResultConfiguration"]["OutputLocation"].rsplit("/", 1)[0] + "/")
PYTHON
)"
exit $failed
