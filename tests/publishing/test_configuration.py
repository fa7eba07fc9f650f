"""All mistakes of the configuration are told at once, each with its file, its line and what to do."""

import shutil
from pathlib import Path

import pytest

from publishing.configuration import PROJECT, ConfigurationError, mistakes, require_sound_configuration


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project to make mistakes in."""
    copy = tmp_path / "project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    return copy


def add(project: Path, seed: str, row: str) -> int:
    """A row at the end of a seed, and its line."""
    path = project / "seeds" / f"{seed}.csv"
    path.write_text(path.read_text() + row + "\n")
    return len(path.read_text().splitlines())


def change(project: Path, file: str, old: str, new: str) -> int:
    """Another text in the first line that has the old one, and its line."""
    path = project / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def told(project: Path) -> list[tuple[str, int, str]]:
    """Each mistake as file, line and what."""
    return [(Path(mistake.file).name, mistake.line, mistake.what) for mistake in mistakes(project)]


def test_the_shipped_configuration_has_no_mistake():
    assert mistakes() == []


def test_ten_mistakes_are_told_at_once(project: Path):
    ten = [
        ("crm_stage_map.csv", add(project, "crm_stage_map", "files,demo,propsal"), "unknown stage 'propsal'"),
        ("crm_stage_map.csv", add(project, "crm_stage_map", "files,Trial,warm"), "crm_stage 'Trial' never matches"),
        (
            "channel_rules.csv",
            add(project, "channel_rules", "250,partner,,,^partner$,,"),
            "priority '250' stands twice",
        ),
        ("channel_rules.csv", add(project, "channel_rules", "300,sms,,^tiktok(,,,"), "source_pattern '^tiktok('"),
        (
            "channel_rules.csv",
            add(project, "channel_rules", "310,radio,,,^audio$,,"),
            "the conditions of line 26 again",
        ),
        (
            "sla_terms.csv",
            add(project, "sla_terms", "twice,,2026-01-01,8,09:00,17:00,12345,America/New_York,US,10"),
            "segment, valid_from '', '2026-01-01' stands twice",
        ),
        (
            "sla_terms.csv",
            add(project, "sla_terms", "moon,smb,2026-02-30,4,17:00,09:00,123458,Europe/Berlino,XX,10"),
            "valid_from '2026-02-30' is no date",
        ),
        ("sla_pauses.csv", add(project, "sla_pauses", "2026-08-10,2026-08-01,holidays"), "a pause that ends on"),
        (
            "vars.yml",
            change(project, "vars.yml", "position_based_first_share: 0.4", "position_based_first_share: 0.7"),
            "the shares of position_based make 1.1, more than 1",
        ),
        ("vars.yml", change(project, "vars.yml", "machine_open_seconds", "machine_opens_seconds"), "unknown setting"),
    ]
    found = told(project)
    missed = [one for one in ten if not any(one[:2] == two[:2] and two[2].startswith(one[2]) for two in found)]
    assert not missed
    with pytest.raises(ConfigurationError) as stopped:
        require_sound_configuration(project)
    message = str(stopped.value)
    assert all(f"{file}:{line}: {what}" in message for file, line, what in ten)
    assert "did you mean 'proposal'?" in message
    assert "did you mean 'machine_open_seconds'?" in message


@pytest.mark.parametrize(
    ("seed", "row", "what"),
    [
        ("sla_terms", "v,smb,2026-01-01,4,09:00,17:00,123458,UTC,US,1", "working_days '123458' are no days of a week"),
        ("sla_terms", "v,smb,2026-01-01,4,17:00,09:00,12345,UTC,US,1", "business hours from '17:00' to '09:00'"),
        ("sla_terms", "v,smb,2026-01-01,4,9:00,17:00,12345,UTC,US,1", "business hours from '9:00' to '17:00'"),
        ("sla_terms", "v,smb,2026-01-01,4,09:00,17:00,12345,Europe/Berlino,US,1", "unknown time_zone 'Europe/Berlino'"),
        ("sla_terms", "v,smb,2026-01-01,4,09:00,17:00,12345,UTC,XX,1", "unknown country 'XX'"),
        ("sla_terms", "v,smb,2026-01-01,0,09:00,17:00,12345,UTC,US,1", "response_hours 0 are no time to respond in"),
        (
            "sla_terms",
            "v,smb,2026-01-01,9999,09:00,17:00,12345,UTC,US,1",
            "response_hours 9999 are more",
        ),
        ("sla_terms", "v,smb,2026-01-01,4,09:00,17:00,12345,UTC,US,-1", "committed_leads -1 is no promise"),
        ("sla_terms", "v,smb,,4,09:00,17:00,12345,UTC,US,1", "valid_from is empty"),
        (
            "sla_terms",
            "v,Enterprise,2026-01-01,4,09:00,17:00,12345,UTC,US,1",
            "segment 'Enterprise' has terms from 2026-01-01 already, as 'enterprise'",
        ),
        ("segment_rules", "1,smb,mood,good", "unknown field 'mood'"),
        ("ad_campaign_channels", "google_ads,search2,paid_serch", "unknown channel 'paid_serch'"),
        ("ad_campaign_channels", "google_ads,SEARCH2,paid_search", "campaign_type 'SEARCH2' never matches"),
        ("ad_campaign_channels", "google_ads,search,display", "platform, campaign_type 'google_ads', 'search' stands"),
        ("ad_campaign_channels", "meta_ads,,display", "platform, campaign_type 'meta_ads', '' stands twice"),
        ("ad_campaign_channels", "googleads,search,paid_search", "unknown platform 'googleads'"),
        ("ad_campaign_channels", ",search,paid_search", "platform is empty"),
        ("campaign_aliases", "google_ads,spring,1,more", "more cells than columns"),
        ("campaign_aliases", "googleads,spring,1", "unknown platform 'googleads'"),
        ("campaign_aliases", ",spring,1", "platform is empty"),
        ("campaign_aliases", "google_ads,,1", "alias is empty"),
        ("campaign_aliases", "google_ads,spring,", "campaign_id is empty"),
        ("google_analytics_channels", "direct,other", "channel_group 'direct' stands twice"),
        ("platform_rules", "facebook,^fb2$,", "unknown platform 'facebook'"),
        ("platform_rules", ",^fb2$,", "platform is empty"),
        ("platform_rules", "google_ads,,GCLID", "click_id_type 'GCLID' never matches"),
        (
            "platform_rules",
            "meta_ads,^(linkedin)$,",
            "source_pattern '^(linkedin)$' is 'meta_ads' here and 'linkedin_ads'",
        ),
        ("platform_rules", "meta_ads,,gclid", "click_id_type 'gclid' is 'meta_ads' here and 'google_ads' by line 3"),
        ("platform_rules", "meta_ads,^linkedin(,", "source_pattern '^linkedin(' is no regular expression"),
        ("platforms", "Bing_Ads,Microsoft Advertising", "platform 'Bing_Ads' never matches"),
        ("lead_stages", "demo,9,hot,sales,false,a demo", "unknown temperature 'hot'"),
        ("lead_stages", "demo,9,warm,sale,false,a demo", "unknown owned_by 'sale'"),
        ("quota_ramps", "slow,1,0.5", "the ramp 'slow' begins with month 1"),
        ("quota_ramps", "slow,0,1.5", "share 1.5 of a quota"),
        ("quota_ramps", "slow,0,-0.5", "share -0.5 of a quota"),
        ("quota_ramps", "slow,0,", "share is empty"),
        ("quota_ramps", ",0,1", "ramp is empty"),
        ("quota_ramps", "standard,-1,1", "from_month '-1' is no month of service"),
        ("quota_ramps", "standard,,1", "from_month '' is no month of service"),
        ("quota_ramps", "standard,3,0.9", "ramp, from_month 'standard', '3' stands twice"),
        ("reason_map", "files,Budget,no_budget", "crm_reason 'Budget' never matches"),
        ("activity_outcome_map", "files,Spoke,connected", "crm_outcome 'Spoke' never matches"),
        ("change_sources", "ROBOT,false,false,a robot", "source_type 'ROBOT' never matches"),
    ],
)
def test_a_wrong_row_stops_the_night(project: Path, seed: str, row: str, what: str):
    line = add(project, seed, row)
    [mistake] = mistakes(project)
    assert (Path(mistake.file).name, mistake.line) == (f"{seed}.csv", line)
    assert mistake.what.startswith(what)
    assert mistake.remedy
    assert mistake.stops


def test_an_alias_of_two_campaigns_stops_the_night_in_any_case(project: Path):
    add(project, "campaign_aliases", "google_ads,spring,1")
    add(project, "campaign_aliases", "google_ads,spring,2")
    add(project, "campaign_aliases", "google_ads,Spring,3")
    add(project, "campaign_aliases", "meta_ads,spring,1")
    assert told(project) == [
        ("campaign_aliases.csv", 3, "platform, alias 'google_ads', 'spring' stands twice"),
        ("campaign_aliases.csv", 4, "alias 'Spring' never matches, for it is compared in lower case"),
        ("campaign_aliases.csv", 4, "platform, alias 'google_ads', 'Spring' stands twice"),
    ]


def test_patterns_of_two_platforms_may_overlap_and_a_platform_of_ones_own_may_be_named(project: Path):
    add(project, "platforms", "bing_ads,costs are told by a file")
    add(project, "platform_rules", "bing_ads,^(bing|google)$,msclkid")
    add(project, "platform_rules", "bing_ads,^(bing|google)$,uetmsclkid")
    add(project, "platform_rules", "offline,^flyer$,")
    add(project, "platform_rules", "mailchimp,^newsletter$,")
    add(project, "campaign_aliases", "bing_ads,spring,1")
    add(project, "campaign_aliases", "offline,fair,f")
    assert mistakes(project) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("business_time_zone: UTC", "business_time_zone: Mars/Olympus", "business_time_zone is 'Mars/Olympus'"),
        ("reporting_currency: USD", "reporting_currency: dollars", "reporting_currency is 'dollars'"),
        ("fiscal_year_start_month: 1", "fiscal_year_start_month: 13", "fiscal_year_start_month is 13"),
        ("default_attribution_model: position_based", "default_attribution_model: gut", "default_attribution_model is"),
        ("ad_platforms: [google_ads,", "ad_platforms: [bing_ads,", "ad_platforms is ['bing_ads', 'meta_ads']"),
        ("{hubspot: 1,", "{hubspot: 10,", "crm_probability_scale is {'hubspot': 10, 'files': 1}"),
        ("w_shaped_first_share: 0.3", "w_shaped_first_share: 0.5", "the shares of w_shaped make 1.1, more than 1"),
        ("w_shaped_lead_share: 0.3", "w_shaped_lead_share: -1", "w_shaped_lead_share is -1"),
        ("  machine_open_seconds: 10\n", "", "machine_open_seconds is not set"),
        ("ad_platforms: [", "session_timeout_minutes: 3\n  ad_platforms: [", "session_timeout_minutes is set twice"),
        ("ad_platforms: [", "ad_platforms: [[", "is no YAML"),
    ],
)  # fmt: skip
def test_a_wrong_setting_stops_the_night(project: Path, old: str, new: str, what: str):
    change(project, "vars.yml", old, new)
    [mistake] = mistakes(project)
    assert Path(mistake.file).name == "vars.yml"
    assert mistake.what.startswith(what)
    assert mistake.stops


def test_a_lost_seed_a_lost_column_and_a_list_nobody_described_stop_the_night(project: Path):
    (project / "seeds" / "sla_pauses.csv").unlink()
    change(project, "seeds/channels.csv", "is_paid,is_offline", "is_payed,is_offline")
    (project / "seeds" / "our_list.csv").write_text("name\nours\n")
    assert {(file, what) for file, _, what in told(project)} == {
        ("sla_pauses.csv", "the seed is missing"),
        ("channels.csv", "unknown column 'is_payed'"),
        ("channels.csv", "no column 'is_paid'"),
        ("our_list.csv", "unknown column 'name'"),
        ("our_list.csv", "nobody says what its columns hold"),
    }


def test_what_only_has_no_effect_warns_and_does_not_stop(project: Path, capsys: pytest.CaptureFixture):
    behind = add(project, "channel_rules", "320,sms,,^ours$,^audio$,,")
    overlapping = [add(project, "sla_pauses", f"2026-08-0{day},2026-08-05,closed") for day in (1, 4)][-1]
    early = add(project, "sla_terms", "early,smb,1999-01-01,4,09:00,17:00,12345,UTC,US,1")
    assert told(project) == [
        ("channel_rules.csv", behind, "never comes into play: line 26 takes all of it"),
        ("sla_pauses.csv", overlapping, "overlaps the pause of line 2"),
        ("sla_terms.csv", early, "nothing is owed to other segments from 1999-01-01 until the first default terms"),
    ]
    require_sound_configuration(project)
    assert capsys.readouterr().out.count("  warning     ") == 3


@pytest.mark.parametrize(
    ("rule", "what", "stops"),
    [
        ("320,sms,,,^(ppc|acpx)$,,", "never comes into play: line 13 takes all of it", False),
        ("320,email,,,^e-mail$,,", "never comes into play: line 24 takes all of it", False),
        ("320,radio,,,^(audio)$,,", "the conditions of line 26 again, for 'radio' and not 'audio'", True),
        ("255,radio,,,^audio-?$,,", None, True),
        ("320,sms,,^sms2,^audio-ads?$,,", None, True),
    ],
)
def test_rules_are_compared_by_what_their_patterns_match(project: Path, rule: str, what: str | None, stops: bool):
    line = add(project, "channel_rules", rule)
    found = [(mistake.line, mistake.what, mistake.stops) for mistake in mistakes(project)]
    assert found == ([(line, what, stops)] if what else [])


def test_two_rules_of_one_priority_that_both_take_something_stop_the_night(project: Path):
    line = add(project, "channel_rules", "250,sms,,^sms,^aud,,")
    assert (
        "channel_rules.csv",
        line,
        "medium 'audio' and source 'sms' is 'sms' here and 'audio' by line 26, at one priority",
    ) in told(project)


def test_an_agreement_without_default_terms_warns(project: Path):
    path = project / "seeds" / "sla_terms.csv"
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if ",," not in line))
    [mistake] = mistakes(project)
    assert mistake.what == "no terms without a segment"
    assert not mistake.stops


def test_an_agreement_that_begins_late_warns(project: Path):
    path = project / "seeds" / "sla_terms.csv"
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "2000-01-01" not in line))
    [mistake] = mistakes(project)
    assert mistake.what == "nothing is owed from 2000-01-01 until the first terms without a segment, 2026-01-01"
    assert not mistake.stops
