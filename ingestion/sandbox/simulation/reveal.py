"""What has been seen of the company by the end of a day: the only place that cuts time.

A fact appears when its system first knew it. Nothing that was visible moves: a later day shows the same facts and more,
save what people did to the records themselves (merged, deleted, erased) and what was planned and then happened.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from ingestion.sandbox.simulation.facts import Doing, Facts, Handoff, Plan, Record, Sale


def end_of(day: date) -> datetime:
    """The first moment after a business day."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def reveal(facts: Facts, as_of: date) -> Facts:
    """The facts known at the end of `as_of`."""
    end = end_of(as_of)
    return Facts(
        records=[_record(record, end) for record in facts.records if record.known_at < end],
        sales=[_sale(sale, end) for sale in facts.sales if sale.created_at < end],
        doings=[_doing(doing, end) for doing in facts.doings if doing.known_at < end],
        plans=[_plan(plan, end) for plan in facts.plans if plan.started_at < end],
        visits=[visit for visit in facts.visits if visit.at < end],
        firms=[firm for firm in facts.firms if firm.created_at < end],
    )


def _before(moment: datetime | None, end: datetime) -> datetime | None:
    return moment if moment is not None and moment < end else None


def _record(record: Record, end: datetime) -> Record:
    has_left = _before(record.left_at, end) is not None
    is_merged = _before(record.merged_at, end) is not None
    return replace(
        record,
        stages=sorted(
            (change for change in record.stages if (change.known_at or change.at) < end), key=lambda change: change.at
        ),
        touches=sorted(
            (touch for touch in record.touches if touch.known_at < end and touch.at < end), key=lambda touch: touch.at
        ),
        handoffs=[_handoff(handoff, end) for handoff in record.handoffs if handoff.qualified_at < end],
        owners=sorted(owner for owner in record.owners if owner[0] < end),
        statuses=[status for status in record.statuses if status[0] < end],
        mail_actions=[action for action in record.mail_actions if action.at < end],
        joined_at=_before(record.joined_at, end),
        left_at=record.left_at if has_left else None,
        left_as=record.left_as if has_left else "",
        opt_outs=[opt_out for opt_out in record.opt_outs if opt_out[0] < end],
        archived_at=_before(record.archived_at, end),
        gone_at=_before(record.gone_at, end),
        merged_at=record.merged_at if is_merged else None,
        merged_into=record.merged_into if is_merged else None,
    )


def _handoff(handoff: Handoff, end: datetime) -> Handoff:
    is_decided = _before(handoff.decided_at, end) is not None
    return replace(
        handoff,
        attempted_at=_before(handoff.attempted_at, end),
        decided_at=_before(handoff.decided_at, end),
        decision=handoff.decision if is_decided else None,
        reason=handoff.reason if is_decided else None,
        finished_at=_before(handoff.finished_at, end),
    )


def _sale(sale: Sale, end: datetime) -> Sale:
    steps = [step for step in sale.steps if step[0] < end]
    return replace(
        sale,
        steps=steps,
        amounts=[amount for amount in sale.amounts if amount[0] < end],
        expected=[expected for expected in sale.expected if expected[0] < end],
        owners=[owner for owner in sale.owners if owner[0] < end and not _is_closed(sale, owner[0])],
        loss_reason=sale.loss_reason if steps[-1][1] == "closedlost" else None,
        archived_at=_before(sale.archived_at, end),
    )


def _is_closed(sale: Sale, at: datetime) -> bool:
    """Whether a deal was closed for good before a moment: nobody hands such a deal over."""
    closed_at, step = sale.steps[-1]
    return step in ("closedwon", "closedlost") and closed_at < at


def _doing(doing: Doing, end: datetime) -> Doing:
    status = "scheduled" if doing.at >= end else doing.status
    return replace(doing, status=status, archived_at=_before(doing.archived_at, end))


def _plan(plan: Plan, end: datetime) -> Plan:
    return replace(
        plan, changes=[change for change in plan.changes if change[0] < end], ended_at=_before(plan.ended_at, end)
    )
