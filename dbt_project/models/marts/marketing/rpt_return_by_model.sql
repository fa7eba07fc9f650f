{% set counts = {
    'leads': 'lead', 'qualified_leads': 'qualified', 'opportunities': 'opportunity', 'customers': 'customer'
} %}

with

spend as (

    select
        cast({{ dbt.date_trunc('month', 'activity_date') }} as date) as month_start_date,
        channel,
        coalesce(spend_reporting, 0) as spend_reporting,
        case when spend_reporting is null and spend <> 0 then 1 else 0 end as unconverted_spend_rows
    from {{ ref('fct_spend') }}

),

models as (

    select attribution_model
    from {{ ref('attribution_models') }}

),

attributed as (

    select
        cast({{ dbt.date_trunc('month', business_date('attribution.converted_at')) }} as date) as month_start_date,
        attribution.channel,
        attribution.attribution_model,
        {% for count, conversion_type in counts.items() %}
            case when attribution.conversion_type = '{{ conversion_type }}' then attribution.weight else 0 end
                as attributed_{{ count }},
        {% endfor %}
        case when attribution.conversion_type = 'won_deal' then coalesce(attribution.attributed_value, 0) else 0 end
            as attributed_revenue,
        case
            when
                attribution.conversion_type = 'won_deal'
                and deals.amount is not null
                and attribution.attributed_value is null
                then deals.deal_key
        end as unconverted_deal_key
    from {{ ref('fct_attribution') }} as attribution
    left join {{ ref('fct_deals') }} as deals
        on deals.deal_key = attribution.deal_key

),

unioned as (

    select
        spend.month_start_date,
        spend.channel,
        models.attribution_model,
        spend.spend_reporting,
        spend.unconverted_spend_rows,
        {% for count in counts %}
            0 as attributed_{{ count }},
        {% endfor %}
        0 as attributed_revenue,
        cast(null as {{ dbt.type_string() }}) as unconverted_deal_key
    from spend
    cross join models
    union all
    select
        month_start_date,
        channel,
        attribution_model,
        0 as spend_reporting,
        0 as unconverted_spend_rows,
        {% for count in counts %}
            attributed_{{ count }},
        {% endfor %}
        attributed_revenue,
        unconverted_deal_key
    from attributed

),

summed as (

    select
        month_start_date,
        channel,
        attribution_model,
        cast(sum(spend_reporting) as decimal(18, 2)) as spend_reporting,
        cast(sum(unconverted_spend_rows) as bigint) as unconverted_spend_rows,
        {% for count in counts %}
            cast(sum(attributed_{{ count }}) as decimal(38, 12)) as attributed_{{ count }},
        {% endfor %}
        cast(sum(attributed_revenue) as decimal(18, 2)) as attributed_revenue,
        cast(count(distinct unconverted_deal_key) as bigint) as unconverted_deals
    from unioned
    group by month_start_date, channel, attribution_model

),

divided as (

    select
        {{ surrogate_key(['month_start_date', 'channel', 'attribution_model']) }} as return_by_model_key,
        *,
        -- Less than a millionth of a lead is none.
        {{ cost_per('round(attributed_leads, 6)') }} as cost_per_lead,
        {{ cost_per('round(attributed_qualified_leads, 6)') }} as cost_per_qualified_lead,
        {{ cost_per('round(attributed_opportunities, 6)') }} as cost_per_opportunity,
        {{ cost_per('round(attributed_customers, 6)') }} as customer_acquisition_cost,
        cast(
            case
                when unconverted_spend_rows = 0 and unconverted_deals = 0 then attributed_revenue / nullif(spend_reporting, 0)
            end as double
        ) as return_on_ad_spend
    from summed

)

select * from divided
