"""Every total that the marts publish, as two queries: on the mart, and on what raw holds (see `by_hand.sql`).

Columns that hold numbers are totals, the others say of what. A mart that is new brings its totals here.
"""

from tests.warehouse.raw_totals import alignment, core, marketing, sales, spend

TOTALS = core.TOTALS | spend.TOTALS | marketing.TOTALS | sales.TOTALS | alignment.TOTALS
