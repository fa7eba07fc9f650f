-- A flight without a first or last day has no day to stand on: its money is in no total until the file tells one.
{{ config(severity='warn') }}

select spend_id, channel, campaign, amount, currency
from {{ ref('stg_files__spend') }}
where start_date is null and end_date is null
