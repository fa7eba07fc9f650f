-- What raw tells, in plain SQL on the tables as they were loaded: no model is read, and what is left out is spelled out here.
create macro as_of() as date '2026-06-30';
create macro month_of(moment) as cast(date_trunc('month', moment) as date);
create macro quarter_of(moment) as cast(date_trunc('quarter', moment) as date);
create macro readable(written) as cast(try_cast(written as timestamptz) as timestamp);

-- So many parts of an amount, to the cent.
create macro part_of(amount, parts, whole) as round(cast(amount * parts / whole as decimal(28, 8)), 2);

-- What a US dollar is worth on a day: the last rate told on or before it, either way round, at most a week old.
create macro dollars(amount, the_currency, the_day) as round(amount * case when the_currency = 'USD' then 1 else (
    select max_by(if(to_currency = 'USD', rate, 1 / rate), rate_date)
    from files.raw.fx_rates
    where the_currency in (from_currency, to_currency) and 'USD' in (from_currency, to_currency)
        and rate_date between the_day - 7 and the_day
) end, 2);

-- Who is no customer: test records, the company's own and junk, as the seed person_exclusion_rules says;
-- with each such record the others of the same mailbox and those merged with it.
create view records as
select source, record_id, email, split_part(split_part(email, '@', 1), '+', 1) as mailbox, full_name, is_test
from (
    select 'hubspot' as source, id as record_id, lower(trim(email)) as email,
        lower(trim(concat_ws(' ', firstname, lastname))) as full_name, is_test = 'true' as is_test
    from hubspot.raw.contacts
    union all
    select 'files', person_id, lower(trim(email)), lower(trim(full_name)), is_test from files.raw.people
);
create table refused as
select * from records
where is_test or email like '%@lumenworks.example'
    or mailbox in ('noreply', 'no-reply', 'donotreply', 'do-notreply', 'donot-reply', 'do-not-reply', 'mailer-daemon')
    or mailbox in ('postmaster', 'abuse', 'qwerty', 'qwertz', 'testing', 'tester')
    or regexp_full_match(mailbox, 'asdf+|test[0-9]*|aaa+|xxx+')
    or full_name in ('foo bar', 'mickey mouse', 'donald duck', 'qwerty', 'qwerty qwerty', 'test')
    or full_name in ('test test', 'test user', 'test contact', 'test lead', 'test person')
    or regexp_full_match(full_name, 'asdf+( asdf+)?');
create table excluded as
with recursive
merged as (
    select id as one, survivor_id as other from hubspot.raw.contact_merges
    union all
    select survivor_id, id from hubspot.raw.contact_merges
),
tainted as (
    select source, record_id from records
    where (source, record_id) in (select source, record_id from refused)
        or email in (select email from refused where email <> '')
    union
    select source, other from tainted inner join merged on source = 'hubspot' and record_id = one
)
select source, record_id as source_person_id from tainted;

-- Deals, but for those of nobody but the excluded and those merged into another.
create view deals as
select
    'hubspot' as source, id as deal_id, cast(amount as decimal(18, 2)) as amount, deal_currency_code as currency,
    cast(created_at as timestamp) as created_at, readable(closedate) as closed_at, hs_is_closed_won = 'true' as is_won,
    hs_is_closed = 'true' as is_closed, archived, hubspot_owner_id as owner_id, dealstage as stage,
    case dealtype when 'newbusiness' then 'new' when 'existingbusiness' then 'expansion' else dealtype end as deal_type,
    nullif(closed_lost_reason, '') as loss_reason, is_referral = 'true' as is_referral
from hubspot.raw.deals
where id not in (
    select deal_id from hubspot.raw.deal_contacts group by deal_id
    having bool_and(contact_id in (select source_person_id from excluded where source = 'hubspot'))
)
    and id not in (select id from hubspot.raw.deal_merges)
union all
select
    'files', deal_id, amount, currency, created_at, closed_at, is_won, closed_at is not null, false, owner_id, stage,
    deal_type, loss_reason, false
from files.raw.deals
where ('files', coalesce(person_id, '')) not in (from excluded);

-- Who sold: the reps of both systems by name.
create view reps as
select 'hubspot' as source, id as owner_id, first_name || ' ' || last_name as full_name from hubspot.raw.owners
union all
select 'files', owner_id, full_name from files.raw.owners;

-- Calls, meetings, emails and tasks, but for deleted ones, those at a time that cannot be read or is still to come, and
-- those with nobody but the excluded.
create view activities as
with told as (
    select 'call' as kind, id, archived, readable(hs_timestamp) as occurred_at from hubspot.raw.calls
    union all
    select 'meeting', id, archived, coalesce(readable(hs_meeting_start_time), readable(hs_timestamp))
    from hubspot.raw.meetings
    union all
    select 'email', id, archived, readable(hs_timestamp) from hubspot.raw.emails
    union all
    select 'task', id, archived, readable(hs_timestamp) from hubspot.raw.tasks
),
participants as (
    select 'call' as kind, call_id as id, contact_id from hubspot.raw.call_contacts
    union all
    select 'meeting', meeting_id, contact_id from hubspot.raw.meeting_contacts
    union all
    select 'email', email_id, contact_id from hubspot.raw.email_contacts
    union all
    select 'task', task_id, contact_id from hubspot.raw.task_contacts
)
select 'hubspot' as source, kind, occurred_at
from told
where not archived and occurred_at < as_of() + 1 and (kind, id) not in (
    select (kind, id) from participants group by kind, id
    having bool_and(contact_id in (select source_person_id from excluded where source = 'hubspot'))
)
union all
select 'files', activity_type, occurred_at
from files.raw.activities
where occurred_at < as_of() + 1 and ('files', coalesce(person_id, '')) not in (from excluded);

-- Each entry into the stage that hands a person over to sales.
create view handoffs as
select source, id as record_id, changed_at as qualified_at
from (
    select *, lag(value) over (partition by source, id order by changed_at) as value_before
    from (
        select 'hubspot' as source, id, cast(changed_at as timestamp) as changed_at, value
        from hubspot.raw.contact_history
        where property = 'lifecyclestage'
        union all
        select 'files', person_id, changed_at, stage from files.raw.stage_changes
    )
)
where value in ('marketingqualifiedlead', 'qualified') and value_before is distinct from value
    and (source, id) not in (from excluded);

-- Each time that sales turned a person down who had been handed over, and why.
create view rejections as
select coalesce(nullif(hs_lead_disqualification_reason, ''), 'unstated') as reason
from hubspot.raw.leads
where hs_pipeline_stage = 'unqualified-stage-id'
union all
select 'unstated'
from (
    select *, lag(stage) over (partition by person_id order by changed_at) as stage_before
    from files.raw.stage_changes
    where ('files', person_id) not in (from excluded)
)
where stage = 'disqualified' and stage_before = 'qualified';

-- What a subscription costs a month from a moment on: its start, its changes, its end; not those of the excluded.
create view prices as
select subscription_id, plan, currency, changed_at, price
from (
    select subscription_id, changed_at, mrr as price from files.raw.subscription_changes
    union all
    select subscription_id, started_at, mrr from files.raw.subscriptions
    anti join files.raw.subscription_changes as changes using (subscription_id)
    union all
    select subscription_id, ended_at, 0 from files.raw.subscriptions where ended_at is not null
)
inner join files.raw.subscriptions using (subscription_id)
where ('files', coalesce(person_id, '')) not in (from excluded);
create view mrr_months as
select month_start_date, plan, sum(dollars(price, currency, cast(changed_at as date))) as mrr
from (
    select month_start_date, subscription_id, plan, currency,
        max_by(price, changed_at) as price, max(changed_at) as changed_at
    from prices
    inner join (select unnest(range(date '2025-01-01', as_of() + 1, interval 1 month))::date as month_start_date)
        on month_of(changed_at) <= month_start_date
    group by all
)
group by all;

-- Days of a target: business days of its period, numbered.
create macro is_business_day(the_day) as isodow(the_day) <= 5 and the_day not in (select holiday from holidays);
create view target_days as
select *, row_number() over (partition by target_id order by target_day) as day_number,
    count(*) over (partition by target_id) as period_days
from (
    select *, unnest(range(period_start, period_end + 1, interval 1 day))::date as target_day from files.raw.targets
)
where is_business_day(target_day);

-- The company's quotas: each rep's share of each business day, of the version valid then and as far as its ramp has come; a
-- team's own quota where none of its reps has one.
create view company_quotas as
with days as (
    select *, row_number() over (
        partition by owner_id, team, period_start, target_day order by valid_from desc
    ) as place,
        dollars(amount, currency, least(period_start, as_of())) / period_days
        * if(ramp is null, 1, least(0.25 * (1 + date_sub('month', start_date, target_day)), 1)) as quota
    from target_days left join (select owner_id, start_date from files.raw.owners) using (owner_id)
    where department = 'sales' and valid_from <= target_day
),
quotas as (
    select period_start, period_end, owner_id, team, round(sum(quota), 2) as target,
        round(sum(if(target_day <= as_of(), quota, 0)), 2) as expected_by_now
    from days where place = 1
    group by period_start, period_end, owner_id, if(owner_id is null, team, null), team
)
select period_start, period_end, sum(target) as target, sum(expected_by_now) as expected_by_now
from quotas
where owner_id is not null
    or (period_start, team) not in (select period_start, team from quotas where owner_id is not null)
group by all;

-- A flight's amount evenly over its days, so that they sum to it to the cent.
create view flight_days as
select start_date + day_number as activity_date, currency,
    part_of(amount, day_number + 1, days) - part_of(amount, day_number, days) as spend
from (
    select *, end_date - start_date + 1 as days, unnest(range(end_date - start_date + 1))::integer as day_number
    from files.raw.spend
)
where start_date + day_number <= as_of();

-- What the ad platforms bill, at each level.
create macro google(table_name) as table
select
    'google_ads' as platform, cast(customer_id as varchar) as account_id, currency_code as currency,
    segments_date as activity_date, cast(round(cost_micros * 0.000001, 2) as decimal(18, 2)) as spend, impressions, clicks,
    conversions as platform_conversions
from query_table(table_name) inner join google_ads.raw.accounts using (customer_id);
create macro meta(table_name) as table
select
    'meta_ads' as platform, account_id, currency, date_start as activity_date, cast(spend as decimal(18, 2)) as spend,
    impressions, clicks, coalesce(leads, 0) + coalesce(purchases, 0) as platform_conversions
from query_table(table_name) inner join meta_ads.raw.accounts using (account_id);

-- Every address that somebody or a mailing list knows, as the mailbox it reaches; role mailboxes are nobody's.
create table addresses as
select address, case
        when address similar to '.*@(gmail|googlemail)\.com' then replace(mailbox, '.', '') || '@gmail.com'
        else mailbox || '@' || split_part(address, '@', 2)
    end as mailbox
from (
    select distinct address, split_part(split_part(address, '@', 1), '+', 1) as mailbox
    from (
        select email as address from records
        union all
        select lower(trim(email_address)) from mailchimp.raw.members
        union all
        select lower(trim(email_address)) from mailchimp.raw.email_activity
    )
)
where address <> '' and mailbox not in (select local_part from read_csv('dbt_project/seeds/role_mailboxes.csv'));

-- Who is who: records of one mailbox or merged with each other, by the first of them.
create table people as
with recursive
known as (
    select source, record_id, addresses.mailbox from records left join addresses on address = email
    union all
    select 'hubspot', id, null from hubspot.raw.contact_merges
    where id not in (select id from hubspot.raw.contacts)
),
numbered as (
    select source || ':' || record_id as record, *
    from known anti join excluded on known.source = excluded.source and record_id = source_person_id
),
linked as (
    select one.record as record, other.record as next_record
    from numbered as one inner join numbered as other using (mailbox)
    union
    select 'hubspot:' || id, 'hubspot:' || survivor_id from hubspot.raw.contact_merges
    union
    select 'hubspot:' || survivor_id, 'hubspot:' || id from hubspot.raw.contact_merges
),
reached as (
    select record, record as one from numbered
    union
    select reached.record, next_record from reached inner join linked on linked.record = reached.one
)
select source, record_id, min(one) as one
from reached inner join numbered using (record) group by all;

-- How far up the ladder a record's changes, leads and deals say that somebody has come, and when.
create view stages_reached as
with
stages as (
    select crm as source, crm_stage, stage_rank
    from read_csv('dbt_project/seeds/crm_stage_map.csv')
    inner join read_csv('dbt_project/seeds/lead_stages.csv') using (stage)
    union all
    select 'files', stage, stage_rank from read_csv('dbt_project/seeds/lead_stages.csv')
),
people_of_deals as (
    select 'hubspot' as source, deal_id, contact_id as record_id from hubspot.raw.deal_contacts
    union all
    select 'files', deal_id, person_id from files.raw.deals
),
steps as (
    select 'hubspot' as source, id as record_id, value as crm_stage, cast(changed_at as timestamp) as reached_at
    from hubspot.raw.contact_history where property in ('lifecyclestage', 'hs_lead_status')
    union all
    select 'hubspot', contact_id, value, cast(changed_at as timestamp)
    from hubspot.raw.lead_history inner join hubspot.raw.lead_contacts on lead_id = lead_history.id
    where property = 'hs_pipeline_stage'
    union all
    select 'hubspot', record_id, value, cast(changed_at as timestamp)
    from hubspot.raw.deal_history inner join people_of_deals on source = 'hubspot' and deal_id = deal_history.id
    where property = 'dealstage' and value <> 'closedwon'
    union all
    select 'files', person_id, stage, changed_at from files.raw.stage_changes
    union all
    select 'files', record_id, stage, changed_at
    from files.raw.deal_stage_changes inner join people_of_deals using (deal_id) where stage <> 'won'
)
select source, record_id, stage_rank, reached_at from steps inner join stages using (source, crm_stage)
union all
select source, record_id, (select stage_rank from stages where crm_stage = 'customer' limit 1), closed_at
from deals inner join people_of_deals using (source, deal_id)
where is_won and coalesce(amount, 0) >= 0;

-- Who filled in a form, clicked in an email or came to an event.
create view engagements as
select 'hubspot' as source, id as record_id, readable(value) as engaged_at, 'form' as kind
from hubspot.raw.contact_history where property = 'recent_conversion_date'
union all
select 'files', person_id, touched_at, touch_type
from files.raw.touches
where touch_type in (select touch_type from read_csv('dbt_project/seeds/engagement_rules.csv'))
union all
select source, record_id, cast(timestamp as timestamp), 'email_click'
from mailchimp.raw.email_activity
inner join addresses as clicked on address = lower(trim(email_address))
inner join addresses as known on known.mailbox = clicked.mailbox
inner join records on records.email = known.address
where action = 'click';

-- The first time that somebody stands as high as this or higher; engaged before being known is engaged when known.
create table conversions as
with
born as (
    select one, min(created_at) as created_at
    from (
        select 'hubspot' as source, id as record_id, cast(created_at as timestamp) as created_at from hubspot.raw.contacts
        union all
        select 'files', person_id, created_at from files.raw.people
    )
    inner join people using (source, record_id) group by one
),
reached as (
    select one, stage_rank, reached_at from stages_reached inner join people using (source, record_id)
    union all
    select one, 2, greatest(engaged_at, created_at)
    from engagements inner join people using (source, record_id) inner join born using (one)
)
select one, conversion_type, min(reached_at) as converted_at
from reached
inner join (
    values ('lead', 2), ('qualified', 3), ('opportunity', 5), ('customer', 7)
) as types (conversion_type, from_rank) on stage_rank >= from_rank
where reached_at < as_of() + 1
group by all;
