"""Deals that are told late, and the days they stood in the pipeline as each night's raw tells them.

Nothing here reads a model: what a late record moves in the pipeline of a day gone by is derived from raw alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

import duckdb

from ingestion.sandbox.world import World
from tests.prove.test_ten_nights import DAYS
from tests.warehouse.reckoning import CENT, Rates

DAY = DAYS[0]
# What a deal's history says of it in each night's raw; the files tell no history but that of stages.
DEAL_HISTORY = """
    select 'hubspot' as source, id as deal_id, deal_currency_code as currency, archived_at::timestamp as archived_at,
        created_at::timestamp as created_at, property, changed_at::timestamp as changed_at, value
    from hubspot_{night}.raw.deals join hubspot_{night}.raw.deal_history using (id)
    anti join hubspot_{night}.raw.deal_merges using (id)
    union all
    select 'files', deal_id, currency, null, created_at, 'dealstage', changed_at, deal_stage_changes.stage
    from files_{night}.raw.deals join files_{night}.raw.deal_stage_changes using (deal_id)
    union all
    select 'files', deal_id, currency, null, created_at, 'amount', created_at, amount::varchar
    from files_{night}.raw.deals
    union all
    select 'files', deal_id, currency, null, created_at, 'hubspot_owner_id', created_at, owner_id
    from files_{night}.raw.deals
"""
STAGES = {
    "appointmentscheduled": "accepted",
    "qualifiedtobuy": "accepted",
    "presentationscheduled": "proposal",
    "decisionmakerboughtin": "negotiation",
    "contractsent": "negotiation",
    "closedwon": "won",
    "closedlost": "lost",
}


def with_late_deals(company: World) -> World:
    """The company as somebody tells it who found out: the partners hand in two deals they forgot and correct a third,
    and two deals of the CRM turn out to be one.
    """
    noticed_at = datetime.combine(DAYS[2], time(9), UTC)
    real = {row["deal_id"] for row in company.truth["deals"]}
    known = [deal for deal in company.deals if deal.deal_id in real and deal.created_at.date() < DAY]
    still_open = [deal for deal in known if deal.properties["hs_is_closed"] != "true" and not deal.archived_at]
    survivor, loser = sorted(still_open, key=lambda deal: deal.created_at)[-2:]
    noticed = {"hs_merged_object_ids": loser.deal_id, "hs_lastmodifieddate": f"{noticed_at:%Y-%m-%dT%H:%M:%S.000Z}"}
    contacts = tuple(dict.fromkeys(survivor.contact_ids + loser.contact_ids))
    properties = survivor.properties | noticed
    merged = replace(survivor, properties=properties, contact_ids=contacts, updated_at=noticed_at)
    others = [deal for deal in company.deals if deal not in (survivor, loser)]
    wrong = next(row for row in company.files["deals"] if row["deal_id"] in real)
    right = [row for row in company.files["deals"] if row is not wrong]
    forgotten = wrong | {"person_id": None, "company": "Forgotten Ltd", "amount": Decimal("8000.50"), "currency": "EUR"}
    undecided = {"is_won": None, "closed_at": None, "loss_reason": None, "stage": "negotiation", "probability": 0.5}
    steps = {
        "late-open": {"accepted": date(2026, 5, 11), "proposal": date(2026, 6, 18), "negotiation": DAYS[1]},
        "late-lost": {"accepted": date(2026, 4, 20), "negotiation": date(2026, 5, 2), "lost": date(2026, 6, 22)},
    }
    at = {deal: [datetime.combine(day, time(10), UTC) for day in days.values()] for deal, days in steps.items()}
    deals = [
        wrong | {"amount": wrong["amount"] + 1000},
        forgotten | undecided | {"deal_id": "late-open", "created_at": at["late-open"][0]},
        forgotten | {"deal_id": "late-lost", "created_at": at["late-lost"][0], "closed_at": at["late-lost"][-1]},
    ]
    changes = [
        {"deal_id": deal, "stage": stage, "changed_at": moment}
        for deal, days in steps.items()
        for stage, moment in zip(days, at[deal], strict=True)
    ]
    files = {"deals": right + deals, "deal_stage_changes": company.files["deal_stage_changes"] + changes}
    return replace(company, deals=[*others, merged], files=company.files | files)


@dataclass(frozen=True)
class Stay:
    """A deal open at the end of a day, where and with whom, and what it was worth at the day's rate."""

    day: date
    stage: str
    owner_id: str
    amount: Decimal


def stays_and_closings(
    told: duckdb.DuckDBPyConnection, night: str, after: str, late: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[list[Stay], date | None]]:
    """Each late deal's days in the pipeline until the first night, and when it closed; from raw alone."""
    rates = Rates(dictionaries(told.execute(f"from files_{night}.raw.fx_rates")))
    histories = defaultdict(list)
    history = told.execute(f"from ({DEAL_HISTORY.format(night=night)}) where changed_at < {after} order by changed_at")
    for row in dictionaries(history):
        histories[row["source"], row["deal_id"]].append(row)
    return {deal: stays_of(histories[deal], rates) for deal in late if deal in histories}


def dictionaries(answer: duckdb.DuckDBPyConnection) -> list[dict]:
    """An answer's rows by the names of its columns."""
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def stays_of(history: list[dict], rates: Rates) -> tuple[list[Stay], date | None]:
    """The days on which a deal was open at the day's end, and the day on which it closed."""
    stays, closed_on, day = [], None, history[0]["created_at"].date()
    while day <= DAY:
        end = datetime.combine(day + timedelta(days=1), time())
        values = {}
        for row in history:
            # The first amount and owner known hold from the beginning; the first stage does not.
            if row["changed_at"] < end or (row["property"] != "dealstage" and row["property"] not in values):
                values[row["property"]] = row["value"]
        stage = values.get("dealstage", "accepted")
        stage = STAGES.get(stage, stage)
        is_deleted = history[0]["archived_at"] is not None and history[0]["archived_at"] < end
        if stage in ("won", "lost"):
            closed_on = closed_on or day
        elif not is_deleted:
            amount = Decimal(values["amount"]) * (rates.of(history[0]["currency"], day) or 0)
            stays.append(Stay(day, stage, values["hubspot_owner_id"], amount.quantize(CENT, ROUND_HALF_UP)))
        day += timedelta(days=1)
    return stays, closed_on
