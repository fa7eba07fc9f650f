"""What is behind a published number: `make explain METRIC=leads DATE=2026-06-30 CHANNEL=paid_search`.

Computes the metric's formula on the table that readers see and on the rows behind it - deals, handoffs, shares of
touches, lines of spend - and shows those rows, the rule that gave a touch its channel, and the raw records with the
load that brought each. Reads the published files, the build they were copied from and raw; writes nothing.

- `rows/<schema>.<table>.sql`: the rows behind one published table, one for each thing counted: its period and what is
  counted under the table's own names of columns, then keys and what tells a row apart. Every metric's
  columns are in one of these.
- `records/<key>.sql`: the raw records that a row with this key comes from; `touches.sql`: the touches of its person;
  `spend_records.sql`: the raw records of every line of spend.
"""

from publishing.explain.explanation import ExplainError, Explanation, explain

__all__ = ["ExplainError", "Explanation", "explain"]
