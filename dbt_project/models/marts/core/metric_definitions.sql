with

metrics as (

    select * from {{ ref('metrics') }}

)

select
    metric,
    department,
    formula,
    unit,
    grain,
    source_table,
    source_column,
    is_additive
from metrics
