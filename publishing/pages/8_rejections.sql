-- The agreement: Why sales sent leads back
-- Handoffs of this month and the two before, and what marketing spent on them.
select
    rejection_reason as reason,
    sum(rejected) as rejected,
    sum(cost) as cost
from marketing.alignment.rpt_rejections, night
where month_start_date between date_trunc('month', as_of) - interval 2 month and as_of
group by rejection_reason
order by rejected desc, reason
