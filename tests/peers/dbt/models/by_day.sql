{{ config(materialized='table', format='parquet', write_compression='zstd') }}
select day, count(*) as n, sum(amount) as total, array_join(array_agg(label order by code), '|') as labels from {{ ref('codes') }} group by day
