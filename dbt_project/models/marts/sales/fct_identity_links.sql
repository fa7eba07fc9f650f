with

identifiers as (

    select
        judged.*,
        resolved.person_key,
        {{ record_key('judged.source', 'judged.source_person_id', 'salts.salt') }} as record_key,
        {{ salted_hash("judged.identifier_type || '|' || judged.identifier", 'salts.salt') }} as identifier_hash
    from {{ ref('int_identities__judged') }} as judged
    inner join {{ ref('int_people__resolved') }} as resolved
        on judged.source = resolved.source and judged.source_person_id = resolved.source_person_id
    cross join {{ ref('stg_identity__salts') }} as salts
    where not resolved.is_excluded

)

select
    {{ surrogate_key(['record_key', 'identifier_hash']) }} as identity_link_key,
    person_key,
    record_key,
    source,
    identifier_type,
    identifier_hash,
    rule,
    is_bound,
    refusal_reason,
    first_seen_at
from identifiers
