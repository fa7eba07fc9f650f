with

source as (

    select * from {{ source('hubspot', 'leads') }}

),

lead_contacts as (

    select
        lead_id,
        contact_id,
        row_number() over (partition by lead_id order by length(contact_id), contact_id) as place
    from {{ source('hubspot', 'lead_contacts') }}

),

renamed as (

    select
        source.id as lead_id,
        lead_contacts.contact_id,
        nullif(source.hs_pipeline_stage, '') as stage,
        nullif(source.hs_lead_disqualification_reason, '') as disqualification_reason,
        nullif(source.hubspot_owner_id, '') as owner_id,
        cast(source.created_at as timestamp) as created_at,
        source.archived as is_archived,
        cast(source.archived_at as timestamp) as archived_at
    from source
    left join lead_contacts on source.id = lead_contacts.lead_id and lead_contacts.place = 1

)

select * from renamed
