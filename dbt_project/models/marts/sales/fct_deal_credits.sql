with

deals as (

    select * from {{ ref('fct_deals') }}

),

-- Splits name a deal of the files, else of the CRM, as owners are named.
splits as (

    select
        numbered.deal_key,
        resolved.owner_key,
        numbered.share
    from (
        select
            deals.deal_key,
            splits.owner_id,
            splits.share,
            row_number() over (
                partition by splits.deal_id, splits.owner_id
                order by case when deals.source = 'files' then 0 else 1 end, deals.source
            ) as place
        from {{ ref('stg_files__deal_splits') }} as splits
        inner join deals
            on splits.deal_id = deals.source_deal_id
        where splits.share > 0
    ) as numbered
    inner join {{ ref('int_owners__resolved') }} as resolved
        on
            numbered.owner_id = resolved.source_owner_id
            and resolved.source = 'files'
    where numbered.place = 1

),

totals as (

    select
        deal_key,
        sum(share) as share
    from splits
    group by deal_key

),

parts as (

    select
        deal_key,
        owner_key,
        share
    from splits
    union all
    select
        deals.deal_key,
        deals.owner_key,
        1 - coalesce(totals.share, 0) as share
    from deals
    left join totals
        on deals.deal_key = totals.deal_key
    where coalesce(totals.share, 0) < 1

),

summed as (

    select
        deal_key,
        owner_key,
        cast(sum(share) as decimal(18, 12)) as share
    from parts
    group by deal_key, owner_key

),

running as (

    select
        *,
        cast(sum(share) over (partition by deal_key order by owner_key nulls last) as decimal(18, 12)) as running,
        cast(sum(share) over (partition by deal_key) as decimal(18, 12)) as whole
    from summed

)

select
    {{ surrogate_key(['running.deal_key', 'running.owner_key']) }} as deal_credit_key,
    running.deal_key,
    running.owner_key,
    teams.team,
    cast(running.share / running.whole as decimal(38, 12)) as share,
    deals.is_won,
    deals.is_closed,
    deals.deleted_at is not null as is_deleted,
    deals.closed_date,
    cast({{ split_amount(
        'cast(deals.amount_reporting as decimal(20, 2))',
        running='running.running',
        previous='running.running - running.share',
        whole='running.whole'
    ) }} as decimal(18, 2)) as amount_reporting,
    deals.amount is not null and deals.amount_reporting is null as is_unconverted
from running
inner join deals
    on running.deal_key = deals.deal_key
left join {{ ref('int_owners__teamed') }} as teams
    on
        running.owner_key = teams.owner_key
        and teams.first_day <= coalesce(deals.closed_date, {{ as_of_date() }})
        and teams.day_after_last > coalesce(deals.closed_date, {{ as_of_date() }})
