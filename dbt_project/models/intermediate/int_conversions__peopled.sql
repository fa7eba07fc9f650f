-- Whose touches may have led to a conversion: the person's who converted; of a won deal, those of all its people.
with

conversions as (

    select * from {{ ref('int_conversions__derived') }}

),

unioned as (

    select conversion_key, conversion_type, person_key
    from conversions
    where conversion_type <> 'won_deal'
    union
    select conversions.conversion_key, conversions.conversion_type, resolved.person_key
    from conversions
    inner join {{ ref('int_deals__peopled') }} as peopled on conversions.deal_key = peopled.deal_key
    inner join {{ ref('int_people__resolved') }} as resolved
        on peopled.source = resolved.source and peopled.source_person_id = resolved.source_person_id
    where conversions.conversion_type = 'won_deal' and not resolved.is_excluded

)

select * from unioned
