-- Test, internal and junk records are counted as excluded and nowhere else.
select excluded.person_key, tables.name
from {{ ref('int_people__excluded') }} as excluded
inner join (
    select person_key, 'dim_people' as name from {{ ref('dim_people') }}
    union all
    select person_key, 'fct_lead_stages' from {{ ref('fct_lead_stages') }}
    union all
    select person_key, 'fct_touches' from {{ ref('fct_touches') }}
    union all
    select person_key, 'fct_attribution' from {{ ref('fct_attribution') }}
    union all
    select person_key, 'dim_contacts' from {{ ref('dim_contacts') }}
    union all
    select person_key, 'fct_identity_links' from {{ ref('fct_identity_links') }}
    union all
    select person_key, 'fct_deals' from {{ ref('fct_deals') }}
    union all
    select person_key, 'fct_activities' from {{ ref('fct_activities') }}
    union all
    select person_key, 'fct_subscriptions' from {{ ref('fct_subscriptions') }}
    union all
    select person_key, 'fct_referrals' from {{ ref('fct_referrals') }}
    union all
    select referrer_person_key, 'fct_referrals' from {{ ref('fct_referrals') }}
    union all
    select first_referrer_person_key, 'fct_referrals' from {{ ref('fct_referrals') }}
    union all
    select referrer_person_key, 'rpt_referrals' from {{ ref('rpt_referrals') }}
    union all
    select person_key, 'fct_email_consents' from {{ ref('fct_email_consents') }}
    union all
    select person_key, 'fct_handoffs' from {{ ref('fct_handoffs') }}
    union all
    select person_key, 'rpt_disagreements' from {{ ref('rpt_disagreements') }}
) as tables on excluded.person_key = tables.person_key
