-- Lost deals by the month they closed; an objection is a deal that had come to negotiation.
select
    date_trunc('month', closed_date)::date as month_start_date, 1 as lost_deals, amount_reporting as lost_amount,
    if(deal_key in (select deal_key from build.sales.fct_deal_stages where stage = 'negotiation'), 1, 0) as objections,
    deal_key, closed_date, loss_reason, amount, currency, owner_key
from build.sales.fct_deals
where is_closed and not is_won
