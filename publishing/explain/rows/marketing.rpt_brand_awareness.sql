-- Visits by month: direct ones, searches that a rule of the seed brand_rules calls branded, and all.
select
    date_trunc('month', activity_date)::date as month_start_date, sessions,
    if(channel = 'direct', sessions, 0) as direct_sessions,
    if(channel in ('paid_search', 'organic_search') and exists (
        from build.seeds.brand_rules as rules where regexp_matches(visits.campaign, rules.campaign_pattern)
    ), sessions, 0) as branded_search_sessions,
    new_users as new_visitors,
    md5(concat_ws('|', activity_date, channel, coalesce(source, '~'), coalesce(campaign, '~'))) as visits_key,
    activity_date, channel, source as site, campaign
from build.intermediate.int_sessions__daily as visits
