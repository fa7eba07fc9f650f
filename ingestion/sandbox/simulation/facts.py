"""What can happen in the company, as plain records: neither cut at a day nor in any vendor's shape.

A `Record` is a person as one system knows them; a human being may have several. Everything that happens to a person is
kept on the record that witnesses it. `known_at` is when a system first told it: later than `at` for what arrives late.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ingestion.sandbox.world import Campaign

CRM, FILES = "hubspot", "files"


@dataclass(slots=True)
class Way:
    """A way in: how a visit carries its origin. `hs_*` are HubSpot's words for it."""

    channel: str
    campaign: Campaign | None
    hs_source: str
    hs_data_1: str
    hs_data_2: str
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_id: str = ""
    click_kind: str = ""  # gclid | fbclid
    referrer: str = ""


@dataclass(slots=True)
class Touch:
    """One contact of a person with the company. `kind`: session, form, email_click, seminar, event, ..."""

    kind: str
    at: datetime
    known_at: datetime
    channel: str
    campaign: str  # its name, "" without one
    way: Way | None = None
    click_id: str = ""
    touch_id: str = ""
    department: str = "marketing"


@dataclass(slots=True)
class StageChange:
    """A recorded change of a person's stage. `by`: CRM_UI (a human), INTEGRATION, FORM or IMPORT."""

    stage: str
    at: datetime
    by: str = "CRM_UI"
    known_at: datetime | None = None  # where it was told later


@dataclass(slots=True)
class Handoff:
    """Sales' work on one handed-over person. `decision`: accepted | rejected | None while open."""

    lead_id: str
    qualified_at: datetime
    owner_id: str
    attempted_at: datetime | None = None
    decided_at: datetime | None = None
    decision: str | None = None
    reason: str | None = None
    finished_at: datetime | None = None  # the lead object's last stage, after an acceptance


@dataclass(slots=True)
class MailAction:
    """What a recipient, or a machine for them, did with a mailing."""

    mailing: int  # its number in the calendar of mailings
    action: str  # open | click | bounce | unsubscribe | complaint
    at: datetime
    ip: str
    url: str | None = None
    bounce_type: str | None = None
    is_machine: bool = False


@dataclass(slots=True)
class Record:
    """A person as one system knows them."""

    system: str  # hubspot | files
    record_id: str
    created_at: datetime
    known_at: datetime
    email: str
    first_name: str
    last_name: str
    phone: str
    country: str
    segment: str
    company: int | None  # the company's number
    excluded: str | None = None  # test | internal | junk
    referred_by: str | None = None  # another record's id
    born_offline: bool = False
    source: str = ""  # files.people only
    device: str = ""  # the visitor id of their sessions, where others use the device too
    stages: list[StageChange] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    handoffs: list[Handoff] = field(default_factory=list)
    owners: list[tuple[datetime, str]] = field(default_factory=list)
    statuses: list[tuple[datetime, str]] = field(default_factory=list)  # hs_lead_status beside UNQUALIFIED
    mail_actions: list[MailAction] = field(default_factory=list)
    joined_at: datetime | None = None  # the mailing list
    left_at: datetime | None = None
    left_as: str = ""  # unsubscribed | cleaned
    opt_outs: list[tuple[datetime, bool]] = field(default_factory=list)  # of all mail; False takes it back
    archived_at: datetime | None = None
    gone_at: datetime | None = None  # purged, or erased on request: no system tells it from then on
    merged_at: datetime | None = None
    merged_into: str | None = None  # the surviving record's id

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(slots=True)
class Sale:
    """A deal. `steps` are the CRM's stages in order of time; the last one may be closedwon or closedlost."""

    system: str
    deal_id: str
    record_ids: list[str]  # the primary one first
    name: str
    currency: str
    owners: list[tuple[datetime, str]]
    deal_type: str  # newbusiness | existingbusiness | recurring
    steps: list[tuple[datetime, str]]
    amounts: list[tuple[datetime, Decimal]]
    expected: list[tuple[datetime, datetime]]  # expected closing moment as told at a moment
    pipeline: str = "default"
    company: int | None = None
    loss_reason: str | None = None
    is_referral: bool = False
    archived_at: datetime | None = None

    @property
    def created_at(self) -> datetime:
        return self.steps[0][0]

    @property
    def owner_id(self) -> str | None:
        """Who owns it in the end."""
        return self.owners[-1][1] if self.owners else None


@dataclass(slots=True)
class Doing:
    """A call, meeting, email or task. `status`: completed | scheduled | no_show | canceled | failed."""

    system: str
    activity_id: str
    kind: str  # calls | meetings | emails | tasks
    at: datetime
    known_at: datetime
    record_ids: list[str]
    owner_id: str
    direction: str = "outbound"
    status: str = "completed"
    is_automated: bool = False
    text: str = ""
    deal_id: str | None = None
    archived_at: datetime | None = None
    is_undated: bool = False  # handed in without its time


@dataclass(slots=True)
class Plan:
    """A subscription in the billing system, `changes` of its monthly price newest last."""

    subscription_id: str
    record_id: str
    company: int | None
    plan: str
    currency: str
    started_at: datetime
    changes: list[tuple[datetime, Decimal]]
    ended_at: datetime | None = None


@dataclass(slots=True)
class Visit:
    """A page seen by somebody nobody knows."""

    event_id: str
    visitor_id: str
    at: datetime
    way: Way
    url: str


@dataclass(slots=True)
class Firm:
    """A company that buys."""

    number: int
    name: str
    domain: str
    country: str
    industry: str
    segment: str
    created_at: datetime


@dataclass(slots=True)
class Facts:
    """Everything that happened to anyone."""

    records: list[Record] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    doings: list[Doing] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    firms: list[Firm] = field(default_factory=list)
