-- The company's budgets by business day, else those of its channels and teams; and spend in the months that have any.
with

budgets as (

    select
        *,
        bool_or(level = 'company') over (partition by month_start_date) as company_has_its_own
    from build.intermediate.int_budgets__spread

)

select
    month_start_date, 'company' as level, budget, if(is_unconverted, 1, 0) as unconverted_rows,
    target_id as target_key, budget_date as day
from budgets
where level = 'company' or not company_has_its_own
union all by name
select
    date_trunc('month', activity_date)::date as month_start_date, 'company' as level,
    coalesce(spend_reporting, 0) as spend_reporting,
    if(spend_reporting is null and spend <> 0, 1, 0) as unconverted_rows,
    spend_key, activity_date as day, spend.platform, campaign_id, campaign_key, spend, spend.currency, fx_rate
from build.marketing.fct_spend as spend
left join build.core.dim_campaigns as campaigns using (campaign_key, platform, account_id)
where date_trunc('month', activity_date) in (select month_start_date from budgets)
