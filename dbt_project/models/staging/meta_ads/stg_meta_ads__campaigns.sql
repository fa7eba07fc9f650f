with

source as (

    select * from {{ source('meta_ads', 'campaigns') }}

),

renamed as (

    select
        account_id,
        campaign_id,
        name as campaign_name,
        lower(objective) as campaign_type,
        case status
            when 'ACTIVE' then 'enabled'
            when 'DELETED' then 'removed'
            when 'ARCHIVED' then 'removed'
            else lower(status)
        end as status,
        -- Times carry the account's own offset, so their first ten letters are its day.
        {{ dbt.safe_cast('substr(start_time, 1, 10)', 'date') }} as start_date,
        {{ dbt.safe_cast('substr(stop_time, 1, 10)', 'date') }} as end_date
    from source

)

select * from renamed
