with

known as (

    select
        campaign_key,
        platform,
        account_id,
        campaign_id,
        campaign_name,
        channel,
        currency,
        status
    from {{ ref('int_campaigns__unioned') }}

),

-- Campaigns that only links tell of; their channel is that of most of their touches.
unmapped as (

    select
        campaign_key,
        unmapped_campaign_name,
        channel,
        row_number() over (partition by campaign_key order by count(*) desc, channel asc) as place
    from {{ ref('int_touches__matched') }}
    where unmapped_campaign_name is not null
    group by campaign_key, unmapped_campaign_name, channel

)

select * from known
union all
select
    campaign_key,
    'utm' as platform,
    cast(null as {{ dbt.type_string() }}) as account_id,
    unmapped_campaign_name as campaign_id,
    unmapped_campaign_name as campaign_name,
    channel,
    cast(null as {{ dbt.type_string() }}) as currency,
    'unmapped' as status
from unmapped
where place = 1
