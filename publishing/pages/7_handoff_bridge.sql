-- The agreement: From qualified leads to handoffs
-- Why marketing's qualified leads are not the handoffs that sales was given: some skip the stage <i>qualified</i> and are nobody's to
-- answer, some are handed over later than that, some again.
select
    strftime(month_start_date, '%Y-%m') as month,
    coalesce(sum(leads) filter (where component = 'qualified_leads'), 0) as qualified_leads,
    coalesce(sum(leads) filter (where component = 'not_handed_over'), 0) as not_handed_over,
    coalesce(sum(leads) filter (where component = 'handed_over_late'), 0) as handed_over_late,
    coalesce(sum(leads) filter (where component = 'handed_over_again'), 0) as handed_over_again,
    coalesce(sum(leads) filter (where component = 'handoffs'), 0) as handoffs
from marketing.alignment.rpt_handoff_bridge, night
where month_start_date between date_trunc('month', as_of) - interval 2 month and as_of
group by month_start_date
order by month desc
