#!/bin/bash
# The AWS CLI's athena commands for statements that write, against the embedded cloud. $AWS is the program.
. "$(dirname "$0")/../lib/checks.sh"
AWS=${AWS:-aws}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
export AWS_PAGER= AWS_MAX_ATTEMPTS=1
aws() { "$AWS" "$@" 2>&1; }
run() { # SQL: the query's id, when it has ended
    local id
    id=$(aws athena start-query-execution --query-string "$1" --query-execution-context Database=cli \
        --result-configuration OutputLocation=s3://athena-cli/results/ --query QueryExecutionId --output text)
    for _ in $(seq 100); do
        case $(aws athena get-query-execution --query-execution-id "$id" --query QueryExecution.Status.State --output text) in
        QUEUED | RUNNING) ;;
        *) break ;;
        esac
    done
    echo "$id"
}
state() { aws athena get-query-execution --query-execution-id "$1" --query QueryExecution.Status.State --output text; }
reason() { aws athena get-query-execution --query-execution-id "$1" --query QueryExecution.Status.StateChangeReason --output text; }
rows() { aws athena get-query-results --query-execution-id "$1" --query 'ResultSet.Rows[].Data[].VarCharValue' --output text; }

aws s3 mb s3://athena-cli >/dev/null
printf 'id,day,price\n1,2024-01-01,2.50\n2,2024-01-02,3.00\n' >"$tmp/a.csv"
aws s3 cp --no-progress "$tmp/a.csv" s3://athena-cli/raw/orders/a.csv >/dev/null
aws glue create-database --database-input Name=cli >/dev/null
is "CREATE EXTERNAL TABLE" SUCCEEDED "$(state "$(run "CREATE EXTERNAL TABLE orders (id int, day date, price decimal(10,2)) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://athena-cli/raw/orders/' TBLPROPERTIES ('skip.header.line.count'='1')")")"
ctas=$(run "CREATE TABLE lake WITH (format = 'PARQUET', write_compression = 'SNAPPY', partitioned_by = ARRAY['day']) AS SELECT id, price, day FROM orders")
is "CTAS" SUCCEEDED "$(state "$ctas")"
is "CTAS: rows written" 2 "$(aws athena get-query-results --query-execution-id "$ctas" --query UpdateCount --output text)"
is "CTAS: partitions" "2024-01-01 2024-01-02" "$(aws glue get-partitions --database-name cli --table-name lake --query 'Partitions[].Values[]' --output text | tr '\t' '\n' | sort | xargs)"
is "INSERT INTO" SUCCEEDED "$(state "$(run "INSERT INTO lake VALUES (3, 4.75, DATE '2024-01-03')")")"
is "SELECT of both" "n	total	3	10.25" "$(rows "$(run "SELECT count(*) AS n, sum(price) AS total FROM lake")")"
unload=$(run "UNLOAD (SELECT id FROM lake ORDER BY id) TO 's3://athena-cli/out/' WITH (format = 'TEXTFILE', compression = 'NONE')")
is "UNLOAD" SUCCEEDED "$(state "$unload")"
manifest=$(aws athena get-query-execution --query-execution-id "$unload" --query QueryExecution.Statistics.DataManifestLocation --output text)
object=$(aws s3 cp --no-progress "$manifest" -)
is "UNLOAD: the manifest names the object" "$(printf '1\n2\n3')" "$(aws s3 cp --no-progress "$object" -)"
has "UNLOAD to a place that is not empty" HIVE_PATH_ALREADY_EXISTS "$(reason "$(run "UNLOAD (SELECT 1 AS a) TO 's3://athena-cli/out/' WITH (format = 'JSON')")")"
is "CREATE VIEW" SUCCEEDED "$(state "$(run "CREATE VIEW cheap AS SELECT id FROM lake WHERE price < 3")")"
is "get-table: a view" VIRTUAL_VIEW "$(aws glue get-table --database-name cli --name cheap --query Table.TableType --output text)"
is "SELECT of the view" "id	1" "$(rows "$(run "SELECT id FROM cheap")")"
is "PREPARE" SUCCEEDED "$(state "$(run "PREPARE pick FROM SELECT price FROM lake WHERE id = ?")")"
is "get-prepared-statement" "SELECT price FROM lake WHERE id = ?" "$(aws athena get-prepared-statement --statement-name pick --work-group primary --query PreparedStatement.QueryStatement --output text)"
is "EXECUTE" "price	3.00" "$(rows "$(run "EXECUTE pick USING 2")")"
has "EXPLAIN" "Fragment 0" "$(rows "$(run "EXPLAIN SELECT count(*) FROM lake")")"
exit $failed
