"""Great Expectations: is what arrived plausible and complete, and may this night be published?

`raw.py` and one file a mart hold the rules as data, one line a rule; `checkpoint.py` runs them. Knows nothing of
Airflow.

No rule is held twice: what our models must agree on row by row is a dbt test; whether they agree with vendors' totals
and are plausible stands here. The one exception is on purpose: dbt stops the build at the model whose key is not
unique, and no night is published on the word of the build alone.
"""
