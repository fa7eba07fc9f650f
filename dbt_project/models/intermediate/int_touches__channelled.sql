-- Every touch with its channel: the one its source names, else the first rule that fits.
with

touches as (

    select
        *,
        row_number() over (partition by person_key order by touched_at, source, source_touch_id) as place
    from {{ ref('int_touches__unioned') }}

),

origins as (

    select * from {{ ref('int_origins__channelled') }}

),

channelled as (

    select
        touches.*,
        coalesce(
            touches.named_channel,
            -- Only a web visit that tells nothing is direct; for other touches the kind may name the channel.
            case when not origins.is_bare or touches.touch_type in ('session', 'form') then origins.channel end,
            case
                when touches.touch_type = 'call' and touches.place = 1 then 'cold_call'
                when touches.touch_type = 'call' then 'warm_call'
            end,
            by_type.channel,
            'other'
        ) as channel
    from touches
    left join origins
        on
            touches.source_name is not distinct from origins.source_name
            and touches.medium is not distinct from origins.medium
            and lower(touches.campaign) is not distinct from origins.campaign
            and touches.click_id_type is not distinct from origins.click_id_type
    left join {{ ref('channels') }} as by_type
        on by_type.channel <> 'unattributed' and touches.touch_type = by_type.channel

)

select * from channelled
