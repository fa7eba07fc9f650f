-- The shares that a channel's touches have of won deals, under the model that gives it most, less those under the model
-- that gives it least (nothing, if it does not credit the channel at all).
with

credits as (

    select
        date_trunc('month', business_date(converted_at))::date as period_start, channel, attribution_model,
        coalesce(attributed_value, 0) as attributed_value,
        touch_key, person_key, deal_key, converted_at as moment, round(weight, 4) as weight, conversion_value
    from build.marketing.fct_attribution
    where conversion_type = 'won_deal'

),

-- Of several the first by name.
extremes as (

    select
        period_start, channel,
        min_by(attribution_model, (-coalesce(credited, 0), attribution_model)) as most_generous,
        min_by(attribution_model, (coalesce(credited, 0), attribution_model)) as least_generous
    from (select distinct period_start, channel from credits)
    cross join build.seeds.attribution_models
    left join (
        select period_start, channel, attribution_model, sum(attributed_value) as credited from credits group by all
    ) using (period_start, channel, attribution_model)
    group by all

)

select
    period_start, channel,
    if(attribution_model = most_generous, attributed_value, -attributed_value) as spread,
    if(attribution_model = most_generous, 'most', 'least') as generous, * exclude (period_start, channel)
from credits
inner join extremes using (period_start, channel)
where most_generous <> least_generous and attribution_model in (most_generous, least_generous)
