-- Nothing is lost on the way to the reports: each total equals that of the spend, the sessions, the stage ledger and the
-- deals it comes from, by channel and by campaign alike.
{% set measures = [
    'spend_reporting', 'impressions', 'clicks', 'platform_conversions', 'sessions', 'leads', 'qualified_leads',
    'opportunities', 'customers', 'won_deals', 'revenue', 'unconverted_deals', 'attributed_revenue'
] %}

with

sources as (

    select
        'spend_reporting' as measure,
        sum(spend_reporting) as total
    from {{ ref('fct_spend') }}
    union all
    select
        'impressions' as measure,
        sum(impressions) as total
    from {{ ref('fct_spend') }}
    union all
    select
        'clicks' as measure,
        sum(clicks) as total
    from {{ ref('fct_spend') }}
    union all
    select
        'platform_conversions' as measure,
        sum(platform_conversions) as total
    from {{ ref('fct_spend') }}
    union all
    select
        'sessions' as measure,
        sum(sessions) as total
    from {{ ref('fct_web_daily') }}
    {% for measure, conversion_type in [
        ('leads', 'lead'), ('qualified_leads', 'qualified'), ('opportunities', 'opportunity'), ('customers', 'customer')
    ] %}
        union all
        select
            '{{ measure }}' as measure,
            count(*) as total
        from {{ ref('int_conversions__derived') }}
        where conversion_type = '{{ conversion_type }}'
    {% endfor %}
    union all
    select
        'won_deals' as measure,
        count(*) as total
    from {{ ref('fct_deals') }}
    where
        is_won
        and closed_date is not null
    union all
    select
        'revenue' as measure,
        sum(amount_reporting) as total
    from {{ ref('fct_deals') }}
    where
        is_won
        and closed_date is not null
    union all
    select
        'unconverted_deals' as measure,
        sum(case when amount is not null and amount_reporting is null then 1 else 0 end) as total
    from {{ ref('fct_deals') }}
    where
        is_won
        and closed_date is not null
    union all
    select
        'attributed_revenue' as measure,
        sum(amount_reporting) as total
    from {{ ref('fct_deals') }}
    where
        is_won
        and closed_date is not null

),

reports as (

    {% for measure in measures %}
        {% for report in [
            'rpt_channel_performance', 'rpt_campaign_performance', 'rpt_channel_performance_cohorts',
            'rpt_campaign_performance_cohorts'
        ] %}
            select
                '{{ report }}' as report,
                '{{ measure }}' as measure,
                sum({{ measure }}) as total
            from {{ ref(report) }}
            union all
        {% endfor %}
        {% for report in ['rpt_channel_performance_periods', 'rpt_campaign_performance_periods'] %}
            {% for period in ['week', 'month', 'quarter'] %}
                select
                    '{{ report }} by {{ period }}' as report,
                    '{{ measure }}' as measure,
                    sum({{ measure }}) as total
                from {{ ref(report) }}
                where period = '{{ period }}'
                union all
            {% endfor %}
        {% endfor %}
        {% if measure in ['leads', 'qualified_leads', 'opportunities', 'customers'] %}
            select
                'rpt_lead_generation' as report,
                '{{ measure }}' as measure,
                sum({{ measure }}) as total
            from {{ ref('rpt_lead_generation') }}
            union all
        {% endif %}
    {% endfor %}
    select
        'rpt_return_by_model by ' || attribution_model as report,
        'attributed_revenue' as measure,
        sum(attributed_revenue) as total
    from {{ ref('rpt_return_by_model') }}
    group by attribution_model
    union all
    {% for measure in ['leads', 'qualified_leads', 'opportunities', 'customers'] %}
        select
            'rpt_return_by_model by ' || attribution_model as report,
            '{{ measure }}' as measure,
            sum(attributed_{{ measure }}) as total
        from {{ ref('rpt_return_by_model') }}
        group by attribution_model
        union all
    {% endfor %}
    select
        'rpt_return_by_model by ' || attribution_model as report,
        'spend_reporting' as measure,
        sum(spend_reporting) as total
    from {{ ref('rpt_return_by_model') }}
    group by attribution_model

)

select
    reports.report,
    reports.measure,
    reports.total as reported,
    sources.total as expected
from reports
inner join sources
    on sources.measure = reports.measure
where coalesce(reports.total, 0) <> coalesce(sources.total, 0)
