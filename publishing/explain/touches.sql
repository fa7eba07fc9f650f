-- The touches of the people behind a number up to its moment, or the one that is counted; and what gave each its channel.
with

found as (

    select distinct
        touches.touch_key, touches.person_key, touches.touched_at, touches.touch_type, touches.channel,
        coalesce(
            'rule ' || origins.channel_rule_priority,
            if(touches.named_channel is not null, 'named by ' || touches.source, 'its own name or kind')
        ) as channel_by,
        touches.source, touches.source_touch_id
    from behind
    inner join build.intermediate.int_touches__channelled as touches on {found_by}
    left join build.intermediate.int_origins__channelled as origins
        on touches.named_channel is null
        and touches.source_name is not distinct from origins.source_name
        and touches.medium is not distinct from origins.medium
        and lower(touches.campaign) is not distinct from origins.campaign
        and touches.click_id_type is not distinct from origins.click_id_type
        and touches.channel = origins.channel

)

select found.*
from found
left join places as of_touch on touch_key = of_touch.found_for
left join places as of_person on person_key = of_person.found_for
order by of_touch.place nulls last, of_person.place nulls last, touched_at, touch_key
