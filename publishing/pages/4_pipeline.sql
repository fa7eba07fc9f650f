-- Sales: Open pipeline
-- The deals that were open at the day's end, by stage; weighted: amount times the CRM's probability.
select
    stage,
    sum(deals) as deals,
    sum(amount_reporting) as amount,
    sum(weighted_amount) as weighted,
    sum(unconverted_deals) as deals_without_a_rate
from sales.sales.rpt_pipeline, night
where as_of_date = as_of
group by stage
having sum(deals) > 0
order by amount desc nulls last, stage
