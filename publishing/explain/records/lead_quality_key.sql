-- All lines of spend of the campaign in the month.
select lead_quality_key as found_for, records.* exclude (spend_key)
from behind
inner join build.marketing.fct_spend as lines
    on lead_quality_key = md5(concat_ws(
        '|', date_trunc('month', activity_date)::date, lines.channel, coalesce(lines.campaign_key, '~')
    ))
inner join spend_records as records using (spend_key)
