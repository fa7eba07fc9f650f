-- Few rows of every table that metrics are computed from, in round numbers: what each metric must be is worked out in the
-- test. Two channels, two months, two pages, one rep, one refund.
create schema core;
create schema marketing;
create schema sales;
create schema alignment;

create table core.dim_dates as
select cast(day as date) as date_day from range(date '2026-05-01', date '2026-07-01', interval 1 day) as days(day);

create table marketing.rpt_channel_performance as
from (values
    ('1', date '2026-05-10', 'paid_search', 600.00, 10000, 200, 150, 90, 6, 3, 2, 1, 1, 1000.00, 9.0),
    ('2', date '2026-06-10', 'paid_search', 200.00, 5000, 100, 50, 30, 2, 1, 0, 0, 1, 600.00, 3.0),
    ('3', date '2026-06-10', 'tv', 400.00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.00, 0.0)
) as rows(
    channel_performance_key, activity_date, channel, spend_reporting, impressions, clicks, sessions, engaged_sessions,
    leads, qualified_leads, opportunities, customers, won_deals, attributed_revenue, platform_conversions
);
create table marketing.fct_spend as
from (values ('1', date '2026-05-10', 'tv', 110.00), ('2', date '2026-06-10', 'tv', 55.00), ('3', date '2026-06-11', 'tv', null))
as rows(spend_key, activity_date, channel, spend_constant_currency);
create table marketing.fct_web_daily as
from (values ('1', date '2026-05-10', 'direct', 60, 50, 12), ('2', date '2026-06-10', 'direct', 40, 20, 8))
as rows(web_daily_key, activity_date, channel, sessions, engaged_sessions, key_events);
create table marketing.rpt_brand_awareness as
from (values ('1', date '2026-05-01', 'website', 300, 90, 15, 40), ('2', date '2026-06-01', 'website', 100, 10, 5, 20))
as rows(brand_awareness_key, month_start_date, platform, sessions, direct_sessions, branded_search_sessions, new_visitors);
create table marketing.fct_email_daily as
from (values
    ('1', date '2026-05-10', 'mailchimp', 'c1', 110, 100, 30, 8, 5, 2),
    ('2', date '2026-06-10', 'mailchimp', 'c2', 105, 100, 20, 2, 1, 1)
) as rows(
    email_daily_key, activity_date, platform, campaign_key, sent, delivered, human_opens, clicks, clickers, unsubscribes
);
alter table marketing.fct_email_daily add column human_openers bigint default 15;
create table marketing.rpt_email_lists_daily as
from (values
    ('1', date '2026-06-09', 'mailchimp', 'news', 100),
    ('2', date '2026-06-10', 'mailchimp', 'news', 110),
    ('3', date '2026-06-10', 'mailchimp', 'offers', 40)
) as rows(email_list_daily_key, activity_date, platform, list_id, subscribers);
alter table marketing.rpt_email_lists_daily add column joined bigint default 5;
alter table marketing.rpt_email_lists_daily add column unsubscribed bigint default 2;
alter table marketing.rpt_email_lists_daily add column bounced bigint default 1;
alter table marketing.rpt_email_lists_daily add column archived bigint default 1;
create table marketing.fct_social_posts as
from (values
    ('1', 'facebook', date '2026-05-10', 300, 7),
    ('2', 'facebook', date '2026-06-10', 100, 1),
    ('3', 'instagram', date '2026-06-10', null, 50)
) as rows(social_post_key, platform, posted_date, views, shares);
create table marketing.fct_social_daily as
from (values
    ('1', date '2026-06-09', 'facebook', 'page', 500, 400, 20, 1000),
    ('2', date '2026-06-10', 'facebook', 'page', 700, 500, 30, 1010),
    ('3', date '2026-06-10', 'instagram', 'profile', 300, 300, 10, 200),
    ('4', date '2026-06-09', 'instagram', 'profile', null, null, 50, null)
) as rows(social_daily_key, activity_date, platform, account_id, reach, views, engagements, followers);
create table marketing.rpt_attribution_channels as
from (values
    ('lead', 'linear', 'paid_search', date '2026-05-01', 3.5),
    ('lead', 'linear', 'direct', date '2026-05-01', 1.5),
    ('lead', 'linear', 'unattributed', date '2026-05-01', 2),
    ('lead', 'linear', 'paid_search', null, 3.5),
    ('lead', 'linear', 'direct', null, 1.5)
) as rows(conversion_type, attribution_model, channel, period_start, conversions);
create table marketing.rpt_return_by_model as
from (values
    ('1', date '2026-05-01', 'paid_search', 'first_touch', 400.00, 500.00),
    ('2', date '2026-05-01', 'paid_search', 'last_touch', 400.00, 700.00)
) as rows(return_by_model_key, month_start_date, channel, attribution_model, spend_reporting, attributed_revenue);
create table marketing.rpt_attribution_rate as
from (values
    ('1', date '2026-05-01', 'won_deal', 15, 12, 1500.00, 1400.00),
    ('2', date '2026-06-01', 'won_deal', 5, 3, 500.00, 400.00)
) as rows(
    attribution_rate_key, month_start_date, conversion_type, conversions, attributed, conversion_value, attributed_value
);
create table marketing.rpt_platform_claims as
from (values
    ('1', date '2026-05-01', 'google_ads', 'paid_search', 9.0, 3.5),
    ('2', date '2026-05-01', 'meta_ads', 'paid_social', 3.0, 0.5)
) as rows(platform_claim_key, month_start_date, platform, channel, platform_conversions, own_leads);
create table marketing.rpt_attribution_disagreement as
from (values ('1', date '2026-05-01', 'tv', 200.00), ('2', date '2026-06-01', 'tv', 50.00), ('3', null, 'tv', 240.00))
as rows(attribution_disagreement_key, period_start, channel, spread);
create table marketing.rpt_budget_attainment as
from (values
    ('1', date '2026-05-01', 'channel', 'paid_search', null, 2000.00, 800.00),
    ('2', date '2026-05-01', 'company', null, null, 2000.00, 1200.00)
) as rows(budget_attainment_key, month_start_date, level, channel, team, budget, spend_reporting);
create table marketing.rpt_funnel_cohorts as
from (values
    (date '2026-05-01', 'paid_search', 'qualified', 10, 4),
    (date '2026-06-01', 'paid_search', 'qualified', 10, 1)
) as rows(cohort_month, channel, stage, entered, reached);

-- One customer buys twice, another once by referral and gets a part back; one deal is open, one was won on no known day.
create table sales.fct_deals as
from (values
    ('1', date '2026-05-20', 'p1', 'new', 900.00, 900.00, true, false, 10),
    ('2', date '2026-06-20', 'p1', 'expansion', 100.00, 100.00, true, false, 20),
    ('3', date '2026-06-20', 'p2', 'new', 700.00, 700.00, true, true, 60),
    ('4', date '2026-06-25', 'p2', 'new', -200.00, -200.00, true, true, 0),
    ('5', null, 'p3', 'new', 5000.00, 5000.00, false, false, null),
    ('6', null, 'p4', 'new', 3000.00, 3000.00, true, true, null)
) as rows(deal_key, closed_date, person_key, deal_type, amount, amount_reporting, is_won, is_referral, cycle_days);
alter table sales.fct_deals add column customer_key varchar;
update sales.fct_deals set customer_key = person_key;
alter table sales.fct_deals add column purchase_number integer;
update sales.fct_deals set purchase_number = case deal_key when '1' then 1 when '2' then 2 when '3' then 1 end;
create table sales.rpt_revenue_monthly as
from (values (date '2026-05-01', 'recurring', 50.00, 0.00), (date '2026-06-01', 'recurring', 40.00, 10.00))
as rows(month_start_date, deal_type, recurring_revenue, churned_revenue);
create table sales.rpt_pipeline as
from (values
    ('1', date '2026-06-29', 'proposal', 'r1', 9000.00, 4500.00, 3, 1),
    ('2', date '2026-06-30', 'proposal', 'r1', 5000.00, 2500.00, 4, 1),
    ('3', date '2026-06-30', 'negotiation', 'r1', 1000.00, 800.00, 4, 3)
) as rows(pipeline_key, as_of_date, stage, owner_key, amount_reporting, weighted_amount, closed_deals, won_deals);
create table sales.rpt_quota_attainment as
from (values
    ('1', date '2026-04-01', 'rep', 'r1', 'north', 2000.00, 1500.00, 1000.00),
    ('2', date '2026-04-01', 'team', null, 'north', 2000.00, 1500.00, 1000.00),
    ('3', date '2026-04-01', 'company', null, null, 2000.00, 1500.00, 1000.00),
    ('4', date '2026-01-01', 'company', null, null, 2000.00, 1000.00, null),
    ('5', date '2026-07-01', 'company', null, null, 1000.00, 0.00, 1000.00)
) as rows(quota_attainment_key, period_start, level, owner_key, team, target, bookings, pipeline_open);
alter table sales.rpt_quota_attainment add column is_running boolean;
update sales.rpt_quota_attainment set is_running = period_start = date '2026-04-01';

create table sales.rpt_mrr_monthly as
from (values
    ('1', date '2026-05-01', 'company', 'all', 50.00, 0.00, 0.00, 0.00, 0.00, 0),
    ('2', date '2026-06-01', 'company', 'all', 20.00, 10.00, 5.00, 20.00, 5.00, 1),
    ('3', date '2026-06-01', 'plan', 'team', 20.00, 10.00, 5.00, 20.00, 5.00, 1)
) as rows(
    mrr_month_key, month_start_date, level, plan, new_mrr, expansion_mrr, contraction_mrr, churned_mrr, reactivation_mrr,
    churned_customers
);
alter table sales.rpt_mrr_monthly add column opening_mrr decimal(18, 2);
alter table sales.rpt_mrr_monthly add column closing_mrr decimal(18, 2);
alter table sales.rpt_mrr_monthly add column closing_customers bigint;
update sales.rpt_mrr_monthly set opening_mrr = 0, closing_mrr = 50, closing_customers = 2 where mrr_month_key = '1';
update sales.rpt_mrr_monthly set opening_mrr = 50, closing_mrr = 60, closing_customers = 3 where mrr_month_key <> '1';
create table sales.rpt_revenue_retention as
from (values ('1', date '2026-05-01', date '2026-06-01', 1, 60.00, 75.00, 50.00), ('2', date '2026-04-01', date '2026-06-01', 2, 40.00, 35.00, 30.00))
as rows(revenue_retention_key, cohort_month, month_start_date, months_since, opening_mrr, closing_mrr, retained_mrr);
alter table sales.rpt_revenue_retention add column customers bigint default 5;
alter table sales.rpt_revenue_retention add column active_customers bigint default 4;
create table sales.fct_referrals as
from (values
    ('p4', timestamp '2026-05-03', true, 500.00), ('p5', timestamp '2026-06-03', true, 200.00),
    ('p6', timestamp '2026-06-04', false, 0.00)
) as rows(person_key, created_at, is_customer, revenue);
create table sales.rpt_sales_velocity as
from (values
    ('1', 'company', 'month', date '2026-05-01', 20, 6, 3, 6000.00, 4000.00, 310, 3),
    ('2', 'company', 'month', date '2026-06-01', 22, 4, 1, 4000.00, 1000.00, 90, 1),
    ('3', 'company', 'quarter', date '2026-04-01', 22, 10, 4, 10000.00, 5000.00, 400, 4),
    ('4', 'rep', 'month', date '2026-06-01', 22, 4, 1, 4000.00, 1000.00, 90, 1),
    ('5', 'company', 'month', date '2026-07-01', 24, 0, 0, 0.00, 0.00, 0, 0)
) as rows(
    sales_velocity_key, level, period, period_start_date, open_deals, closed_deals, won_deals, closed_amount, won_amount,
    won_cycle_days, won_deals_with_cycle
);
alter table sales.rpt_sales_velocity add column is_complete boolean;
update sales.rpt_sales_velocity set is_complete = period = 'month' and period_start_date < date '2026-07-01';
alter table sales.rpt_sales_velocity add column owner_key varchar;
alter table sales.rpt_sales_velocity add column team varchar;
alter table sales.rpt_sales_velocity add column deal_type varchar;
create table sales.rpt_loss_reasons as
from (values
    ('1', date '2026-05-01', 'proposal', 'price', 'new', 4, 4000.00, 0),
    ('2', date '2026-06-01', 'negotiation', 'price', 'new', 2, 1000.00, 2)
) as rows(loss_reason_key, month_start_date, stage, loss_reason, deal_type, lost_deals, lost_amount, objections);

create table alignment.rpt_sla_monthly as
from (values
    (date '2026-05-01', 'unsegmented', 20.00, 20.00, 15, 15, 16, 10, 5, 1),
    (date '2026-06-01', 'unsegmented', 20.00, 12.00, 9, 9, 9, 5, 0, 4),
    (date '2026-06-01', 'smb', null, null, 6, 0, 6, 0, 0, 6)
) as rows(
    month_start_date, segment, committed_leads, expected_by_now, delivered_leads, promised_leads_delivered, handoffs, met,
    breached, pending
);
create table alignment.fct_handoffs as
from (values
    ('1', timestamp '2026-05-03', 600), ('2', timestamp '2026-05-04', 3600), ('3', timestamp '2026-06-03', 7200),
    ('4', timestamp '2026-06-04', null)
) as rows(handoff_key, qualified_at, response_business_seconds);
create table alignment.rpt_lead_quality as
from (values
    ('1', date '2026-05-01', 'paid_search', 'c1', 10, 6, 3, 1, 4, 2, 1000.00, 90.00),
    ('2', date '2026-06-01', 'paid_search', 'c1', 10, 2, 1, 0, 1, 1, 500.00, 10.00)
) as rows(
    lead_quality_key, month_start_date, channel, campaign_key, delivered, accepted, rejected, never_worked, opportunities,
    won, revenue, cost_of_rejected
);

-- All of this money has a rate.
alter table marketing.rpt_channel_performance add column unconverted_spend_rows bigint default 0;
alter table marketing.rpt_channel_performance add column unconverted_credits bigint default 0;
alter table marketing.rpt_return_by_model add column unconverted_spend_rows bigint default 0;
alter table marketing.rpt_return_by_model add column unconverted_deals bigint default 0;
alter table marketing.rpt_budget_attainment add column unconverted_rows bigint default 0;
alter table sales.rpt_quota_attainment add column unconverted_quotas bigint default 0;
alter table sales.rpt_quota_attainment add column unconverted_deals bigint default 0;
alter table sales.rpt_quota_attainment add column unconverted_open_deals bigint default 0;
alter table sales.rpt_sales_velocity add column unconverted_deals bigint default 0;
alter table sales.rpt_revenue_retention add column unconverted_openings bigint default 0;
alter table sales.rpt_revenue_retention add column unconverted_subscriptions bigint default 0;
alter table sales.rpt_mrr_monthly add column unconverted_changes bigint default 0;
alter table sales.rpt_mrr_monthly add column opening_unconverted_subscriptions bigint default 0;
alter table sales.rpt_mrr_monthly add column unconverted_subscriptions bigint default 0;
