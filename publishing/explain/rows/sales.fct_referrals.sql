-- People whom others brought, by the moment they became known, and the deals that each of them won.
select created_at, is_customer, person_key, referrer_person_key, depth
from build.sales.fct_referrals
union all by name
select referrals.created_at, amount_reporting as revenue, deal_key, deals.amount, deals.currency, closed_date
from build.sales.fct_referrals as referrals
inner join build.sales.fct_deals as deals using (person_key)
where is_won
