"""Who gets the mailings, and what they or their mail programs do with them."""

from datetime import datetime, timedelta
from random import Random

from ingestion.sandbox.simulation.chance import after, chance
from ingestion.sandbox.simulation.facts import CRM, Facts, MailAction, Record, Touch
from ingestion.sandbox.simulation.market import OWN_DOMAIN, Letter, mail_way

_ENGAGED = {"warm", "qualified", "accepted", "proposal", "customer", "repeat_customer"}


def correspond(record: Record, letters: list[Letter], seed: int) -> None:
    """Let a contact read, or not, every mailing since they joined; adds to their actions and touches.

    Somebody cold shows no interest: only their mail program fetches pictures. Each mailing is rolled in turn, so more
    mailings never change what happened with the earlier ones.
    """
    dice = chance(seed, "mail", record.record_id)
    wants = dice.random() < 0.7
    is_apple = dice.random() < 0.35
    if record.joined_at is None and not (wants and _may_be_written_to(record)):
        return
    record.joined_at = record.joined_at or record.created_at + timedelta(minutes=1)
    warm_at = min((change.at for change in record.stages if change.stage in _ENGAGED), default=None)
    already_read = {action.mailing for action in record.mail_actions}
    for letter in letters:
        if letter.sent_at <= record.joined_at:
            continue
        bounced = dice.random() < 0.002
        if letter.number in already_read:
            continue
        if bounced:
            record.mail_actions.append(
                MailAction(letter.number, "bounce", letter.sent_at + timedelta(seconds=20), "", bounce_type="hard")
            )
            record.left_at, record.left_as = letter.sent_at + timedelta(seconds=20), "cleaned"
            break
        if _read(dice, record, letter, is_apple, warm_at is not None and letter.sent_at > warm_at):
            break
    record.mail_actions.sort(key=lambda action: action.at)
    record.touches.sort(key=lambda touch: touch.at)


def _may_be_written_to(record: Record) -> bool:
    """Real contacts of the CRM that were never deleted or merged away."""
    is_kept = record.archived_at is None and record.merged_at is None
    return record.system == CRM and record.excluded is None and is_kept and bool(record.stages)


def _read(dice: Random, record: Record, letter: Letter, is_apple: bool, is_warm: bool) -> bool:
    """One mailing; true if the recipient left the list by it."""
    actions = record.mail_actions
    if is_apple and dice.random() < 0.9:
        at = letter.sent_at + timedelta(seconds=dice.randrange(1, 40))
        actions.append(MailAction(letter.number, "open", at, f"17.58.{dice.randrange(256)}.9", is_machine=True))
    if dice.random() < 0.01:
        at = letter.sent_at + timedelta(seconds=15)
        actions.append(MailAction(letter.number, "bounce", at, "", bounce_type="soft"))
        return False
    if not is_warm or dice.random() > 0.28:
        return False
    at = letter.sent_at + timedelta(seconds=dice.randrange(120, 250_000))
    ip = f"84.{dice.randrange(256)}.{dice.randrange(256)}.7"
    for _ in range(dice.choice([1, 1, 2])):
        actions.append(MailAction(letter.number, "open", at, ip))
        at += timedelta(seconds=dice.randrange(1, 9_000))
    if dice.random() < 0.2:
        _click(record, letter, at, ip)
    if dice.random() < 0.012:
        action = "complaint" if dice.random() < 0.1 else "unsubscribe"
        actions.append(MailAction(letter.number, action, at, ip))
        record.left_at, record.left_as = at, "unsubscribed"
        return True
    return False


def _click(record: Record, letter: Letter, at: datetime, ip: str) -> None:
    """A click: the mail tool sees the link, the web site the session it begins."""
    url = f"https://www.{OWN_DOMAIN}/news/{letter.number}"
    record.mail_actions.append(MailAction(letter.number, "click", at, ip, url))
    touch_id = f"{letter.campaign_id}-{record.record_id}"
    record.touches.append(Touch("email_click", at, at, "email", letter.title, touch_id=touch_id))
    record.touches.append(Touch("session", at, at, "email", letter.title, mail_way(letter.title)))


def correspond_with_all(facts: Facts, letters: list[Letter], seed: int) -> None:
    """Every contact's mail."""
    for record in facts.records:
        if record.system == CRM:
            correspond(record, letters, seed)
            opt_out(record, seed)


def opt_out(record: Record, seed: int) -> None:
    """Let a contact forbid all mail, and some allow it again; more of those who are merged away later do."""
    dice = chance(seed, "opt-out", record.record_id)
    if dice.random() > (0.4 if record.merged_into else 0.03):
        return
    at = after(dice, record.created_at, 1, 60 if record.merged_into else 200)
    back_at = after(dice, at, 5, 60)
    last = min((moment for moment in (record.archived_at, record.merged_at, record.gone_at) if moment), default=None)
    if last is None or at < last:
        record.opt_outs.append((at, True))
    if dice.random() < 0.2 and (last is None or back_at < last):
        record.opt_outs.append((back_at, False))
