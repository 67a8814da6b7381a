#!/bin/bash
# The AWS CLI's athena commands against the embedded cloud. $AWS is the program.
. "$(dirname "$0")/../lib/checks.sh"
AWS=${AWS:-aws}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
export AWS_PAGER= AWS_MAX_ATTEMPTS=1
aws() { "$AWS" "$@" 2>&1; }
start() { aws athena start-query-execution --query-string "$1" --query-execution-context Database=cli "${@:2}" --query QueryExecutionId --output text; }
state() { # waits for the end; says how it ended
    local state
    for _ in $(seq 200); do
        state=$(aws athena get-query-execution --query-execution-id "$1" --query QueryExecution.Status.State --output text)
        case $state in QUEUED | RUNNING) ;; *) break ;; esac
    done
    echo "$state"
}

aws s3 mb s3://athena-cli >/dev/null
printf '1,Ann\n2,Bob\n' >"$tmp/a.csv"
aws s3 cp --no-progress "$tmp/a.csv" s3://athena-cli/people/dt=1/a.csv >/dev/null
has "without a place for results" "No output location provided" "$(start 'SELECT 1')"
is "create-work-group" "" "$(aws athena create-work-group --name cli --configuration ResultConfiguration={OutputLocation=s3://athena-cli/results/} --tags Key=team,Value=ops)"
has "create-work-group twice" "is already created" "$(aws athena create-work-group --name cli)"
is "list-tags-for-resource" "team	ops" "$(aws athena list-tags-for-resource --resource-arn arn:aws:athena:us-east-1:123456789012:workgroup/cli --query 'Tags[].[Key,Value]' --output text)"
is "list-work-groups" "cli primary" "$(aws athena list-work-groups --query 'WorkGroups[].Name' --output text | tr '\t' '\n' | sort | paste -sd ' ')"
is "list-engine-versions" "AUTO" "$(aws athena list-engine-versions --query 'EngineVersions[0].SelectedEngineVersion' --output text)"
is "CREATE DATABASE" SUCCEEDED "$(state "$(start 'CREATE DATABASE cli' --work-group cli)")"
is "CREATE EXTERNAL TABLE" SUCCEEDED "$(state "$(start "CREATE EXTERNAL TABLE people (id int, name string) PARTITIONED BY (dt string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://athena-cli/people/'" --work-group cli)")"
id=$(start 'MSCK REPAIR TABLE people' --work-group cli)
is "MSCK REPAIR TABLE" SUCCEEDED "$(state "$id")"
has "its report is the .txt object" "Repair: Added partition to metastore people:dt=1" "$(aws s3 cp "s3://athena-cli/results/$id.txt" -)"
id=$(start 'SELECT name FROM people ORDER BY id' --work-group cli)
is "SELECT" SUCCEEDED "$(state "$id")"
is "get-query-results" "name Ann Bob" "$(aws athena get-query-results --query-execution-id "$id" --query 'ResultSet.Rows[].Data[].VarCharValue' --output text | tr '\t' ' ')"
is "in pages" "name Ann Bob" "$(aws athena get-query-results --query-execution-id "$id" --page-size 1 --query 'ResultSet.Rows[].Data[].VarCharValue' --output text | tr '\t\n' '  ' | sed 's/ $//')"
is "the result object" '"name" "Ann" "Bob"' "$(aws s3 cp "s3://athena-cli/results/$id.csv" - | paste -sd ' ')"
is "bytes scanned" 12 "$(aws athena get-query-execution --query-execution-id "$id" --query QueryExecution.Statistics.DataScannedInBytes --output text)"
is "get-query-runtime-statistics" 2 "$(aws athena get-query-runtime-statistics --query-execution-id "$id" --query QueryRuntimeStatistics.Rows.OutputRows --output text)"
is "batch-get-query-execution" "DML" "$(aws athena batch-get-query-execution --query-execution-ids "$id" --query 'QueryExecutions[0].StatementType' --output text)"
has "list-query-executions" "$id" "$(aws athena list-query-executions --work-group cli --query 'QueryExecutionIds' --output text)"
named=$(aws athena create-named-query --name all --database cli --query-string 'SELECT * FROM people' --work-group cli --query NamedQueryId --output text)
is "get-named-query" "SELECT * FROM people" "$(aws athena get-named-query --named-query-id "$named" --query NamedQuery.QueryString --output text)"
is "list-named-queries" "$named" "$(aws athena list-named-queries --work-group cli --query 'NamedQueryIds' --output text)"
is "create-prepared-statement" "" "$(aws athena create-prepared-statement --statement-name one --work-group cli --query-statement 'SELECT name FROM people WHERE id = ?')"
is "list-prepared-statements" one "$(aws athena list-prepared-statements --work-group cli --query 'PreparedStatements[].StatementName' --output text)"
is "list-databases" cli "$(aws athena list-databases --catalog-name AwsDataCatalog --query 'DatabaseList[].Name' --output text)"
is "list-table-metadata" people "$(aws athena list-table-metadata --catalog-name AwsDataCatalog --database-name cli --query 'TableMetadataList[].Name' --output text)"
id=$(start 'SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y), UNNEST(sequence(1, 10000)) c(z) WHERE sqrt(x * y * z) > 3' --work-group cli)
is "stop-query-execution" "" "$(aws athena stop-query-execution --query-execution-id "$id")"
is "the stopped query" CANCELLED "$(state "$id")"
has "create-data-catalog is not there" NotImplemented "$(aws athena create-data-catalog --name x --type HIVE)"
has "delete-work-group with contents" "is not empty" "$(aws athena delete-work-group --work-group cli)"
is "delete-work-group" "" "$(aws athena delete-work-group --work-group cli --recursive-delete-option)"
has "what was in it is gone" "is not found" "$(aws athena get-named-query --named-query-id "$named")"
exit $failed
