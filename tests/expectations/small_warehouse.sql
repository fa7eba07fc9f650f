-- A night of two people, one won and one open deal, one campaign online and one flight: every total agrees.
create schema staging;
create schema core;
create schema marketing;
create schema sales;
create schema alignment;

create table staging.stg_google_ads__campaign_daily as
select 'a1' as account_id, 'USD' as currency, date '2026-06-29' as activity_date, 60.00::decimal(18, 2) as spend,
    100 as impressions, 10 as clicks;
create table staging.stg_meta_ads__campaign_daily as
from staging.stg_google_ads__campaign_daily limit 0;
create table staging.stg_files__spend as
select 's1' as spend_id, 'USD' as currency, 40.00::decimal(18, 2) as amount, date '2026-06-01' as start_date,
    date '2026-06-28' as end_date;
create table staging.stg_hubspot__deals as
select 'd1' as deal_id, 500.00::decimal(18, 2) as amount, true as is_won, timestamp '2026-06-20 10:00' as closed_at
union all
select 'd2', 300.00, false, null;
create table staging.stg_files__deals as
from staging.stg_hubspot__deals limit 0;
create table staging.stg_hubspot__deal_history as
select 'd2' as deal_id, 'amount' as property, '300.00' as value, timestamp '2026-06-01' as changed_at;

create table core.dim_people as
select 'p1' as person_key, 'DE' as country, 'customer' as current_stage, true as is_customer, true as is_active_customer,
    false as is_deleted
union all
select 'p2', 'FR', 'qualified', false, false, false;
create table core.dim_companies as
select 'c1' as company_key;
create table core.dim_campaigns as
select 'k1' as campaign_key, 'Summer' as campaign_name;
create table core.dim_channels as
select 'paid_search' as channel;
create table core.dim_dates as
select cast(day as date) as date_day from range(date '2026-01-01', date '2027-01-01', interval 1 day) as days(day);
create table core.fct_lead_stages as
select 'l1' as lead_stage_key, 'p1' as person_key, 'qualified' as stage, timestamp '2026-06-10' as entered_at,
    timestamp '2026-06-20' as exited_at, 864000 as duration_seconds, false as is_current
union all
select 'l2', 'p1', 'customer', timestamp '2026-06-20', null, null, true
union all
select 'l3', 'p2', 'qualified', timestamp '2026-06-29', null, null, true;
create table core.fct_touches as
select 't1' as touch_key, timestamp '2026-06-09' as touched_at, 'paid_search' as channel;
create table core.rpt_stage_daily as
select date '2026-06-30' as date_day, 'paid_search' as channel, 'customer' as stage, 1 as people
union all
select date '2026-06-30', 'direct', 'qualified', 1;
create table core.rpt_stage_transitions as
select null as from_stage, 'qualified' as to_stage, 'paid_search' as channel, date '2026-06-01' as month_start_date,
    2 as transitions, null as min_seconds
union all
select 'qualified', 'customer', 'paid_search', date '2026-06-01', 1, 864000;
create table core.metric_definitions as
select 'cost_per_lead' as metric;

create table marketing.fct_spend as
select 'f1' as spend_key, date '2026-06-29' as activity_date, 'google_ads' as platform, 'a1' as account_id,
    60.00::decimal(18, 2) as spend, 'USD' as currency, 60.00::decimal(18, 2) as spend_reporting, 100 as impressions,
    10 as clicks
union all
select 'f2', date '2026-06-28', 'offline', null, 40.00, 'USD', 40.00, 0, 0;
create table marketing.fct_spend_ad_groups as
select 'g1' as spend_ad_group_key, 'c1' as campaign_key, date '2026-06-10' as activity_date, true as is_difference,
    120.00::decimal(18, 2) as spend, 120.00::decimal(18, 2) as spend_reporting
union all
select 'g2', 'flight', date '2026-06-11', true, -20.00, -20.00;
create table marketing.fct_spend_ads as
select spend_ad_group_key as spend_ad_key, * exclude (spend_ad_group_key) from marketing.fct_spend_ad_groups;
create table marketing.fct_attribution as
select attribution_model || touch_key as attribution_key, 'v1' as conversion_key, 'won_deal' as conversion_type,
    timestamp '2026-06-20 10:00' as converted_at, attribution_model, touch_key, 1.0::decimal(38, 12) as weight,
    500.00::decimal(18, 2) as conversion_value, 500.00::decimal(18, 2) as attributed_value
from (values ('first_touch', 't1'), ('linear', 't1')) as rows(attribution_model, touch_key);
create table marketing.rpt_attribution_channels as
select 'won_deal' as conversion_type, 'linear' as attribution_model, 'paid_search' as channel,
    date '2026-06-01' as period_start, null::double as removal_effect;
create table marketing.rpt_attribution_disagreement as
select date '2026-06-01' as period_start, 'paid_search' as channel, 500.00::decimal(18, 2) as lowest_value,
    500.00::decimal(18, 2) as highest_value, 500.00::decimal(18, 2) as default_value;
create table marketing.rpt_attribution_rate as
select date '2026-06-01' as month_start_date, 'won_deal' as conversion_type, 1 as conversions, 1 as attributed,
    0 as unattributed, 500.00::decimal(18, 2) as conversion_value;
create table marketing.rpt_platform_claims as
select date '2026-06-01' as month_start_date, 'google_ads' as platform, 'paid_search' as channel, 1.0 as own_leads;
create table marketing.fct_email_daily as
select 'e1' as email_daily_key, 5 as human_opens;
create table marketing.fct_flights as
select 'f1' as flight_key, 5 as reach;
create table marketing.fct_social_daily as
select 'o1' as social_daily_key, 5 as reach;
create table marketing.fct_web_daily as
select 'w1' as web_daily_key, 9 as sessions, 5 as engaged_sessions;
create table marketing.rpt_email_lists_daily as
select 'mailchimp' as platform, 'i1' as list_id, date '2026-06-29' as activity_date, 5 as subscribers,
    1 as unsubscribed, 0 as bounced;
create table marketing.fct_email_consents as
select 'p1' as person_key, 'i1' as list_id, true as is_subscribed, 'subscribed' as status,
    null::timestamp as withdrawn_at;
create table marketing.fct_social_posts as
select 's1' as social_post_key, 5 as reach;
create table marketing.rpt_brand_awareness as
select date '2026-06-01' as month_start_date, 'website' as platform, null::varchar as account_id, 9 as sessions,
    0.5::double as branded_search_share;
create table marketing.rpt_channel_performance as
select date '2026-06-29' as activity_date, 'paid_search' as channel, 100.00::decimal(18, 2) as spend_reporting,
    2 as leads, 1 as customers, 500.00::decimal(18, 2) as revenue, 500.00::decimal(18, 2) as attributed_revenue;
create table marketing.rpt_campaign_performance as
select * exclude (channel), 'k1' as campaign_key from marketing.rpt_channel_performance;
create table marketing.rpt_channel_performance_periods as
select 'month' as period, date '2026-06-01' as period_start_date, * exclude (activity_date)
from marketing.rpt_channel_performance;
create table marketing.rpt_campaign_performance_periods as
select * exclude (channel), 'k1' as campaign_key from marketing.rpt_channel_performance_periods;
create table marketing.rpt_channel_performance_cohorts as
select date '2026-06-01' as cohort_month, * exclude (activity_date) from marketing.rpt_channel_performance;
create table marketing.rpt_campaign_performance_cohorts as
select * exclude (channel), 'k1' as campaign_key from marketing.rpt_channel_performance_cohorts;
create table marketing.rpt_return_by_model as
select date '2026-06-01' as month_start_date, 'paid_search' as channel, attribution_model,
    100.00::decimal(18, 2) as spend_reporting, 500.00::decimal(18, 2) as attributed_revenue
from (values ('first_touch'), ('linear')) as rows(attribution_model);
create table marketing.rpt_spend_bridge as
select date '2026-06-01' as month_start_date, component, 'USD' as currency, amount::decimal(18, 2) as amount
from (values ('with_leads', 60), ('offline', 40), ('total', 100)) as rows(component, amount);
create table marketing.rpt_budget_attainment as
select date '2026-06-01' as month_start_date, 'channel' as level, 'paid_search' as channel, null::varchar as team,
    200.00::decimal(18, 2) as budget, 190.00::decimal(18, 2) as expected_by_now, 0.5 as attainment;
create table marketing.rpt_lead_generation as
select date '2026-06-01' as month_start_date, 'paid_search' as channel, 'k1' as campaign_key, 'smb' as segment,
    2 as leads;
create table marketing.rpt_funnel_cohorts as
select date '2026-06-01' as cohort_month, 'paid_search' as channel, 'qualified' as stage, 2 as entered, 2 as reached;
create table marketing.rpt_funnel_segments as
select *, 'smb' as segment from marketing.rpt_funnel_cohorts;
create table marketing.rpt_funnel_calendar as
select cohort_month as month_start_date, cohort_month, channel, 'smb' as segment, stage, reached
from marketing.rpt_funnel_cohorts;

create table sales.fct_deals as
select 'h1' as deal_key, 'hubspot' as source, 'd1' as source_deal_id, 500.00::decimal(18, 2) as amount,
    'USD' as currency, 500.00::decimal(18, 2) as amount_reporting, 1.0::double as probability, true as is_won,
    true as is_closed, date '2026-06-20' as closed_date, null::timestamp as deleted_at
union all
select 'h2', 'hubspot', 'd2', 300.00, 'USD', 300.00, 0.5, false, false, null, null;
create table sales.fct_deal_stages as
select 'g1' as deal_stage_key, 60 as duration_seconds;
create table sales.fct_activities as
select 'y1' as activity_key, timestamp '2026-06-11' as occurred_at;
create table sales.dim_owners as
select 'r1' as owner_key;
create table sales.dim_contacts as
select 'p1' as person_key, 'zoe@example.com' as email;
create table sales.fct_identity_links as
select 'l1' as identity_link_key, 'p1' as person_key, 'r1' as record_key, 'email' as identifier_type,
    'h1' as identifier_hash, true as is_bound, cast(null as varchar) as refusal_reason;
create table sales.fct_subscriptions as
select 'u1' as subscription_key, timestamp '2026-06-01' as changed_at, 10.00::decimal(18, 2) as mrr;
create table sales.rpt_quota_attainment as
select level || '1' as quota_attainment_key, level, date '2026-04-01' as period_start, date '2026-06-30' as period_end,
    1000.00::decimal(18, 2) as target, 500.00::decimal(18, 2) as bookings
from (values ('rep'), ('company')) as levels(level);
create table sales.rpt_revenue_monthly as
select date '2026-06-01' as month_start_date, 'new' as deal_type, 500.00::decimal(18, 2) as revenue;
create table sales.rpt_customers_monthly as
select date '2026-06-01' as month_start_date, 1 as customers;
create table sales.rpt_pipeline as
select 'i1' as pipeline_key, date '2026-06-30' as as_of_date, 1 as deals;
create table sales.fct_deal_credits as
select 'x1' as deal_credit_key;
create table sales.rpt_sales_velocity as
select 'w1' as sales_velocity_key;
create table sales.rpt_loss_reasons as
select 'z1' as loss_reason_key;
create table sales.rpt_pipeline_daily as
select 'i1' as pipeline_day_key;
create table sales.rpt_mrr_monthly as
select 'm1' as mrr_month_key;
create table sales.rpt_revenue_retention as
select 'v1' as revenue_retention_key;
create table sales.fct_referrals as
select 'p2' as person_key;
create table sales.rpt_referrals as
select 'b1' as referrer_key;

create table alignment.fct_handoffs as
select 'n1' as handoff_key, timestamp '2026-06-10' as qualified_at, timestamp '2026-06-11' as due_at,
    timestamp '2026-06-10 09:00' as first_response_at, 3600 as response_business_seconds, 'met' as verdict,
    'rejected' as decision
union all
select 'n2', timestamp '2026-06-29', timestamp '2026-07-01', null, null, 'pending', 'open';
create table alignment.rpt_sla_monthly as
select date '2026-06-01' as month_start_date, 'all' as segment, 2 as handoffs, 1 as met, 0 as breached, 1 as pending;
create table alignment.rpt_handoff_bridge as
select 'hb1' as handoff_bridge_key, 'qualified_leads' as component, 2 as leads
union all
select 'hb2', 'handoffs', 2;
create table alignment.rpt_lead_quality as
select 'q1' as lead_quality_key, 2 as delivered;
create table alignment.rpt_lead_quality_segments as
select 'qs1' as lead_quality_segment_key, 2 as delivered;
create table alignment.rpt_rejections as
select 'rj1' as rejection_key, 1 as rejected;
create table alignment.rpt_disagreements as
select 'n1' as disagreement_key, timestamp '2026-06-10' as qualified_at, timestamp '2026-06-10 09:00' as disagreed_at;
