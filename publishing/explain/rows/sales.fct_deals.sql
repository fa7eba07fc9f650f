-- Deals by the day they closed.
select
    closed_date, amount_reporting, is_won, is_referral, is_closed, cycle_days, amount, currency, deal_key, person_key,
    company_key, customer_key, purchase_number, closed_at as moment, source, source_deal_id, deal_type
from build.sales.fct_deals
