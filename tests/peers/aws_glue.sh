#!/bin/bash
# The AWS CLI's glue commands against the embedded cloud. $AWS is the program.
. "$(dirname "$0")/../lib/checks.sh"
AWS=${AWS:-aws}
tmp=$(mktemp -d) && trap 'rm -rf "$tmp"' EXIT
export AWS_PAGER= AWS_MAX_ATTEMPTS=1
aws() { "$AWS" "$@" 2>&1; }

aws s3 mb s3://glue-cli >/dev/null
printf 'id,day,price\n1,2024-01-01,2.50\n2,2024-01-02,3.00\n' >"$tmp/a.csv"
aws s3 cp --no-progress "$tmp/a.csv" s3://glue-cli/raw/orders/a.csv >/dev/null
is "create-database" "" "$(aws glue create-database --database-input Name=cli)"
has "create-database twice" AlreadyExistsException "$(aws glue create-database --database-input Name=CLI)"
is "create-crawler" "" "$(aws glue create-crawler --name cli --role r --database-name cli --targets 'S3Targets=[{Path=s3://glue-cli/raw/}]')"
is "start-crawler" "" "$(aws glue start-crawler --name cli)"
for _ in $(seq 100); do
    [ "$(aws glue get-crawler --name cli --query Crawler.State --output text)" = READY ] && break
done
is "get-crawler says how it ended" SUCCEEDED "$(aws glue get-crawler --name cli --query Crawler.LastCrawl.Status --output text)"
is "get-tables" orders "$(aws glue get-tables --database-name cli --query 'TableList[].Name' --output text)"
is "get-table: types" "bigint	date	decimal(18,2)" "$(aws glue get-table --database-name cli --name orders --query 'Table.StorageDescriptor.Columns[].Type' --output text)"
is "get-crawler-metrics" 1 "$(aws glue get-crawler-metrics --crawler-name-list cli --query 'CrawlerMetricsList[0].TablesCreated' --output text)"
is "list-crawlers" cli "$(aws glue list-crawlers --query 'CrawlerNames[]' --output text)"
has "get-jobs is not there" NotImplemented "$(aws glue get-jobs)"
is "delete-crawler" "" "$(aws glue delete-crawler --name cli)"
is "delete-database" "" "$(aws glue delete-database --name cli)"
has "get-database of what is gone" EntityNotFoundException "$(aws glue get-database --name cli)"
exit $failed
