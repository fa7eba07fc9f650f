-- Marketing: Budgets
-- The month's budgets and what was spent of them so far; expected by now: the budget of the business days gone by.
select
    coalesce(channel, team, level) as budget_of,
    budget,
    expected_by_now,
    spend_reporting as spend,
    variance_by_now as above_expected,
    attainment_by_now as of_expected
from marketing.marketing.rpt_budget_attainment, night
where month_start_date = date_trunc('month', as_of) and budget is not null
order by level, budget desc, budget_of
