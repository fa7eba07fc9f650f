-- Sales: Monthly recurring revenue
-- Opening + new + expansion - contraction - churn + reactivation + what exchange rates did = closing.
select
    strftime(month_start_date, '%Y-%m') as month,
    opening_mrr as opening,
    new_mrr as new,
    expansion_mrr as expansion,
    contraction_mrr as contraction,
    churned_mrr as churn,
    reactivation_mrr as reactivation,
    currency_effect as rates,
    closing_mrr as closing,
    closing_customers as customers
from sales.sales.rpt_mrr_monthly, night
where level = 'company' and month_start_date between date_trunc('month', as_of) - interval 2 month and as_of
order by month desc
