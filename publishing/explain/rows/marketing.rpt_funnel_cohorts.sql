-- Every lead of a cohort in each stage of the ladder: when the person became one, and when at last that stage was reached.
select
    cohort_month, channel, stage, 1 as entered, 0 as reached, person_key, lead_at as moment
from build.intermediate.int_leads__followed
union all
select
    cohort_month, channel, stage, 0, 1, person_key, reached_at
from build.intermediate.int_leads__followed
where reached_at is not null
