-- Words for outcomes that activity_outcome_map does not know: the activity is `unmapped` until it says what they mean.
select
    source,
    source_outcome,
    activities
from {{ ref('int_activity_outcomes__mapped') }}
where outcome = 'unmapped'
