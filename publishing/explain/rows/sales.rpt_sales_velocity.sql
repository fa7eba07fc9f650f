-- Deals by the month they closed; a refund is no deal that could be won or lost.
select
    date_trunc('month', closed_date)::date as period_start_date, 'company' as level, 'month' as period,
    if(amount < 0, 0, 1) as closed_deals, if(is_won and not coalesce(amount < 0, false), 1, 0) as won_deals,
    if(amount < 0, 0, amount_reporting) as closed_amount,
    if(is_won and not coalesce(amount < 0, false), amount_reporting, 0) as won_amount,
    if(amount is not null and amount_reporting is null, 1, 0) as unconverted_deals,
    deal_key, person_key, closed_at as moment, closed_date, is_won, amount, currency, owner_key
from build.sales.fct_deals
where is_closed and closed_date is not null
