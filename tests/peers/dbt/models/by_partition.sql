{{ config(materialized='incremental', incremental_strategy='insert_overwrite', partitioned_by=['day'], format='parquet') }}
select code, label, amount, cast(day as date) as day from {{ ref('codes') }}
