"""The removal effect of every channel: the share of conversions that would be lost without it.

Input `int_channels__followed`: a first-order chain per conversion type, its states the channels, (start), (conversion)
and (null). Output: one row per conversion type and channel with `removal_effect`, 0 to 1, = 1 - p(conversion without
the channel) / p(conversion), where a removed channel leads to (null).

One inverse tells all of them. With Q the steps between the states that are left again, r their steps to (conversion),
N = (I - Q)^-1 (Kemeny and Snell's fundamental matrix) and h = N r:

    effect(c) = N[start, c] / N[c, c] x h[c] / h[start]

that is p(c is ever reached) x p(conversion from c) / p(conversion).
"""

import numpy
import pandas

START, CONVERSION = "(start)", "(conversion)"
DIGITS = 12


def model(dbt, session):
    """The removal effects of all chains; no row for a conversion type that no path leads to."""
    dbt.config(materialized="table")
    followed = dbt.ref("int_channels__followed")
    steps = followed.df() if hasattr(followed, "df") else followed.toPandas()
    rows = [
        (conversion_type, channel, effect)
        for conversion_type, chain in steps.groupby("conversion_type")
        for channel, effect in removal_effects(chain)
    ]
    return pandas.DataFrame(rows, columns=["conversion_type", "channel", "removal_effect"]).astype(
        {"conversion_type": "str", "channel": "str", "removal_effect": "float64"}
    )


def removal_effects(chain: pandas.DataFrame) -> list[tuple[str, float]]:
    """(channel, effect) of one chain in the channels' order; none if nothing converts."""
    probability = chain.pivot(index="from_state", columns="to_state", values="probability").fillna(0.0)
    if CONVERSION not in probability:
        return []
    channels = sorted(state for state in probability.index if state != START)
    states = [START, *channels]
    between = probability.reindex(index=states, columns=states, fill_value=0.0).to_numpy()
    visits = numpy.linalg.inv(numpy.identity(len(states)) - between)
    converts = visits @ probability.loc[states, CONVERSION].to_numpy()
    effects = visits[0] / visits.diagonal() * converts / converts[0]
    return list(zip(channels, effects[1:].round(DIGITS).clip(0, 1).tolist(), strict=True))
