-- No campaign, account or day is lost or doubled between the platforms and the mart: spend and clicks agree per account.
with

told as (

    {% for platform in var('ad_platforms') %}
        select
            '{{ platform }}' as platform,
            account_id,
            spend,
            clicks
        from {{ ref('stg_' ~ platform ~ '__campaign_daily') }}
        where activity_date <= {{ as_of_date() }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}

),

both_sides as (

    select platform, account_id, coalesce(spend, 0) as spend, coalesce(clicks, 0) as clicks from told
    union all
    select platform, account_id, -spend as spend, -clicks as clicks
    from {{ ref('fct_spend') }}
    where account_id is not null

)

select
    platform,
    account_id,
    sum(spend) as spend_missing,
    sum(clicks) as clicks_missing
from both_sides
group by platform, account_id
having sum(spend) <> 0 or sum(clicks) <> 0
