with

-- Several mailings may carry one name in their links: it is none of a single one.
in_links as (

    select
        'mailchimp' as platform,
        lower(trim(utm_campaign)) as alias,
        min(campaign_id) as campaign_id
    from {{ ref('stg_mailchimp__campaigns') }}
    where trim(utm_campaign) <> ''
    group by lower(trim(utm_campaign))
    having count(distinct campaign_id) = 1

),

seeded as (

    select
        platform,
        lower(trim(alias)) as alias,
        campaign_id
    from {{ ref('campaign_aliases') }}

),

unioned as (

    select * from seeded
    union all
    select in_links.*
    from in_links
    left join seeded
        on
            seeded.platform = in_links.platform
            and seeded.alias = in_links.alias
    where seeded.alias is null

)

select * from unioned
