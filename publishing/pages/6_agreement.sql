-- The agreement: Both halves
-- Marketing owes qualified leads, sales owes an answer within the agreed business hours. Expected by now: the commitment of the business days gone by;
-- in time: of the handoffs that were answered or are overdue.
select
    strftime(month_start_date, '%Y-%m') as month,
    if(segment = 'unsegmented', 'all others', segment) as segment,
    committed_leads as committed,
    expected_by_now,
    delivered_leads as delivered,
    attainment_by_now as of_expected,
    handoffs,
    met as in_time,
    breached as late,
    pending,
    follow_up_rate as rate_in_time
from marketing.alignment.rpt_sla_monthly, night
where month_start_date between date_trunc('month', as_of) - interval 2 month and as_of
order by month desc, segment = 'all others', segment
