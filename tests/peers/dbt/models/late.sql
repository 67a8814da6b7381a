{{ config(materialized='view') }}
select * from {{ ref('by_day') }} where n > 1
