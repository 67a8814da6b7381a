{{ config(materialized='incremental', incremental_strategy='append') }}
select code, label from {{ ref('codes') }}
