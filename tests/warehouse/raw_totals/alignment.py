"""The agreement between marketing and sales: what its marts tell, and the same from raw."""

from tests.warehouse.raw_totals.spend import ALL_COSTS

ALL_HANDOFFS = "select month_of(qualified_at) as month, count(*) as handoffs from handoffs group by all"
ALL_REJECTIONS = "select reason, count(*) as rejected from rejections group by all"

TOTALS = {
    "handoffs": (
        "select month_of(qualified_at) as month, count(*) as handoffs from alignment.fct_handoffs group by all",
        ALL_HANDOFFS,
    ),
    "handoffs by agreement": (
        """
        select month_start_date, sum(met + breached + pending) as handoffs
        from alignment.rpt_sla_monthly group by all
        """,
        ALL_HANDOFFS,
    ),
    "handoffs by quality": (
        "select month_start_date, sum(delivered) as handoffs from alignment.rpt_lead_quality_segments group by all",
        ALL_HANDOFFS,
    ),
    "handoffs by channel": (
        """
        select month_start_date, component, sum(leads) as leads
        from alignment.rpt_handoff_bridge where component in ('qualified_leads', 'handoffs') group by all
        """,
        """
        select month_of(converted_at), 'qualified_leads', count(*) as leads
        from conversions where conversion_type = 'qualified' group by all
        union all
        select month_of(qualified_at), 'handoffs', count(*) from handoffs group by all
        """,
    ),
    "rejections": (
        "select rejection_reason, sum(rejected) as rejected from alignment.rpt_rejections group by all",
        ALL_REJECTIONS,
    ),
    "rejections sales and marketing disagree on": (
        """
        select coalesce(reason, 'unstated'), count(*) as rejected
        from alignment.rpt_disagreements where disagreement = 'rejected' group by all
        """,
        ALL_REJECTIONS,
    ),
    "people sales worked before marketing handed them over, and those whom only the web shop served": (
        """
        select disagreement, month_of(disagreed_at) as month, count(*) as people
        from alignment.rpt_disagreements where disagreement in ('not_handed_over', 'bought_without_sales') group by all
        """,
        """
        with taken_up as (
            select one, min(reached_at) as taken_up_at
            from stages_reached inner join people using (source, record_id)
            where stage_rank >= 4 and reached_at < as_of() + 1 group by one
        )
        select
            if(one in (
                select one
                from hubspot.raw.deal_contacts inner join hubspot.raw.deals on id = deal_id
                inner join people on source = 'hubspot' and record_id = contact_id
                group by one having bool_and(pipeline = 'ecommerce')
            ), 'bought_without_sales', 'not_handed_over'), month_of(taken_up_at) as month, count(*) as people
        from taken_up
        left join (
            select one, min(qualified_at) as qualified_at
            from handoffs inner join people using (source, record_id) group by one
        ) using (one)
        where coalesce(qualified_at > taken_up_at, true) group by all
        """,
    ),
    "cost of handoffs": (
        "select month_start_date, sum(cost) as dollars from alignment.rpt_lead_quality group by all",
        ALL_COSTS,
    ),
}
