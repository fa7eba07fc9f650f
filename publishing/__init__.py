"""What readers open: the published files, the flip from one night to the next, rollback, and the pages.

Knows nothing of Airflow. Nobody opens `raw/` or `build/` but the pipeline; everybody opens `published/current`.
"""
