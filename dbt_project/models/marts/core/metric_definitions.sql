-- What the `metrics` of the models' .yml files say: the semantic layer answers by the same definitions.
with

defined as (

    {{ defined_metrics() }}

)

select * from defined
