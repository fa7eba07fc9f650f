-- The touches that may stand in a path: all of marketing's, and of sales those before the person was qualified. Such a cold
-- call is an origin like any other; afterwards it works the deal.
{{ config(materialized='view') }}

with

qualified as (

    select person_key, converted_at as qualified_at
    from {{ ref('int_conversions__derived') }}
    where conversion_type = 'qualified'

),

admitted as (

    select
        touches.touch_key,
        touches.person_key,
        touches.touched_at,
        touches.channel,
        touches.campaign_key,
        touches.source,
        touches.source_touch_id
    from {{ ref('int_touches__matched') }} as touches
    left join qualified on touches.person_key = qualified.person_key
    where
        touches.department <> 'sales'
        or qualified.qualified_at is null
        or touches.touched_at < qualified.qualified_at

)

select * from admitted
