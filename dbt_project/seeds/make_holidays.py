"""Write holidays.csv, the public holidays that SLA clocks do not count, from the `holidays` library; needs no network.

    python dbt_project/seeds/make_holidays.py

Run it after adding a country below, and commit the result. Nationwide public holidays only; where they follow the moon,
days that are not announced yet are the library's estimate.
"""

import csv
from pathlib import Path

import holidays

COUNTRIES = [
    "AT",
    "AU",
    "BE",
    "BR",
    "CA",
    "CH",
    "DE",
    "DK",
    "ES",
    "FI",
    "FR",
    "GB",
    "IE",
    "IN",
    "IT",
    "JP",
    "MX",
    "NL",
    "NO",
    "NZ",
    "PL",
    "PT",
    "SE",
    "SG",
    "US",
    "ZA",
]
YEARS = range(2020, 2036)


def main() -> None:
    """Write one row per country and day, in order."""
    with Path(__file__).with_name("holidays.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["country", "holiday_date", "holiday"])
        for country in COUNTRIES:
            days = holidays.country_holidays(country, years=YEARS, language="en_US")
            writer.writerows((country, day.isoformat(), name) for day, name in sorted(days.items()))


if __name__ == "__main__":
    main()
