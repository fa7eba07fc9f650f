-- Every deal of the CRM and of the files is a deal here, once, but for those of nobody but test records and those that the
-- business day does not know yet.
with

told as (

    select
        'hubspot' as source,
        deal_id as source_deal_id,
        coalesce(created_at, closed_at) as known_at
    from {{ ref('stg_hubspot__deals') }}
    union all
    select
        'files' as source,
        deal_id as source_deal_id,
        coalesce(created_at, closed_at) as known_at
    from {{ ref('stg_files__deals') }}

),

tests as (

    select
        deals_peopled.deal_key
    from {{ ref('int_deals__peopled') }} as deals_peopled
    inner join {{ ref('int_people__resolved') }} as people
        on
            deals_peopled.source = people.source
            and deals_peopled.source_person_id = people.source_person_id
    group by deals_peopled.deal_key
    having bool_and(people.is_excluded)

)

select
    told.source,
    told.source_deal_id,
    count(deals.deal_key) as deals
from told
left join {{ ref('fct_deals') }} as deals
    on
        told.source = deals.source
        and told.source_deal_id = deals.source_deal_id
left join tests
    on {{ surrogate_key(['told.source', 'told.source_deal_id']) }} = tests.deal_key
where
    tests.deal_key is null
    and (told.known_at < {{ as_of_end() }} or told.known_at is null)
group by told.source, told.source_deal_id
having count(deals.deal_key) <> 1
