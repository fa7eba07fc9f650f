"""What HubSpot knows: contacts, deals, leads and activities, with the history of every property that has one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from ingestion.sandbox.simulation.chance import chance
from ingestion.sandbox.simulation.facts import CRM, Doing, Facts, Firm, Handoff, Record, Sale, Touch
from ingestion.sandbox.simulation.people import country_of
from ingestion.sandbox.world import Activity, Change, Company, Contact, Deal, Lead, PipelineStage

LIFECYCLE = {
    "cold": "subscriber",
    "warm": "lead",
    "qualified": "marketingqualifiedlead",
    "accepted": "salesqualifiedlead",
    "proposal": "opportunity",
    "customer": "customer",
    "repeat_customer": "evangelist",
    "other": "other",
}
PIPELINE_STAGES = [
    *(
        PipelineStage("deals", pipeline, label, stage, name, order, probability, order >= 5, order == 5)
        for pipeline, label in (("default", "Sales pipeline"), ("ecommerce", "Web shop"))
        for order, (stage, name, probability) in enumerate(
            [
                ("appointmentscheduled", "Appointment scheduled", "0.2"),
                ("qualifiedtobuy", "Qualified to buy", "0.4"),
                ("presentationscheduled", "Presentation scheduled", "0.6"),
                ("decisionmakerboughtin", "Decision maker bought-in", "0.8"),
                ("contractsent", "Contract sent", "0.9"),
                ("closedwon", "Closed won", "1.0"),
                ("closedlost", "Closed lost", "0.0"),
            ]
        )
    ),
    *(
        PipelineStage("leads", "lead-pipeline-id", "Lead pipeline", stage, name, order, None, order >= 3, order == 3)
        for order, (stage, name) in enumerate(
            [
                ("new-stage-id", "New"),
                ("attempting-stage-id", "Attempting"),
                ("connected-stage-id", "Connected"),
                ("qualified-stage-id", "Qualified"),
                ("unqualified-stage-id", "Disqualified"),
            ]
        )
    ),
]
PROBABILITY = {stage.stage_id: stage.probability for stage in PIPELINE_STAGES if stage.object_type == "deals"}
_SESSION = (
    "hs_latest_source", "hs_latest_source_data_1", "hs_latest_source_data_2", "hs_latest_source_timestamp",
    "utm_source", "utm_medium", "utm_campaign", "utm_id", "hs_google_click_id", "hs_facebook_click_id",
)  # fmt: skip


def iso(at: datetime) -> str:
    """A moment as HubSpot writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def company_id(number: int | None) -> str | None:
    """The CRM's id of a firm."""
    return None if number is None else str(700_000_000 + number)


def companies(firms: Iterable[Firm]) -> list[Company]:
    """The CRM's companies."""
    return [
        Company(
            company_id(firm.number), firm.name, firm.domain, country_of(firm.country), firm.industry, firm.segment,
            firm.created_at, firm.created_at, None,
        )
        for firm in firms
    ]  # fmt: skip


class Survivors:
    """Which record stands for which after all merges so far; gone ones for none."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = {record.record_id: record for record in records if record.system == CRM}

    def of(self, record_id: str) -> Record | None:
        """The record that now shows what this one did, None if it was erased."""
        record = self._records[record_id]
        while record.merged_into:
            record = self._records[record.merged_into]
        return None if record.gone_at else record

    def ids(self, record_ids: Iterable[str]) -> tuple[str, ...]:
        """The surviving ids in the same order, each once."""
        survivors = [self.of(record_id) for record_id in record_ids]
        return tuple(dict.fromkeys(record.record_id for record in survivors if record))


def contacts(facts: Facts) -> list[Contact]:
    """The CRM's contacts, merged losers included; a survivor shows everything its losers did."""
    survivors = Survivors(facts.records)
    absorbed = defaultdict(list)
    for record in facts.records:
        if record.system == CRM and record.merged_into and (survivor := survivors.of(record.record_id)):
            absorbed[survivor.record_id].append(record)
    firms = {firm.number: firm for firm in facts.firms}
    return [
        _contact(record, absorbed.get(record.record_id, []), firms)
        for record in facts.records
        if record.system == CRM and not record.gone_at and survivors.of(record.record_id)
    ]


def _contact(record: Record, losers: list[Record], firms: dict[int, Firm]) -> Contact:
    together = _together(record, losers)
    history = _history(together)
    created_at = min(one.created_at for one in (record, *losers))  # a merge keeps the oldest create date
    properties = {
        "email": record.email,
        "firstname": record.first_name,
        "lastname": record.last_name,
        "phone": record.phone,
        "company": firms[record.company].name if record.company in firms else "",
        "country": record.country,
        "segment": record.segment,
        "createdate": iso(created_at),
        "is_test": "true" if record.excluded == "test" else "",
        "referred_by": record.referred_by or "",
        **_original_source(together),
    }
    for change in history:
        properties[change.name] = change.value
    if losers:
        ids = ";".join(
            loser.record_id for loser in sorted(losers, key=lambda loser: (loser.merged_at, loser.record_id))
        )
        properties["hs_merged_object_ids"] = ids
        properties["hs_calculated_merged_vids"] = ids
    forms = [touch for touch in together.touches if touch.kind == "form"]
    if forms:
        properties["recent_conversion_event_name"] = "Demo request: www.lumenworks.example/demo"
    moments = [record.created_at, *(change.at for change in history), *(loser.merged_at for loser in losers)]
    updated_at = max(moment for moment in [*moments, record.archived_at, record.merged_at] if moment)
    properties["lastmodifieddate"] = iso(updated_at)
    return Contact(
        record.record_id, {name: value for name, value in properties.items() if value}, tuple(history),
        company_id(record.company), created_at, updated_at, record.archived_at, record.merged_into, record.merged_at,
    )  # fmt: skip


def _together(record: Record, losers: list[Record]) -> Record:
    """The record with all its losers' doings, in time order."""
    if not losers:
        return record
    everyone = [record, *losers]
    return replace(
        record,
        stages=sorted((item for one in everyone for item in one.stages), key=lambda change: change.at),
        touches=sorted((item for one in everyone for item in one.touches), key=lambda touch: touch.at),
        owners=sorted(item for one in everyone for item in one.owners),
        statuses=sorted(item for one in everyone for item in one.statuses),
        opt_outs=sorted(item for one in everyone for item in one.opt_outs),
    )


def _history(record: Record) -> list[Change]:
    """Every change of every property with history: a value that stays the same leaves no trace."""
    told = []
    for change in record.stages:
        if change.stage == "disqualified":
            told.append((change.at, "hs_lead_status", "UNQUALIFIED", change.by))
        else:
            told.append((change.at, "lifecyclestage", LIFECYCLE[change.stage], change.by))
    told += [(at, "hs_lead_status", value, "CRM_UI") for at, value in record.statuses]
    told += [(at, "hubspot_owner_id", owner, "CRM_UI") for at, owner in record.owners]
    told += [(at, "hs_email_optout", str(is_out).lower(), "EMAIL") for at, is_out in record.opt_outs]
    for touch in record.touches:
        if touch.kind == "form":
            told.append((touch.at, "recent_conversion_date", iso(touch.at), "FORM"))
        elif touch.kind == "session":
            told += [(touch.at, name, value, "ANALYTICS") for name, value in _session(touch).items()]
    return _real_changes(told)


def _real_changes(told: list[tuple[datetime, str, str, str]]) -> list[Change]:
    """What (at, name, value, source) changed, in order of time."""
    current, changes = {}, []
    for at, name, value, by in sorted(told, key=lambda change: change[0]):
        if value != current.get(name, ""):
            current[name] = value
            changes.append(Change(name, value, at, by))
    return changes


def _session(touch: Touch) -> dict[str, str]:
    """The properties that one identified session sets; what it does not carry is emptied."""
    way, click_id = touch.way, touch.click_id
    values = dict.fromkeys(_SESSION, "")
    values["hs_latest_source"] = way.hs_source
    values["hs_latest_source_data_1"] = way.hs_data_1
    values["hs_latest_source_data_2"] = way.hs_data_2
    values["hs_latest_source_timestamp"] = str(int(touch.at.timestamp() * 1000))
    if way.click_kind:
        values["hs_google_click_id" if way.click_kind == "gclid" else "hs_facebook_click_id"] = click_id
    style = chance("link", touch.touch_id).random()
    if way.channel == "paid_search" and style < 0.05:
        return values  # tagged by the click id alone
    values |= {"utm_source": way.utm_source, "utm_medium": way.utm_medium, "utm_campaign": way.utm_campaign}
    if style > 0.9:  # a link typed by hand: no id, capitals, a blank too many
        values["utm_campaign"] = f" {way.utm_campaign.upper()}" if way.utm_campaign else ""
    else:
        values["utm_id"] = way.utm_id
    return values


def _original_source(record: Record) -> dict[str, str]:
    session = next((touch for touch in record.touches if touch.kind == "session"), None)
    if record.born_offline or session is None:
        return {
            "hs_analytics_source": "OFFLINE",
            "hs_analytics_source_data_1": "IMPORT" if record.born_offline else "CRM_UI",
            "hs_analytics_first_timestamp": iso(record.created_at),
        }
    return {
        "hs_analytics_source": session.way.hs_source,
        "hs_analytics_source_data_1": session.way.hs_data_1,
        "hs_analytics_source_data_2": session.way.hs_data_2,
        "hs_analytics_first_timestamp": iso(session.at),
    }


def deals(facts: Facts) -> list[Deal]:
    """The CRM's deals, under the people that survive."""
    survivors = Survivors(facts.records)
    return [_deal(sale, survivors.ids(sale.record_ids)) for sale in facts.sales if sale.system == CRM]


def _deal(sale: Sale, contact_ids: tuple[str, ...]) -> Deal:
    history = _deal_history(sale)
    stage = sale.steps[-1][1]
    is_won = stage == "closedwon"
    properties = {
        "dealname": sale.name,
        "deal_currency_code": sale.currency,
        "pipeline": sale.pipeline,
        "dealtype": sale.deal_type,
        "createdate": iso(sale.created_at),
        "hs_deal_stage_probability": PROBABILITY[stage],
        "hs_is_closed": "true" if stage in ("closedwon", "closedlost") else "false",
        "hs_is_closed_won": "true" if is_won else "false",
        "closed_lost_reason": (sale.loss_reason or "") if stage == "closedlost" else "",
        "is_referral": "true" if sale.is_referral else "false",
    }
    for change in history:
        properties[change.name] = change.value
    updated_at = max(moment for moment in [history[-1].at, sale.archived_at] if moment)
    properties["hs_lastmodifieddate"] = iso(updated_at)
    return Deal(
        sale.deal_id, {name: value for name, value in properties.items() if value}, tuple(history), contact_ids,
        company_id(sale.company), sale.created_at, updated_at, sale.archived_at,
    )  # fmt: skip


def _deal_history(sale: Sale) -> list[Change]:
    by = "CRM_UI" if sale.pipeline == "default" else "INTEGRATION"
    told = [(at, "dealstage", step, by) for at, step in sale.steps]
    told += [(at, "amount", f"{amount:.2f}", by) for at, amount in sale.amounts]
    told += [(at, "hubspot_owner_id", owner, by) for at, owner in sale.owners]
    told += [(at, "closedate", iso(expected), by) for at, expected in sale.expected]
    was_closed = False
    for at, step in sale.steps:
        is_closed = step in ("closedwon", "closedlost")
        if is_closed:
            told.append((at, "closedate", iso(at), by))
        elif was_closed:
            told.append((at, "closedate", iso(at + timedelta(days=30)), by))
        was_closed = is_closed
    return _real_changes(told)


def leads(facts: Facts) -> list[Lead]:
    """Sales' lead objects, one for each handoff in the CRM."""
    survivors = Survivors(facts.records)
    return [
        _lead(handoff, record, survivor)
        for record in facts.records
        if record.system == CRM and record.handoffs and (survivor := survivors.of(record.record_id))
        for handoff in record.handoffs
    ]


def _lead(handoff: Handoff, record: Record, survivor: Record) -> Lead:
    history = [
        Change("hs_pipeline_stage", "new-stage-id", handoff.qualified_at, "AUTOMATION_PLATFORM"),
        Change("hubspot_owner_id", handoff.owner_id, handoff.qualified_at, "AUTOMATION_PLATFORM"),
    ]
    if handoff.attempted_at and handoff.attempted_at != handoff.decided_at:
        history.append(Change("hs_pipeline_stage", "attempting-stage-id", handoff.attempted_at))
    if handoff.decided_at:
        stage = "connected-stage-id" if handoff.decision == "accepted" else "unqualified-stage-id"
        history.append(Change("hs_pipeline_stage", stage, handoff.decided_at))
    if handoff.finished_at:
        history.append(Change("hs_pipeline_stage", "qualified-stage-id", handoff.finished_at))
    updated_at = history[-1].at
    properties = {
        "hs_lead_name": record.full_name,
        "hs_pipeline": "lead-pipeline-id",
        "hs_createdate": iso(handoff.qualified_at),
        "hs_lastmodifieddate": iso(updated_at),
        **{change.name: change.value for change in history},
    }
    if handoff.reason:
        properties["hs_lead_disqualification_reason"] = handoff.reason
    return Lead(
        handoff.lead_id, properties, tuple(history), survivor.record_id, handoff.qualified_at, updated_at,
        record.archived_at,
    )  # fmt: skip


_CALL = {"completed": "COMPLETED", "no_show": "NO_ANSWER", "scheduled": "SCHEDULED", "canceled": "CANCELED"}
_CONNECTED, _NO_ANSWER = "f240bbac-87c9-4f6e-bf70-924b57d47db7", "73a0d17f-1163-4015-bdd5-ec830791da20"


def activities(facts: Facts) -> list[Activity]:
    """The CRM's calls, meetings, emails and tasks."""
    survivors = Survivors(facts.records)
    return [_activity(doing, survivors.ids(doing.record_ids)) for doing in facts.doings if doing.system == CRM]


def _activity(doing: Doing, contact_ids: tuple[str, ...]) -> Activity:
    updated_at = doing.known_at
    if doing.status != "scheduled":
        updated_at = max(doing.at, doing.known_at)
    updated_at = max(updated_at, doing.archived_at or updated_at)
    properties = {
        "hs_timestamp": iso(doing.at),
        "hs_createdate": iso(doing.known_at),
        "hs_lastmodifieddate": iso(updated_at),
        "hubspot_owner_id": doing.owner_id,
        "hs_object_source": "AUTOMATION_PLATFORM" if doing.is_automated else "CRM_UI",
        **_told(doing),
    }
    return Activity(
        doing.kind, doing.activity_id, {name: value for name, value in properties.items() if value}, contact_ids,
        (doing.deal_id,) if doing.deal_id else (), doing.known_at, updated_at, doing.archived_at,
    )  # fmt: skip


def _told(doing: Doing) -> dict[str, str]:
    """The properties of its own that each kind of activity has."""
    if doing.kind == "calls":
        is_done = doing.status == "completed"
        return {
            "hs_call_title": doing.text,
            "hs_call_direction": doing.direction.upper(),
            "hs_call_status": _CALL[doing.status],
            "hs_call_duration": str(60_000 + int(doing.activity_id[-3:]) * 1_000) if is_done else "0",
            "hs_call_disposition": _CONNECTED if is_done else _NO_ANSWER,
        }
    if doing.kind == "meetings":
        return {
            "hs_meeting_title": doing.text,
            "hs_meeting_start_time": iso(doing.at),
            "hs_meeting_end_time": iso(doing.at + timedelta(minutes=45)),
            "hs_meeting_outcome": doing.status.upper(),
        }
    if doing.kind == "emails":
        return {
            "hs_email_subject": doing.text,
            "hs_email_direction": "EMAIL" if doing.direction == "outbound" else "INCOMING_EMAIL",
            "hs_email_status": "SENT",
        }
    return {"hs_task_subject": doing.text, "hs_task_type": "TODO", "hs_task_status": "COMPLETED"}
