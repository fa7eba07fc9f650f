"""Journeys of people, given by hand or at random, through the real models of attribution.

The models' own inputs (touches with a channel, conversions, who belongs to a deal) are written into a build file; dbt
does the rest. The keys of people, deals and conversions are made of their names.
"""

import os
import subprocess
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import yaml

from publishing.build import dbt_command

AS_OF = "2026-06-30"
MODELS = [
    "attribution_models",
    "int_conversions__peopled",
    "int_touches__admitted",
    "int_touches__pathed",
    "int_channels__followed",
    "int_channels__removed",
    "int_touches__weighted",
    "fct_attribution",
    "rpt_attribution_channels",
]


@dataclass
class Journey:
    """What a person touched, (moment, channel), and what they became, when, by conversion type."""

    person: str
    touches: list[tuple[datetime, str]] = field(default_factory=list)
    conversions: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Deal:
    """A deal that was won, and the people it was won from."""

    name: str
    people: list[str]
    won_at: datetime
    value: Decimal


@dataclass(frozen=True)
class Attributed:
    """The warehouse built from some journeys."""

    path: Path

    def rows(self, query: str) -> list[tuple]:
        """The answer of the built warehouse."""
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query).fetchall()


def attributed(folder: Path, journeys: list[Journey], deals: list[Deal]) -> Attributed:
    """The models built on these journeys and deals."""
    touches = [
        (f"{each.person}{number:05}", each.person, at, channel)
        for each in journeys
        for number, (at, channel) in enumerate(each.touches, start=1)
    ]
    conversions = [
        (f"{kind}_{each.person}", kind, each.person, None, at, None)
        for each in journeys
        for kind, at in each.conversions.items()
    ] + [
        (f"won_deal_{deal.name}", "won_deal", next(iter(deal.people), None), deal.name, deal.won_at, deal.value)
        for deal in deals
    ]
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema intermediate")
        connection.register("touches", pd.DataFrame(touches, columns=["key", "person", "touched_at", "channel"]))
        connection.execute("""
            create table intermediate.int_touches__matched as
            select
                key as touch_key, person as person_key, touched_at::timestamp as touched_at, channel,
                'campaign of ' || channel as campaign_key, 'marketing' as department, 'test' as source,
                key as source_touch_id
            from touches
        """)
        connection.execute("""
            create table intermediate.int_conversions__derived (
                conversion_key varchar, conversion_type varchar, person_key varchar, deal_key varchar,
                converted_at timestamp, conversion_value decimal(18, 2)
            );
            create table intermediate.int_deals__peopled (deal_key varchar, source varchar, source_person_id varchar);
        """)
        connection.executemany(
            "insert into intermediate.int_conversions__derived values (?, ?, ?, ?, ?, ?)", conversions
        )
        for deal in deals:
            for person in deal.people:
                connection.execute(
                    "insert into intermediate.int_deals__peopled values (?, 'test', ?)", [deal.name, person]
                )
        connection.execute("""
            create table intermediate.int_people__resolved as
            select distinct 'test' as source, source_person_id, source_person_id as person_key, false as is_excluded
            from intermediate.int_deals__peopled
        """)
    _build(folder, path)
    return Attributed(path)


def _build(folder: Path, path: Path) -> None:
    """dbt in an environment of its own: the file alone, no raw files attached."""
    profiles = yaml.safe_load(Path("dbt_project/profiles.yml").read_text())
    del profiles["smarketing_warehouse"]["outputs"]["duckdb"]["attach"]
    (folder / "profiles.yml").write_text(yaml.safe_dump(profiles))
    command = dbt_command(
        "build", "--resource-type", "seed", "--resource-type", "model", "--target-path", str(folder / "target")
    )
    command[command.index("--profiles-dir") + 1] = str(folder)
    settings = {**os.environ, "AS_OF": AS_OF, "BUILD_FILE": str(path), "DBT_LOG_PATH": str(folder / "target")}
    subprocess.run([*command, "--select", *MODELS], env=settings, check=True)
