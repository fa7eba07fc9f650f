"""Great Expectations: is what arrived plausible and complete, and may this night be published?

`raw.py` and one file a mart hold the rules as data, one line a rule; `checkpoint.py` runs them. Knows nothing of
Airflow.
"""
