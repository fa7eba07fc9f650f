-- One row per person: of every attribute the value of the best record that tells it.
with

records as (

    select
        people.*,
        resolved.person_key,
        resolved.is_excluded,
        companies.company_key,
        companies.industry,
        companies.segment as company_segment,
        by_domain.company_key as domain_company_key,
        domain_companies.industry as domain_industry,
        domain_companies.segment as domain_segment,
        row_number() over (
            partition by resolved.person_key
            order by
                case when people.deleted_at is null then 0 else 1 end,
                case when people.is_merged_away then 1 else 0 end,
                people.created_at asc nulls last,
                people.source asc,
                people.source_person_id asc
        ) as preference
    from {{ ref('int_people__unioned') }} as people
    inner join {{ ref('int_people__resolved') }} as resolved
        on people.source = resolved.source and people.source_person_id = resolved.source_person_id
    left join {{ ref('int_companies__unified') }} as companies
        on people.source = companies.source and people.source_company_id = companies.source_company_id
    -- Where nobody tells the company, the address does.
    left join {{ ref('int_companies__resolved') }} as by_domain
        on by_domain.source = 'email' and people.email_domain = by_domain.source_company_id
    left join {{ ref('int_companies__unified') }} as domain_companies
        on domain_companies.source = 'hubspot' and by_domain.company_key = domain_companies.company_key

),

told as (

    select
        person_key,
        min(created_at) as created_at,
        {% for attribute in [
            'company_key', 'full_name', 'email', 'email_domain', 'phone', 'company_name', 'industry', 'country', 'segment',
            'company_segment', 'domain_company_key', 'domain_industry', 'domain_segment'
        ] %}
            min_by({{ attribute }}, case when {{ attribute }} is not null then preference end) as {{ attribute }},
        {% endfor %}
        min_by(source, case when source_owner_id is not null then preference end) as owner_source,
        min_by(source_owner_id, case when source_owner_id is not null then preference end) as source_owner_id,
        -- Deleted is who has no record left; a record merged away does not keep anybody.
        case
            when count(case when deleted_at is null and not is_merged_away then 1 end) = 0 then max(deleted_at)
        end as deleted_at
    from records
    where not is_excluded
    group by person_key

),

merged as (

    select
        *,
        coalesce(company_key, domain_company_key) as known_company_key,
        case when company_key is null then domain_industry else industry end as known_industry,
        case when company_key is null then domain_segment else company_segment end as known_segment
    from told

),

segment_matches as (

    select
        merged.person_key,
        lower(trim(rules.segment)) as segment,
        row_number() over (partition by merged.person_key order by rules.priority) as place
    from merged
    inner join {{ ref('segment_rules') }} as rules
        on
            {{ matches(
                "lower(case rules.field
                    when 'country' then merged.country
                    when 'company_name' then merged.company_name
                    when 'email_domain' then merged.email_domain
                    when 'industry' then merged.known_industry
                end)",
                'rules.pattern'
            ) }}

),

segmented as (

    select
        merged.person_key,
        merged.known_company_key as company_key,
        merged.created_at,
        merged.full_name,
        merged.email,
        merged.phone,
        merged.country,
        coalesce(merged.segment, merged.known_segment, segment_matches.segment, 'unsegmented') as segment,
        merged.owner_source,
        merged.source_owner_id,
        merged.deleted_at
    from merged
    left join segment_matches
        on merged.person_key = segment_matches.person_key and segment_matches.place = 1

)

select * from segmented
