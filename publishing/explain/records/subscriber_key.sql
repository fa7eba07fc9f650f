-- All subscriptions of a customer: a person, else a company, else the subscription itself.
select subscriber_key as found_for, 'files' as source, 'subscriptions' as table_name, raw.subscription_id as record,
    _dlt_load_id
from behind
inner join (
    select distinct subscription_key, coalesce(person_key, company_key, subscription_key) as subscriber_key
    from build.sales.fct_subscriptions
) as held using (subscriber_key)
inner join files.raw.subscriptions as raw on held.subscription_key = md5('files|' || raw.subscription_id)
