"""What the company did to be found: campaigns, mailings, flights, seminars; and the ways by which people come in.

All of it is a fixed calendar from the founding day on, independent of the day we look at it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from ingestion.sandbox.simulation.facts import Way
from ingestion.sandbox.world import Account, AdPart, Campaign

FOUNDED = date(2025, 1, 1)
OWN_DOMAIN = "lumenworks.example"

ACCOUNTS = [
    Account("google_ads", "1234567890", "Lumenworks US", "USD", "America/New_York"),
    Account("google_ads", "2345678901", "Lumenworks Europa", "EUR", "Europe/Berlin"),
    Account("meta_ads", "311222333444", "Lumenworks UK", "GBP", "Europe/London"),
    Account("meta_ads", "411222333555", "Lumenworks Europe", "EUR", "Europe/Berlin"),
    Account("google_analytics", "301234567", "www.lumenworks.example", "USD", "Europe/Berlin"),
    Account("mailchimp", "lumenworks", "Lumenworks", "USD", "America/New_York"),
    Account("facebook_pages", "102938475610293", "Lumenworks", "USD", "America/Los_Angeles"),
]
ACCOUNT = {(account.platform, account.account_id): account for account in ACCOUNTS}

_US, _EU, _UK, _FR = ACCOUNTS[:4]


def _campaign(account, number, name, kind, channel, start, end, status, budget, utm) -> Campaign:
    source, medium = utm.split("/")
    start, end = date.fromisoformat(start), date.fromisoformat(end) if end else None
    campaign_id = f"{2_100_000_000 + number}" if account.platform == "google_ads" else f"{23_850_000_000_000 + number}"
    return Campaign(
        account.platform, account.account_id, campaign_id, name, kind, channel, status, start, end, Decimal(budget),
        source, medium, name,
    )  # fmt: skip


CAMPAIGNS = [
    _campaign(_US, 1, "Launch 2025 | Search | US", "SEARCH", "paid_search",
              "2025-01-06", "2025-04-30", "REMOVED", 120, "google/cpc"),
    _campaign(_US, 2, "Brand | Search | US", "SEARCH", "paid_search", "2025-01-01", None, "ENABLED", 60, "google/cpc"),
    _campaign(_US, 3, "Generic | Search | US", "SEARCH", "paid_search",
              "2025-02-01", None, "ENABLED", 180, "google/cpc"),
    _campaign(_US, 4, "Retargeting | Display | US", "DISPLAY", "display",
              "2025-03-01", None, "ENABLED", 40, "google/display"),
    _campaign(_US, 5, "Explainer | Video | US", "VIDEO", "paid_video",
              "2025-06-01", None, "ENABLED", 70, "youtube/cpv"),
    _campaign(_US, 6, "Starter kits | Shopping | US", "SHOPPING", "paid_shopping",
              "2025-04-01", None, "ENABLED", 90, "google/cpc"),
    _campaign(_US, 7, "Always on | Cross-network | US", "PERFORMANCE_MAX", "cross_network",
              "2025-09-01", None, "ENABLED", 110, "google/cpc"),
    _campaign(_EU, 8, "Marke | Suche | DE", "SEARCH", "paid_search", "2025-01-15", None, "ENABLED", 45, "google/cpc"),
    _campaign(_EU, 9, "Generisch | Suche | DE", "SEARCH", "paid_search",
              "2025-03-01", None, "ENABLED", 130, "google/cpc"),
    _campaign(_EU, 10, "Frühjahr 2026 | Suche | DE", "SEARCH", "paid_search",
              "2026-03-01", "2026-05-31", "PAUSED", 80, "google/cpc"),
    _campaign(_EU, 11, "Wiederansprache | Display | DE", "DISPLAY", "display",
              "2025-05-01", None, "ENABLED", 35, "google/display"),
    _campaign(_EU, 12, "Wettbewerber | Suche | DE", "SEARCH", "paid_search",
              "2025-05-01", "2025-11-30", "REMOVED", 50, "google/cpc"),
    _campaign(_UK, 13, "Leads | Prospecting | UK", "OUTCOME_LEADS", "paid_social",
              "2025-01-10", None, "ENABLED", 100, "facebook/paid_social"),
    _campaign(_UK, 14, "Retargeting | UK", "OUTCOME_SALES", "paid_social",
              "2025-04-01", None, "ENABLED", 45, "instagram/paid_social"),
    _campaign(_UK, 15, "Awareness “Hello” | UK", "OUTCOME_AWARENESS", "paid_social",
              "2025-07-01", None, "ENABLED", 60, "facebook/paid_social"),
    _campaign(_FR, 16, "Leads | Prospecting | FR", "OUTCOME_LEADS", "paid_social",
              "2025-02-01", None, "ENABLED", 70, "facebook/paid_social"),
    _campaign(_FR, 17, "Lancement été 2025 | FR", "OUTCOME_TRAFFIC", "paid_social",
              "2025-06-01", "2025-08-31", "PAUSED", 55, "facebook/paid_social"),
    _campaign(_FR, 18, "Leads | Prospecting | DE", "OUTCOME_LEADS", "paid_social",
              "2025-10-01", None, "ENABLED", 85, "facebook/paid_social"),
    _campaign(_FR, 19, "Mitmachen | DE", "OUTCOME_ENGAGEMENT", "paid_social",
              "2026-01-15", None, "ENABLED", 30, "instagram/paid_social"),
    _campaign(_FR, 20, "Winter 🎿 2025", "OUTCOME_SALES", "paid_social",
              "2025-11-15", "2026-01-15", "REMOVED", 65, "facebook/paid_social"),
]  # fmt: skip
CAMPAIGN = {campaign.name: campaign for campaign in CAMPAIGNS}
# These spend and bring nobody: paid_video is a channel without one conversion.
BARREN = {"Explainer | Video | US", "Awareness “Hello” | UK"}

# Ad groups and the ads in them, by the stretch of a campaign's day that each has.
_PARTS = [
    ("Core", None, "0", "0.6"),
    ("Core", "Question", "0", "0.35"),
    ("Core", "Offer 📣", "0.35", "0.6"),
    ("Wide", None, "0.6", "1"),
    ("Wide", "Story", "0.6", "1"),
]
# An ad of theirs was deleted: no platform tells of a deleted ad by itself.
WITH_A_DELETED_AD = {"Generic | Search | US", "Leads | Prospecting | UK"}


def ad_parts(campaigns: list[Campaign]) -> list[AdPart]:
    """The ad groups and ads of the campaigns. Google's Performance Max has neither."""
    found = []
    for campaign in campaigns:
        for number, (group, ad, begins, ends) in enumerate(_PARTS):
            if campaign.kind == "PERFORMANCE_MAX":
                continue
            if ad == "Story" and campaign.name in WITH_A_DELETED_AD:
                ends = "0.9"
            found.append(
                AdPart(
                    campaign.platform, campaign.account_id, campaign.campaign_id,
                    f"{campaign.campaign_id}{1 if group == 'Core' else 2}", group,
                    f"{campaign.campaign_id}0{number}" if ad else None, ad, Decimal(begins), Decimal(ends),
                )
            )  # fmt: skip
    return found


_HUBSPOT_PAID = {"paid_search": "PAID_SEARCH", "paid_social": "PAID_SOCIAL"}


def paid_way(campaign: Campaign) -> Way:
    """A visit by a click on one of the campaign's ads."""
    click_kind = "gclid" if campaign.platform == "google_ads" else "fbclid"
    if source := _HUBSPOT_PAID.get(campaign.channel):
        data = (campaign.utm_source, campaign.name)
    else:
        source, data = "OTHER_CAMPAIGNS", (campaign.name, f"{campaign.utm_source} / {campaign.utm_medium}")
    return Way(
        campaign.channel, campaign, source, *data, campaign.utm_source, campaign.utm_medium, campaign.utm_campaign,
        campaign.campaign_id, click_kind,
    )  # fmt: skip


def mail_way(title: str) -> Way:
    """A visit by a click in a mailing."""
    return Way("email", None, "EMAIL_MARKETING", title, "", "mailchimp", "email", title)


DIRECT = Way("direct", None, "DIRECT_TRAFFIC", "www.lumenworks.example/", "")
GOOGLE = Way("organic_search", None, "ORGANIC_SEARCH", "google", "", referrer="https://www.google.com/")
_UNPAID = [
    (GOOGLE, 16),
    (Way("organic_search", None, "ORGANIC_SEARCH", "bing", "", referrer="https://www.bing.com/"), 3),
    (DIRECT, 12),
    (Way("organic_social", None, "SOCIAL_MEDIA", "LinkedIn", "", referrer="https://www.linkedin.com/"), 6),
    (Way("organic_social", None, "SOCIAL_MEDIA", "Facebook", "", referrer="https://www.facebook.com/"), 3),
    (Way("referral", None, "REFERRALS", "toolreviews.example", "", referrer="https://toolreviews.example/best"), 5),
    (Way("affiliates", None, "OTHER_CAMPAIGNS", "spring-partners", "dealfinder / affiliate",
         "dealfinder", "affiliate", "spring-partners"), 3),
    (Way("audio", None, "OTHER_CAMPAIGNS", "founders-podcast", "podhost / audio",
         "podhost", "audio", "founders-podcast"), 2),
    (Way("other", None, "OTHER_CAMPAIGNS", "flyer-2025", "flyer / qr", "flyer", "qr", "flyer-2025"), 1),
]  # fmt: skip


def source_medium(way: Way) -> tuple[str, str]:
    """The source and medium that web analytics gives a visit."""
    if way.utm_source:
        return way.utm_source, way.utm_medium
    return {
        "ORGANIC_SEARCH": (way.hs_data_1.lower(), "organic"),
        "SOCIAL_MEDIA": (way.hs_data_1.lower(), "social"),
        "REFERRALS": (way.hs_data_1, "referral"),
    }.get(way.hs_source, ("(direct)", "(none)"))


def unpaid_ways() -> list[tuple[Way, float]]:
    """The ways in that cost nothing, always open, and their weights."""
    return _UNPAID


@cache
def _ways_in(day: date) -> tuple[list[Way], list[float]]:
    """The ways in that are open on a day and how likely each is."""
    ways = [way for way, _ in _UNPAID]
    weights = [float(weight) for _, weight in _UNPAID]
    for campaign in CAMPAIGNS:
        if campaign.start_date <= day <= (campaign.end_date or day) and campaign.name not in BARREN:
            ways.append(paid_way(campaign))
            weights.append(float(campaign.daily_budget) / 22)
    return ways, weights


def way_in(dice: Random, at: datetime) -> Way:
    """One of the ways in that are open at that moment."""
    ways, weights = _ways_in(at.date())
    return dice.choices(ways, weights)[0]


@dataclass(frozen=True, slots=True)
class Letter:
    """A mailing of the calendar."""

    number: int
    campaign_id: str
    list_id: str
    title: str
    subject: str
    sent_at: datetime


NEWSLETTER = "57afe96172"
_SUBJECTS = [
    "Your month with Lumenworks",
    "Neu: schneller zum Angebot 🚀",
    "“It just works”: a customer's story",
    "Conseils pour l'été",
    "製品アップデート",
    "3 things to try this week",
]


def letters(until: date) -> list[Letter]:
    """The mailings sent up to a day: every second Tuesday, at 09:00 UTC."""
    first = datetime(2025, 1, 14, 9, tzinfo=UTC)
    count = max(0, (until - first.date()).days // 14 + 1)
    return [
        Letter(
            number, f"{0x42694E9E00 + number * 7919:010x}", NEWSLETTER,
            f"Newsletter {first + timedelta(days=14 * number):%Y-%m-%d}", _SUBJECTS[number % len(_SUBJECTS)],
            first + timedelta(days=14 * number),
        )
        for number in range(count)
    ]  # fmt: skip


def next_letter(at: datetime) -> Letter:
    """The first mailing sent after a moment."""
    return next(letter for letter in letters(at.date() + timedelta(days=15)) if letter.sent_at > at)


@dataclass(frozen=True, slots=True)
class Gathering:
    """A seminar, fair or evening at which people are met."""

    name: str
    channel: str
    at: datetime


def next_gathering(dice: Random, at: datetime) -> Gathering:
    """The first gathering after a moment: a seminar on the second Thursday of a month, a fair each quarter's end."""
    day = at.date().replace(day=1)
    while True:
        seminar = day + timedelta(days=(3 - day.weekday()) % 7 + 7)
        meeting = datetime.combine(seminar, time(14, dice.randrange(60), dice.randrange(60)), UTC)
        if meeting > at:
            break
        day = (day + timedelta(days=32)).replace(day=1)
    channel = "event" if seminar.month % 3 == 0 else dice.choice(["seminar", "seminar", "networking"])
    name = {"event": "Fair", "seminar": "Seminar", "networking": "Evening"}[channel]
    return Gathering(f"{name} {seminar:%Y-%m}", channel, meeting)


@dataclass(frozen=True, slots=True)
class Flight:
    """An offline campaign and its invoice."""

    spend_id: str
    channel: str
    campaign: str
    start_date: date
    end_date: date
    amount: Decimal
    currency: str
    region: str
    impressions: int | None
    told_channel: str = ""  # the invoice's own word, where nobody knows it


# Rio's currency is quoted from dollars only, and in May 2026 not at all. A credit note takes back part of a flight.
_SINGLE_FLIGHTS = [
    Flight("flight-rio", "radio", "Rádio Carioca 2026", date(2026, 4, 20), date(2026, 5, 24), Decimal("9999.99"), "BRL",
           "BR", 90_000),
    Flight("flight-sky", "other", "Rauchschrift 2025", date(2025, 9, 1), date(2025, 9, 7), Decimal("1200.05"), "EUR",
           "DE", None, told_channel="skywriting"),
    Flight("flight-credit", "print", "Trade journal B 2025Q4", date(2025, 11, 20), date(2025, 11, 20),
           Decimal("-125.05"), "USD", "US", None),
]  # fmt: skip


def flights(until: date) -> list[Flight]:
    """The flights that began up to a day. Invoices do not divide evenly by their days."""
    kinds = [
        ("tv", "Spot “Licht”", 14, "25000.01", "EUR", "DE", 1_200_000),
        ("print", "Trade journal A", 30, "500.00", "USD", "US", 40_000),
        ("print", "Trade journal B", 30, "500.00", "USD", "US", 38_000),
        ("outdoor", "Posters Köln", 10, "3333.33", "EUR", "DE", None),
        ("sponsorship", "Hackathon 💡", 3, "1000.00", "GBP", "UK", None),
        ("radio", "Morning show", 7, "1999.99", "USD", "US", 300_000),
        ("sponsorship", "Chess club", 61, "2500.01", "EUR", "DE", None),
    ]
    found = []
    for quarter in range(64):
        year, month = 2025 + quarter // 4, 1 + quarter % 4 * 3
        for number, (channel, name, days, amount, currency, region, seen) in enumerate(kinds):
            start = date(year, month, 1) + timedelta(days=9 * (number if name != "Trade journal B" else 1))
            found.append(
                Flight(f"flight-{quarter:02}-{number}", channel, f"{name} {year}Q{quarter % 4 + 1}", start,
                       start + timedelta(days=days - 1), Decimal(amount), currency, region, seen)
            )  # fmt: skip
        for month_of_quarter in range(3):
            day = date(year, month + month_of_quarter, 8)
            meeting = day + timedelta(days=(3 - day.weekday()) % 7)
            channel, name = ("event", "Fair") if meeting.month % 3 == 0 else ("seminar", "Seminar")
            found.append(
                Flight(f"flight-{quarter:02}-m{month_of_quarter}", channel, f"{name} {meeting:%Y-%m}", meeting,
                       meeting, Decimal("1850.00"), "EUR", "DE", None)
            )  # fmt: skip
    return [flight for flight in found + _SINGLE_FLIGHTS if flight.start_date <= until]
