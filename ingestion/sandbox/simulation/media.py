"""What the ad, web, social and email platforms report: counts of everybody, known or not."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from ingestion.sandbox.simulation import market
from ingestion.sandbox.simulation.chance import chance
from ingestion.sandbox.simulation.facts import CRM, Facts
from ingestion.sandbox.world import AdDay, Campaign, Click, MailEvent, Mailing, Member, Page, Post, SocialDay, WebDay

RESTATED_DAYS = 28
CHANNEL_GROUPS = {
    "direct": "Direct",
    "cross_network": "Cross-network",
    "paid_shopping": "Paid Shopping",
    "paid_search": "Paid Search",
    "paid_social": "Paid Social",
    "paid_video": "Paid Video",
    "display": "Display",
    "organic_social": "Organic Social",
    "organic_search": "Organic Search",
    "referral": "Referral",
    "email": "Email",
    "affiliates": "Affiliates",
    "audio": "Audio",
    "other": "Unassigned",
}
_ZONES = {key: ZoneInfo(account.time_zone) for key, account in market.ACCOUNT.items()}


def clicks(facts: Facts) -> list[Click]:
    """The ad clicks behind known people's sessions, on the account's own day."""
    found = []
    for record in facts.records:
        for touch in record.touches:
            if touch.click_id:
                campaign = touch.way.campaign
                day = touch.at.astimezone(_ZONES[campaign.platform, campaign.account_id]).date()
                found.append(
                    Click(campaign.platform, campaign.account_id, campaign.campaign_id, touch.click_id, day)
                )  # fmt: skip
    return found


def ad_days(known: list[Click], seed: int, scale: float, as_of: date, age: int | None = None) -> list[AdDay]:
    """Every campaign's days as its platform tells them at `as_of`, or would when all were of one age."""
    ours = Counter((click.campaign_id, click.day) for click in known)
    days = []
    for campaign in market.CAMPAIGNS:
        day, last = campaign.start_date, min(campaign.end_date or as_of, as_of)
        while day <= last:
            if told := _ad_day(campaign, day, ours[campaign.campaign_id, day], seed, scale, age or (as_of - day).days):
                days.append(told)
            day += timedelta(days=1)
    return days


def _ad_day(campaign: Campaign, day: date, ours: int, seed: int, scale: float, age: int) -> AdDay | None:
    """One campaign's day at an age in days: it settles when it is 28 days old, and a few rows are withdrawn.

    The final numbers are rolled once; what is told before drifts towards them, spend and clicks a little, conversions
    from a quarter up, because they are claimed late and credited to the day of the click.
    """
    dice = chance(seed, campaign.campaign_id, day)
    spend = float(campaign.daily_budget) * scale * dice.uniform(0.7, 1.1) * (0.75 if day.weekday() >= 5 else 1)
    if dice.random() < 0.1:
        spend = float(campaign.daily_budget) * scale  # the budget ran out: many days cost exactly the same
    cost_per_click = {"SEARCH": 2.4, "SHOPPING": 1.1, "DISPLAY": 0.6, "VIDEO": 0.9}.get(campaign.kind, 1.3)
    clicks = max(int(spend / cost_per_click * dice.uniform(0.8, 1.2)), 1)
    impressions = int(clicks / dice.uniform(0.008, 0.05))
    claimed = clicks * dice.uniform(0.02, 0.09)
    value = claimed * dice.uniform(60, 240)
    drift, withdrawn_at = dice.uniform(-0.06, 0.12), dice.randrange(3, 21)
    if campaign.name == "Retargeting | UK" and day.day % 10 == 1:
        withdrawn_at, is_withdrawn = 10, ours == 0
    else:
        is_withdrawn = dice.random() < 0.012 and ours == 0
    if is_withdrawn and age >= withdrawn_at:
        return None
    youth = max(0.0, 1 - age / RESTATED_DAYS)
    told = 1 - drift * youth
    claimed *= 1 - 0.75 * youth**1.5
    clicks = max(round(clicks * told), 1) + ours
    impressions = max(round(impressions * told), clicks)
    return AdDay(
        campaign.platform, campaign.account_id, campaign.campaign_id, day, impressions,
        max(int(impressions * 0.71), 1), clicks, Decimal(f"{max(spend * told, 0.01):.2f}"),
        Decimal(f"{claimed:.2f}"), Decimal(f"{value * (1 - 0.75 * youth**1.5):.2f}"),
    )  # fmt: skip


def web_days(facts: Facts, seed: int, scale: float, as_of: date) -> list[WebDay]:
    """Sessions of the web site: known people's and many times as many others'. Key events settle in three days."""
    account = market.ACCOUNTS[4]
    zone = _ZONES[account.platform, account.account_id]
    sessions, ours = Counter(), Counter()
    for record in facts.records:
        for touch in record.touches:
            if touch.kind == "session":
                key = (touch.at.astimezone(zone).date(), *_words(touch.way))
                sessions[key] += 1
                ours[key] += 1
    campaigns = {campaign.campaign_id: market.paid_way(campaign) for campaign in market.CAMPAIGNS}
    for day in ad_days(clicks(facts), seed, scale, as_of, age=RESTATED_DAYS):
        sessions[(day.day, *_words(campaigns[day.campaign_id]))] += int(day.clicks * 0.8)
    day = market.FOUNDED
    while day <= as_of:
        dice = chance(seed, "web", day)
        for way, weight in market.unpaid_ways():
            sessions[(day, *_words(way))] += int(weight * scale * dice.uniform(4, 9) + dice.random())
        day += timedelta(days=1)
    found = []
    for key in sorted(key for key, count in sessions.items() if count and key[0] <= as_of):
        dice, count = chance(seed, "web", *key), sessions[key]
        key_events = ours[key] + int(count * dice.uniform(0, 0.03) * (0.7 if (as_of - key[0]).days < 3 else 1))
        revenue = Decimal(dice.randrange(2_000, 30_000)) / 100 if dice.random() < 0.05 else Decimal("0.00")
        found.append(
            WebDay(account.account_id, *key, count, int(count * dice.uniform(0.5, 0.8)),
                   int(count * dice.uniform(0.4, 0.9)), key_events, revenue)
        )  # fmt: skip
    return found


def _words(way: market.Way) -> tuple[str, str, str, str]:
    """Channel group, source, medium and campaign as web analytics tells them."""
    return (CHANNEL_GROUPS[way.channel], *market.source_medium(way), way.utm_campaign or "(not set)")


PAGES = [Page("102938475610293", "Lumenworks", "17841400000000001", "lumenworks.tools")]


def social_days(seed: int, scale: float, as_of: date) -> list[SocialDay]:
    """The page's and the profile's days; Instagram tells its last two days later."""
    found = []
    for platform, size in (("facebook", 900), ("instagram", 600)):
        followers, day = size, market.FOUNDED
        while day <= as_of:
            dice = chance(seed, platform, day)
            new = int(dice.uniform(0, 9) * max(scale, 0.2))
            followers += new - dice.randrange(0, 2)
            views = int(followers * dice.uniform(0.2, 0.9))
            is_told = platform == "facebook" or (as_of - day).days >= 2
            numbers = (
                views,
                int(views * 0.7),
                int(views * dice.uniform(0.01, 0.06)),
                followers,
                new,
                int(views * 0.05),
            )
            found.append(SocialDay(platform, PAGES[0].page_id, day, *(numbers if is_told else (None,) * 6)))
            day += timedelta(days=1)
    return found


_MESSAGES = [
    "New: quotes in one click 🚀",
    "Wir sind auf der Messe, kommt vorbei!",
    "「導入事例」を公開しました",
    'A customer says: "finally!"\nRead the story.',
    "שבוע טוב לכולם",
]


def posts(seed: int, as_of: date) -> list[Post]:
    """A post on the page every third day, on the profile every fourth; their counts settle within 28 days."""
    found = []
    for platform, every in (("facebook", 3), ("instagram", 4)):
        number, day = 0, market.FOUNDED + timedelta(days=1)
        page = PAGES[0].page_id
        while day <= as_of:
            dice = chance(seed, "post", platform, number)
            created_at = datetime.combine(day, time(dice.randrange(8, 18), dice.randrange(60)), UTC)
            told = min(1.0, 0.5 + (as_of - day).days / (2 * RESTATED_DAYS))
            counts = [int(dice.uniform(*between) * told) for between in
                      ((200, 2_000), (150, 1_500), (5, 90), (3, 120), (0, 20), (0, 15), (0, 12))]  # fmt: skip
            post_id = f"{page}_{10_000 + number}" if platform == "facebook" else f"{17_900_000_000_000 + number}"
            link = f"https://www.{platform}.example/lumenworks/{post_id}"
            found.append(
                Post(platform, page, post_id, created_at, _MESSAGES[number % len(_MESSAGES)], link, *counts)
            )  # fmt: skip
            number, day = number + 1, day + timedelta(days=every)
    return found


def mail(facts: Facts, as_of: date) -> tuple[list[Member], list[Mailing], list[MailEvent]]:
    """The list's members, the mailings with their recipients, and what became of them."""
    members, events = [], []
    recipients = defaultdict(list)
    letters = market.letters(as_of)
    for record in facts.records:
        if record.system != CRM or record.joined_at is None or record.gone_at:
            continue
        email = record.email.lower()
        members.append(
            Member(market.NEWSLETTER, email, record.full_name, record.left_as or "subscribed", record.joined_at,
                   record.left_at or record.joined_at)
        )  # fmt: skip
        for letter in letters:
            if letter.sent_at > record.joined_at and (record.left_at is None or letter.sent_at < record.left_at):
                recipients[letter.number].append(email)
        for action in record.mail_actions:
            letter = letters[action.mailing]
            events.append(
                MailEvent(letter.campaign_id, email, action.action, action.at, action.ip, action.url,
                          action.bounce_type, action.is_machine)
            )  # fmt: skip
    mailings = [
        Mailing(letter.campaign_id, letter.list_id, letter.title, letter.subject, letter.title,
                letter.sent_at - timedelta(hours=20), letter.sent_at, tuple(recipients[letter.number]))
        for letter in letters
    ]  # fmt: skip
    return members, mailings, sorted(events, key=lambda event: (event.at, event.email, event.action))
