with

people as (

    select * from {{ ref('int_people__merged') }}

),

last_spells as (

    select person_key, stage
    from (
        select
            person_key,
            stage,
            row_number() over (
                partition by person_key
                order by entered_at desc, exited_at desc nulls first, stage_rank desc nulls first, spell_number desc
            ) as place_from_last
        from {{ ref('int_lead_stages__spelled') }}
    ) as numbered
    where place_from_last = 1

),

customers as (

    select distinct person_key
    from {{ ref('int_conversions__derived') }}
    where conversion_type = 'customer'

),

first_touches as (

    select person_key, channel, campaign_key
    from (
        select
            *,
            row_number() over (partition by person_key order by touched_at, source, source_touch_id) as place
        from {{ ref('int_touches__matched') }}
    ) as numbered
    where place = 1

),

referrers as (

    select distinct referrers.person_key
    from {{ ref('int_people__unioned') }} as referred
    inner join {{ ref('int_people__resolved') }} as known
        on referred.source = known.source and referred.source_person_id = known.source_person_id
    inner join {{ ref('int_people__resolved') }} as referrers
        on referred.source = referrers.source and referred.referred_by_source_person_id = referrers.source_person_id
    where not known.is_excluded and known.person_key <> referrers.person_key

),

described as (

    select
        people.person_key,
        people.company_key,
        people.created_at,
        coalesce(last_spells.stage, 'cold') as current_stage,
        lead_stages.temperature,
        lead_stages.owned_by,
        people.segment,
        people.country,
        coalesce(first_touches.channel, 'unattributed') as original_channel,
        first_touches.campaign_key as original_campaign_key,
        customers.person_key is not null as is_customer,
        lead_stages.temperature = 'customer' and people.deleted_at is null as is_active_customer,
        referrers.person_key is not null as has_referred,
        people.deleted_at is not null as is_deleted
    from people
    left join last_spells on people.person_key = last_spells.person_key
    left join {{ ref('lead_stages') }} as lead_stages on coalesce(last_spells.stage, 'cold') = lead_stages.stage
    left join customers on people.person_key = customers.person_key
    left join first_touches on people.person_key = first_touches.person_key
    left join referrers on people.person_key = referrers.person_key

)

select * from described
