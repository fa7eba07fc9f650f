with

numbered as (

    select
        deals_peopled.deal_key,
        people_resolved.person_key,
        people_resolved.is_excluded,
        row_number() over (
            partition by deals_peopled.deal_key
            order by
                people_resolved.is_excluded,
                deals_peopled.is_primary desc,
                length(deals_peopled.source_person_id),
                deals_peopled.source_person_id
        ) as place
    from {{ ref('int_deals__peopled') }} as deals_peopled
    inner join {{ ref('int_people__resolved') }} as people_resolved
        on
            deals_peopled.source = people_resolved.source
            and deals_peopled.source_person_id = people_resolved.source_person_id

)

select
    deal_key,
    person_key,
    is_excluded,
    min(place) = 1 as is_primary
from numbered
group by deal_key, person_key, is_excluded
