"""What really happened, counted from the simulation itself and never from what a vendor shows of it.

Rendering and truth share the facts of `simulation/`, nothing else: `crm.py`, `mail.py` and `handover.py` scatter them
over systems in those systems' words, and the warehouse has to put them together again; here they are simply counted, by
the design's definitions. How its words are read where they leave room:

- **person**: the records that merges and equal addresses (case, blanks and a plus tag aside; at Gmail dots
  too) make one; who shares an office's address or a device is somebody else.
  Erased or purged records are no person any more: nothing tells them (a warehouse that pulled
  them before keeps the purged ones, so compare later nights without those whose reason is `purged`).
- **spell**: recorded changes as recorded; a deal's step moves a person only to a higher rank, or back from `lost`
  or `disqualified`, and only until they are a customer. The first won deal makes a customer, each later one a repeat
  customer, also after `churned`. A lost deal exits a person only if they have no other deal open or won then. The last
  of a person's subscriptions ending is `churned`. A deleted person's open spell ends with the deletion. A stage nobody
  mapped is `unmapped`.
- **handoff**: each entry into `qualified`. Its response is the first completed, outbound, human call, email or meeting
  that was not deleted, at or after it, or the rep's decision if that comes first.
- **opt-out** of all mail: the person's last word on it, at whichever of their records; from the first one since they
  last took it back.
- **original channel**: that of the first touch: session, form, click in a mailing, attendance, completed call.
  A call to somebody cold is a `cold_call`.
- **revenue**: won deals by closing day (UTC) under the primary person's original channel; in US dollars by the last
  rate on or before that day, at most 7 days old, else null.
"""

from datetime import date

from ingestion.sandbox.simulation.facts import CRM, Facts
from ingestion.sandbox.truth import marketing, recurring, sales
from ingestion.sandbox.truth.ledger import conversions_of, spells
from ingestion.sandbox.truth.money import Rates, Row
from ingestion.sandbox.truth.people import Person, is_real, people_of
from ingestion.sandbox.truth.touches import first_engaged_at, touch_rows, touches_of
from ingestion.sandbox.world import AdDay


def tell(facts: Facts, ad_days: list[AdDay], rates: list[Row], as_of: date) -> dict[str, list[Row]]:
    """Every table of the truth, by its name."""
    people = people_of(facts)
    for person in people:
        person.spells = spells(person)
        person.touches = touches_of(person)
        person.conversions = conversions_of(person)
    counted = [person for person in people if not person.excluded]
    by_record = {record.record_id: person for person in people for record in person.records}
    conversions = [conversion for person in counted for conversion in person.conversions]
    segments = {firm.number: firm.segment for firm in facts.firms}
    usd = Rates(rates)
    spend_days = marketing.spend_days(ad_days, usd, as_of)
    real_deals = [sale for sale in facts.sales if is_real(sale.record_ids, by_record)]
    won_deals = sales.won_deals(real_deals, by_record, usd)
    real_plans = [plan for plan in facts.plans if is_real([plan.record_id], by_record)]
    return {
        "people": [_person_row(person, by_record, segments) for person in people],
        "spells": [spell for person in counted for spell in person.spells],
        "touches": [touch for person in counted for touch in touch_rows(person)],
        "conversions": conversions,
        "handoffs": [handoff for person in counted for handoff in sales.handoffs_of(person)],
        "activities": sales.activities(facts.doings, by_record),
        "deals": sales.deals(real_deals, by_record, usd, as_of),
        "deal_spells": sales.deal_spells(real_deals),
        "won_deals": won_deals,
        "lost_deals": sales.lost_deals(real_deals, usd),
        "pipeline_months": sales.pipeline_months(real_deals, usd, as_of),
        "channel_months": marketing.channel_months(conversions, won_deals),
        "spend_days": spend_days,
        "spend_months": marketing.spend_months(spend_days),
        "mrr_months": recurring.mrr_months(real_plans, as_of),
        "mrr_movements": [
            movement
            for plan in real_plans
            for movement in recurring.mrr_movements(plan, by_record[plan.record_id].person_id, usd)
        ],
        "email_mailings": marketing.email_mailings(facts, as_of),
        "email_opt_outs": marketing.email_opt_outs(counted),
    }


def _person_row(person: Person, by_record: dict[str, Person], segments: dict[int, str]) -> Row:
    touch = person.first_touch
    entered = {row["conversion_type"]: row["converted_at"] for row in person.conversions}
    ids = {
        system: [record.record_id for record in person.records if record.system == system]
        for system in ("hubspot", "files")
    }
    return {
        "person_id": person.person_id,
        "hubspot_ids": ids["hubspot"],
        "files_ids": ids["files"],
        "created_at": person.created_at,
        "segment": _segment(person, segments),
        "original_channel": person.original_channel,
        "original_campaign": (touch.campaign or None) if touch else None,
        "first_touch_at": touch.at if touch else None,
        "first_engaged_at": first_engaged_at(person),
        "lead_at": entered.get("lead"),
        "qualified_at": entered.get("qualified"),
        "opportunity_at": entered.get("opportunity"),
        "customer_at": entered.get("customer"),
        "first_worked_at": sales.first_worked_at(person),
        "current_stage": person.spells[-1]["stage"],
        "is_excluded": person.excluded is not None,
        "exclusion_reason": person.excluded,
        "referred_by": next(
            (
                by_record[record.referred_by].person_id
                for record in person.records
                if record.referred_by and record.referred_by in by_record
            ),
            None,
        ),
    }


# Stages


def _segment(person: Person, segments: dict[int, str]) -> str:
    """The segment a record tells, else that of the company they work for; only the CRM knows of companies' segments."""
    told = [record.segment for record in sorted(person.records, key=lambda record: record.created_at)]
    told += [segments.get(record.company, "") for record in person.records if record.system == CRM]
    return next(filter(None, told), "unsegmented")
