-- Marketing: Where it came from
-- The month so far by channel: that of each person's first touch. <i>unattributed</i> holds those whom no touch is known of,
-- so that the columns add up to the totals above.
select
    channel,
    sum(spend_reporting) as spend,
    sum(leads) as leads,
    sum(qualified_leads) as qualified_leads,
    if(sum(unconverted_spend_rows) = 0, cast(spend / nullif(sum(leads), 0) as decimal(18, 2)), null) as cost_per_lead,
    sum(customers) as customers,
    sum(revenue) as revenue
from marketing.marketing.rpt_channel_performance, night
where activity_date between date_trunc('month', as_of) and as_of
group by channel
having sum(spend_reporting) <> 0 or sum(leads + qualified_leads + customers) <> 0 or sum(revenue) <> 0
order by revenue desc nulls last, leads desc, spend desc, channel
