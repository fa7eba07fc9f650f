"""What the simulated company consists of: the records that the vendors' endpoints show and the truth behind them.

Plain facts: `company.py` invents them, `vendors/` shows them in each vendor's shape, `truth/` counts
them. Timestamps are UTC with zone; days are days of the account's own time zone; money is in the stated currency.
Everything here is already bounded by the company's `as_of`: nothing later is visible.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Account:
    """An account at an ad, social, web or email platform: `platform` is the source's name, e.g. google_ads."""

    platform: str
    account_id: str
    name: str
    currency: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """An online campaign. `channel` is the true channel; the utm values are what its links carry."""

    platform: str
    account_id: str
    campaign_id: str
    name: str
    kind: str  # the platform's own type or objective: SEARCH, DISPLAY, VIDEO, OUTCOME_LEADS, ...
    channel: str
    status: str  # ENABLED | PAUSED | REMOVED
    start_date: date
    end_date: date | None
    daily_budget: Decimal
    utm_source: str
    utm_medium: str
    utm_campaign: str


@dataclass(frozen=True, slots=True)
class AdDay:
    """A campaign's day at an ad platform, as the platform tells it at `as_of`: days are restated until 28 days old."""

    platform: str
    account_id: str
    campaign_id: str
    day: date
    impressions: int
    reach: int
    clicks: int
    spend: Decimal  # major units of the account's currency, 2 digits
    conversions: Decimal  # as the platform claims them, 2 digits
    conversion_value: Decimal


@dataclass(frozen=True, slots=True)
class AdPart:
    """An ad group of a campaign or, with an `ad_id`, an ad in it: the stretch from 0 to 1 that it has of each day.

    Stretches that meet sum to the day to the cent; what no stretch covers, the platform tells for the campaign only.
    """

    platform: str
    account_id: str
    campaign_id: str
    ad_group_id: str
    ad_group_name: str
    ad_id: str | None
    ad_name: str | None
    begins: Decimal
    ends: Decimal

    def of(self, day: AdDay) -> AdDay:
        """What this part had of its campaign's day."""

        def counted(whole: int) -> int:
            return int(whole * self.ends) - int(whole * self.begins)

        def paid(whole: Decimal) -> Decimal:
            return (whole * self.ends).quantize(CENT) - (whole * self.begins).quantize(CENT)

        return replace(
            day,
            impressions=counted(day.impressions),
            reach=counted(day.reach),
            clicks=counted(day.clicks),
            spend=paid(day.spend),
            conversions=paid(day.conversions),
            conversion_value=paid(day.conversion_value),
        )


@dataclass(frozen=True, slots=True)
class Click:
    """An ad click whose id a known person's session carried: Google tells the campaign of each gclid for 90 days."""

    platform: str
    account_id: str
    campaign_id: str
    click_id: str
    day: date  # of the account's time zone


@dataclass(frozen=True, slots=True)
class WebDay:
    """Sessions of a web property on a day; all visitors, known or not."""

    property_id: str
    day: date
    channel_group: str  # GA4's name: "Paid Search", "Direct", "Unassigned", ...
    source: str
    medium: str
    campaign: str  # "(not set)" where there is none
    sessions: int
    engaged_sessions: int
    new_users: int
    key_events: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class SocialDay:
    """A page's or Instagram profile's day (Pacific time). A metric that the platform has not told yet is None."""

    platform: str  # facebook | instagram
    page_id: str
    day: date
    views: int | None
    reach: int | None
    engagements: int | None
    followers: int | None  # total at the end of the day
    new_followers: int | None
    profile_views: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """A Facebook page with its Instagram profile."""

    page_id: str
    name: str
    instagram_id: str
    instagram_name: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post of a page (facebook) or a medium of a profile (instagram)."""

    platform: str
    page_id: str
    post_id: str
    created_at: datetime
    message: str
    permalink: str
    views: int
    reach: int
    clicks: int
    likes: int
    comments: int
    shares: int
    saves: int


@dataclass(frozen=True, slots=True)
class MailingList:
    list_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A mailing list's member. `status`: subscribed | unsubscribed | cleaned | archived."""

    list_id: str
    email: str
    full_name: str
    status: str
    joined_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Mailing:
    """An email campaign. `sent_to` are the addresses it was sent to."""

    campaign_id: str
    list_id: str
    title: str
    subject: str
    utm_campaign: str
    created_at: datetime
    sent_at: datetime
    sent_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One thing a recipient (or a machine on their behalf) did: open | click | bounce | unsubscribe | complaint."""

    campaign_id: str
    email: str
    action: str
    at: datetime
    ip: str  # Apple's mail proxies fetch from 17.0.0.0/8
    url: str | None
    bounce_type: str | None  # hard | soft
    is_machine: bool  # the truth; no vendor tells it


@dataclass(frozen=True, slots=True)
class Owner:
    """A sales rep or manager. `owner_id` is the CRM's; the team and the manager are told only by the files."""

    owner_id: str
    first_name: str
    last_name: str
    email: str
    team: str
    manager_id: str | None
    start_date: date
    left_date: date | None


@dataclass(frozen=True, slots=True)
class Company:
    """A CRM company."""

    company_id: str
    name: str
    domain: str
    country: str
    industry: str
    segment: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """A property took a value. Newest last; only real changes, as a CRM records them."""

    name: str
    value: str
    at: datetime
    source_type: str = "CRM_UI"  # CRM_UI | INTEGRATION | FORM | ANALYTICS | IMPORT | MERGE_CONTACTS


@dataclass(frozen=True, slots=True)
class Contact:
    """A CRM contact. `properties` are HubSpot's (all text), `history` the changes of those with history.

    A merged loser has `merged_into` and `merged_at`; it then shows only through the winner's merged ids. The winner's
    id may be new, as HubSpot does. A purged record (90 days after archiving) is no longer here at all.
    """

    contact_id: str
    properties: dict[str, str]
    history: tuple[Change, ...]
    company_id: str | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None
    merged_into: str | None
    merged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deal:
    """A CRM deal with its people (the first is the primary one)."""

    deal_id: str
    properties: dict[str, str]
    history: tuple[Change, ...]
    contact_ids: tuple[str, ...]
    company_id: str | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lead:
    """A CRM lead object: sales' work on one handed-over contact."""

    lead_id: str
    properties: dict[str, str]
    history: tuple[Change, ...]
    contact_id: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """A call, meeting, email or task in the CRM. `kind` is HubSpot's object type: calls | meetings | emails | tasks."""

    kind: str
    activity_id: str
    properties: dict[str, str]
    contact_ids: tuple[str, ...]
    deal_ids: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class PipelineStage:
    """A stage of a CRM pipeline (`object_type`: deals | leads)."""

    object_type: str
    pipeline_id: str
    pipeline_label: str
    stage_id: str
    label: str
    display_order: int
    probability: str | None  # text from "0.0" to "1.0"; deals only
    is_closed: bool
    is_won: bool


@dataclass(frozen=True, slots=True)
class World:
    """The whole company as its vendors know it at the end of `as_of`."""

    seed: int
    scale: float
    as_of: date
    accounts: list[Account] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    ad_days: list[AdDay] = field(default_factory=list)
    ad_parts: list[AdPart] = field(default_factory=list)
    clicks: list[Click] = field(default_factory=list)
    web_days: list[WebDay] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    social_days: list[SocialDay] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    mailing_lists: list[MailingList] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    mailings: list[Mailing] = field(default_factory=list)
    mail_events: list[MailEvent] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    pipeline_stages: list[PipelineStage] = field(default_factory=list)
    # What no API gives: the files handed over, one list of rows for each name of the file contract.
    files: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    # What really happened; see truth/.
    truth: dict[str, list[dict[str, object]]] = field(default_factory=dict)
