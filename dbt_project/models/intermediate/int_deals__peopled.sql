with

unioned as (

    select
        'hubspot' as source,
        deal_id as source_deal_id,
        contact_id as source_person_id,
        coalesce(is_primary, false) as is_marked
    from {{ ref('stg_hubspot__deal_contacts') }}
    union all
    select
        'files' as source,
        deal_id as source_deal_id,
        person_id as source_person_id,
        true as is_marked
    from {{ ref('stg_files__deals') }}
    where person_id is not null

),

peopled as (

    select
        {{ surrogate_key(['source', 'source_deal_id']) }} as deal_key,
        source,
        source_person_id,
        row_number() over (
            partition by source, source_deal_id
            order by is_marked desc, length(source_person_id), source_person_id
        ) = 1 as is_primary
    from unioned

)

select * from peopled
