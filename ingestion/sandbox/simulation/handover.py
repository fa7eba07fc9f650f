"""What is handed over as files: everything that no vendor's API tells."""

from datetime import date, timedelta
from decimal import Decimal

from ingestion.sandbox.simulation import market, team
from ingestion.sandbox.simulation.chance import chance
from ingestion.sandbox.simulation.crm import PROBABILITY
from ingestion.sandbox.simulation.facts import FILES, Facts, Record, Sale

# The second team and the ladder use the same words for a deal's steps.
DEAL_WORDS = {
    "appointmentscheduled": "accepted",
    "qualifiedtobuy": "accepted",
    "presentationscheduled": "proposal",
    "decisionmakerboughtin": "negotiation",
    "contractsent": "negotiation",
    "closedwon": "won",
    "closedlost": "lost",
}
_DEAL_TYPES = {"newbusiness": "new", "existingbusiness": "expansion", "recurring": "recurring"}
_KINDS = {"calls": "call", "meetings": "meeting", "emails": "email", "tasks": "task"}
# What came of it, where the team writes more than whether it took place.
_OUTCOMES = {("calls", "completed"): "Connected", ("calls", "no_show"): "No answer", ("emails", "completed"): "Sent"}
# Nobody wrote the rates of Brazil's currency down in these days.
RATE_GAP = {"BRL": (date(2026, 5, 1), date(2026, 5, 31))}
_RATES = {("EUR", "USD"): 1.08, ("GBP", "USD"): 1.27, ("USD", "BRL"): 5.40}

Row = dict[str, object]


def files(facts: Facts, seed: int, as_of: date) -> dict[str, list[Row]]:
    """The rows of every file of the contract, by the file's name."""
    records = [record for record in facts.records if record.system == FILES and not record.gone_at]
    firms = {firm.number: firm.name for firm in facts.firms}
    deals = [sale for sale in facts.sales if sale.system == FILES]
    return {
        "people": [_person(record, firms) for record in records],
        "stage_changes": [
            {"person_id": record.record_id, "stage": change.stage, "changed_at": change.at, "changed_by": change.by}
            for record in records
            for change in record.stages
        ],
        "touches": [
            {
                "touch_id": touch.touch_id, "person_id": record.record_id, "touched_at": touch.at,
                "touch_type": touch.kind, "source": touch.channel, "medium": None, "campaign": touch.campaign,
                "department": touch.department,
            }
            for record in records
            for touch in record.touches
            if touch.kind not in ("session", "form")
        ],
        "deals": [_deal(sale, firms) for sale in deals],
        "deal_stage_changes": [
            {"deal_id": sale.deal_id, "stage": DEAL_WORDS[step], "changed_at": at}
            for sale in deals
            for at, step in sale.steps
        ],
        "activities": [
            {
                "activity_id": doing.activity_id, "person_id": doing.record_ids[0], "deal_id": doing.deal_id,
                "owner_id": doing.owner_id, "activity_type": _KINDS[doing.kind],
                "occurred_at": None if doing.is_undated else doing.at,
                "direction": doing.direction, "status": doing.status, "is_automated": doing.is_automated,
                "outcome": None if doing.kind == "tasks" else _OUTCOMES.get((doing.kind, doing.status), doing.status),
            }
            for doing in facts.doings
            if doing.system == FILES and doing.archived_at is None
        ],
        "spend": [
            {
                "spend_id": flight.spend_id, "channel": flight.told_channel or flight.channel, "platform": None,
                "campaign": flight.campaign, "start_date": flight.start_date, "end_date": flight.end_date,
                "amount": flight.amount, "currency": flight.currency, "impressions": flight.impressions,
                "clicks": None, "reach": flight.impressions and flight.impressions // 4, "region": flight.region,
            }
            for flight in market.flights(as_of)
        ],
        "deal_splits": [
            {"deal_id": sale.deal_id, "owner_id": owner_id, "share": share}
            for sale in facts.sales
            for owner_id, share in team.splits(int(sale.deal_id.removeprefix("deal-")))
        ],
        "targets": team.quotas(as_of),
        "owners": [
            {
                "owner_id": owner.owner_id, "full_name": f"{owner.first_name} {owner.last_name}",
                "email": owner.email, "team": owner.team, "manager_id": owner.manager_id,
                "start_date": owner.start_date,
            }
            for owner in [*team.OWNERS, *team.PARTNER_OWNERS]
            if owner.start_date <= as_of
        ],
        "owner_teams": [
            {"owner_id": owner_id, "valid_from": day, "team": name}
            for owner_id, day, name in team.TEAM_CHANGES
            if day <= as_of
        ],
        "fx_rates": rates(seed, as_of),
        "web_events": _web_events(facts, records),
        "subscriptions": [
            {
                "subscription_id": plan.subscription_id, "person_id": plan.record_id,
                "company": firms.get(plan.company), "plan": plan.plan, "mrr": plan.changes[-1][1],
                "currency": plan.currency, "started_at": plan.started_at, "ended_at": plan.ended_at,
            }
            for plan in facts.plans
        ],
        "subscription_changes": [
            {"subscription_id": plan.subscription_id, "changed_at": at, "mrr": mrr}
            for plan in facts.plans
            for at, mrr in plan.changes
        ],
    }  # fmt: skip


def _person(record: Record, firms: dict[int, str]) -> Row:
    return {
        "person_id": record.record_id, "email": record.email, "full_name": record.full_name,
        "company": firms.get(record.company), "country": record.country, "segment": record.segment or None,
        "created_at": record.created_at, "source": record.source or None, "medium": None, "campaign": None,
        "owner_id": record.owners[-1][1] if record.owners else None, "referred_by_person_id": None,
        "is_test": record.excluded == "test",
    }  # fmt: skip


def _deal(sale: Sale, firms: dict[int, str]) -> Row:
    stage = sale.steps[-1][1]
    is_closed = stage in ("closedwon", "closedlost")
    return {
        "deal_id": sale.deal_id, "person_id": sale.record_ids[0], "company": firms.get(sale.company),
        "owner_id": sale.owner_id, "amount": sale.amounts[-1][1], "currency": sale.currency,
        "stage": DEAL_WORDS[stage], "probability": float(PROBABILITY[stage]),
        "deal_type": _DEAL_TYPES[sale.deal_type], "created_at": sale.created_at,
        "closed_at": sale.steps[-1][0] if is_closed else None,
        "is_won": stage == "closedwon" if is_closed else None, "loss_reason": sale.loss_reason,
    }  # fmt: skip


def _web_events(facts: Facts, records: list[Record]) -> list[Row]:
    """Page views of people the second team knows, and of people nobody knows."""
    known = [
        {
            "event_id": touch.touch_id, "visitor_id": record.device or f"v-{record.record_id}",
            "person_id": record.record_id, "email": record.email, "occurred_at": touch.at, "event_name": "page_view",
            "url": f"https://www.{market.OWN_DOMAIN}/", "referrer": touch.way.referrer or None,
            "source": market.source_medium(touch.way)[0], "medium": market.source_medium(touch.way)[1],
            "campaign": touch.way.utm_campaign or None, "click_id": touch.click_id or None,
        }
        for record in records
        for touch in record.touches
        if touch.kind == "session"
    ]  # fmt: skip
    unknown = [
        {
            "event_id": visit.event_id, "visitor_id": visit.visitor_id, "person_id": None, "email": None,
            "occurred_at": visit.at, "event_name": "page_view", "url": visit.url,
            "referrer": visit.way.referrer or None, "source": market.source_medium(visit.way)[0],
            "medium": market.source_medium(visit.way)[1], "campaign": visit.way.utm_campaign or None,
            "click_id": None,
        }
        for visit in facts.visits
    ]  # fmt: skip
    return sorted(known + unknown, key=lambda row: (row["occurred_at"], row["event_id"]))


def rates(seed: int, as_of: date) -> list[Row]:
    """Exchange rates of every working day from a week before the founding on."""
    rows = []
    for (base, quote), middle in _RATES.items():
        rate = middle
        day = market.FOUNDED - timedelta(days=7)
        while day <= as_of:
            rate *= 1 + chance(seed, "rate", base, quote, day).gauss(0, 0.002)
            rate += (middle - rate) * 0.02
            first, last = RATE_GAP.get(quote, (date.max, date.max))
            if day.weekday() < 5 and not first <= day <= last:
                rounded = Decimal(f"{rate:.6f}")
                rows.append({"rate_date": day, "from_currency": base, "to_currency": quote, "rate": rounded})
            day += timedelta(days=1)
    return rows
