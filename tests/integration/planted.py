"""A council that does not exist, and the errors that people make in its figures. From a seed, always the same.

Its indicators are of the kinds, sizes and printed forms of examples/north-northamptonshire, and its figures come of what such figures
count: people, cases, calls and pounds, with seasons, drift, chance and now and then something that really happened. Nothing here knows
what the product takes for unusual.
"""

import dataclasses
import decimal
import math
import random

FIRST_YEAR = 2022  # April 2022 to March 2024.
MONTHS = 24
D = decimal.Decimal

# ref; description; kind; size; the other parameter; options. The kinds:
#   ratio    so many cases a month; share of them. Numerator and denominator, both summed
#   register so many on a register; share of them. The newest stands for the year
#   share    cases behind it, which are not sent; share of them. A bare percentage
#   count    so many a month, summed          stock   so many at the month's end
#   days     cases a month; mean days each    rate    a bare rate at the month's end; its change by the month
#   money    pounds a month, summed           collect pounds a year; share of them collected so far, with the amount
#   sofar    so many a month; the figure is the year so far
TABLE = """
T11|% of Freedom of Information requests answered in 20 working days|ratio|110|.86|cv
T12|% of environmental information requests answered in 20 working days|ratio|28|.97|v
T14|% of invoices paid within 30 days|ratio|5200|.962|cv
T15|% of Council Tax collected|collect|217000000|.968|
T16|% of National Non Domestic Rates collected|collect|134000000|.972|
T17|Days to process benefit claims|days|640|21|lower
T18|Days to process changes of circumstances|days|4900|5.6|lower
T21a|% of calls answered|ratio|34000|.86|cv
T21b|Calls received|count|34000||
T22|Stage 1 complaints received|count|120||lower
T23|Stage 2 complaints received|count|9||lower
T24|Web forms sent in|count|11800||season
T1|% of major planning applications in 13 weeks|ratio|7|.93|v
T2|% of minor planning applications in 8 weeks|ratio|40|.87|v
T3|% of other planning applications in 8 weeks|ratio|118|.9|
T4|% of food establishments broadly compliant|register|3110|.93|v
T5|Establishments with an Eat Out Eat Well award|stock|22||
T6|Food and environmental samples taken|count|32||
T7a|Notices served, penalties|count|18||
T7b|Notices served, prosecutions|count|3||
T54|Visits to country parks, permits sold|count|1650||season
T55|Fly-tips reported|count|690||lower
T56|% of bins collected on the day|share|180000|.992|
T58|% of working time lost to sickness|share|2600|.043|lower
T60a|Tonnes of household waste|count|3300||season 2
T60b|Tonnes of household waste recycled|count|990||season 2
T65|% of waste diverted from landfill|share|3300|.925|
T66|% of household waste recycled or composted|share|3300|.4|season
T67|Empty homes|stock|1480||lower
T68|Approaches as homeless|count|150||lower
T69|% of homelessness prevented|ratio|96|.55|
T70|Days to let an empty home|days|48|31|lower
T71|% of repairs done in time|ratio|2600|.93|v
T72|% of rent collected of rent due|share|4100|.985|
T73|Income from parking, pounds|money|182000||
T74|Spent on temporary accommodation, pounds|money|94000||lower
T40|Visits to leisure centres|count|96000||season
T41|Visits to libraries|count|31500||season
T42|Books lent, year so far|sofar|27500||
T43|Home adaptations done, year so far|sofar|38||
T44|% of road length in good condition|share|2200|.755|
T45|% of land searches in 10 days|ratio|240|.91|v
T46|Street lights mended|count|610||season
T47|Potholes filled|count|480||season
T25|% of referrals that are repeat referrals|ratio|586|.34|lower v
T26|% of assessments within 45 working days|ratio|560|.93|
T28|% of first conferences within 15 days|ratio|64|.82|v
T30|% of visits to children in need in time|ratio|440|.72|c
T31|Children looked after|stock|1166||lower
T32|Children with a protection plan|stock|586||lower
T33|% of reviews in time|ratio|83|.93|v
T34|Cases for each social worker|rate|17.2|.03|lower 1
T35|% of children placed far away|register|1170|.18|lower
T36|Children's referrals for each 10,000|rate|573|.03|lower 2
T75|% of care users with direct payments|register|1945|.36|
T76|People in residential care|stock|1890||lower
T78|Hospital referrals to social care|count|262||
T77|% of care homes rated good|share|112|.79|quarterly
T79|Premature deaths avoided, health checks|count|2450||quarterly
T80|% of residents satisfied|share|1100|.66|yearly
"""


@dataclasses.dataclass
class Indicator:
    ref: str
    description: str
    kind: str
    size: float
    share: float
    options: tuple
    places: int
    totals: bool  # Quarters and years to date are sent beside the months.
    arrows: bool  # The publisher's arrow is sent.
    statuses: bool  # The publisher's status is sent.
    target: D = None

    @property
    def frequency(self):
        return next((f for f in ("quarterly", "yearly") if f in self.options), "monthly")

    @property
    def lower(self):
        return "lower" in self.options

    @property
    def unit(self):
        percent = self.kind in ("ratio", "register", "share", "collect")
        return "percent" if percent else {"days": "days", "rate": "rate", "money": "pounds"}.get(self.kind, "count")

    @property
    def rule(self):
        if self.kind in ("register", "stock", "rate"):
            return "latest"
        if self.kind in ("collect", "sofar"):
            return "cumulative"
        return {"ratio": "ratio", "days": "weighted-mean", "share": "supplied"}.get(self.kind, "sum")

    def yaml(self):
        checks = ""
        if self.kind == "collect":
            checks = ", checks: [{running_amount: true}]"
        elif self.ref == "T21a":
            checks = ", checks: [{shared_population: {figure: denominator, other_ref: T21b, other_figure: value}}]"
        cells = ", cells: [current]" if self.rule in ("sum", "cumulative") else ""
        return (f'{{ref: {self.ref}, description: "{self.description}", unit: {self.unit}, decimal_places: {self.places}, '
                f'polarity: {"lower" if self.lower else "higher"}, frequency: {self.frequency}, quarter_rule: {self.rule}, '
                f'year_to_date_rule: {self.rule}{", quarter_running: true" if self.rule == "cumulative" else ""}, '
                f"targets: [{{value: {self.target}{cells}}}]{checks}}}")


def month_text(t):
    """Of the months from April 2022, counted from 0."""
    year, month = divmod(3 + t, 12)
    return f"{FIRST_YEAR + year}-{month + 1:02}"


def year_text(t):
    year = FIRST_YEAR + t // 12
    return f"{year}-{(year + 1) % 100}"


def quarter_text(t):
    return f"{year_text(t)}-Q{t % 12 // 3 + 1}"


def rounded(number, places):
    return D(number).quantize(D(1).scaleb(-places), decimal.ROUND_HALF_UP)


@dataclasses.dataclass
class Row:
    """A line of the sheet: of what a file's columns hold, what this council fills in."""
    ref: str
    period: str
    report: str  # The month in whose report it stands.
    value: D = None
    numerator: D = None
    denominator: D = None
    mean: D = None
    weight: D = None
    amount: D = None
    amount_in_period: D = None
    arrow: str = ""
    status: str = ""

    def figure(self):
        """What the report shows."""
        return self.mean if self.mean is not None else self.value

    def figures(self):
        """The columns that are filled in."""
        return [c for c in ("value", "numerator", "denominator", "mean", "weight", "amount") if getattr(self, c) is not None]


FIGURES = ("value", "numerator", "denominator", "mean", "weight", "amount", "amount_in_period")


class Council:
    """The indicators, and `rows` by (ref, period): all true. `sent`: how likely an indicator's quarters and years to date are sent beside
    its months, and how likely its publisher's arrows; of statuses somewhat less."""

    def __init__(self, seed, sent=0.75):
        self.sent = sent
        self.chance = random.Random(f"council {seed}")
        self.indicators = [self._indicator(line) for line in TABLE.strip().splitlines()]
        self.rows = {}
        self.shown = {}  # (ref, period) to what a month's figure is when it is shown.
        calls = None
        for indicator in self.indicators:
            series = self._series(indicator, calls)
            if indicator.ref == "T21a":
                calls = [n for _, n in series]
            self._set_target(indicator, series)
            self._write(indicator, series)

    def _indicator(self, line):
        ref, description, kind, size, share, options = line.split("|")
        options = tuple(options.replace("cv", "c v").split())
        r = self.chance
        places = next((int(o) for o in options if o.isdigit()), {"ratio": 2, "register": 2, "collect": 2, "days": 2, "money": 2}.get(kind, 0))
        if kind == "share":
            places = r.choice((1, 2))
        size = float(size) * math.exp(r.gauss(0, 0.2)) if ref != "T21b" else float(size)
        share = float(share) if share else 0.0
        if 0 < share < 1 and kind not in ("rate",):
            share = 1 / (1 + math.exp(-math.log(share / (1 - share)) - r.gauss(0, 0.2)))
        return Indicator(ref, description, kind, size, share, options, places, totals=r.random() < self.sent,
                         arrows=r.random() < self.sent, statuses=r.random() < self.sent * 0.8)

    def _binomial(self, n, p):
        r = self.chance
        if n < 300:
            return sum(r.random() < p for _ in range(n))
        return min(n, max(0, round(r.gauss(n * p, math.sqrt(n * p * (1 - p))))))

    def _counted(self, mean):
        """A count of events that come by themselves, somewhat clustered."""
        r = self.chance
        mean = r.gammavariate(250, mean / 250) if mean > 0 else 0
        if mean > 200:
            return max(0, round(r.gauss(mean, math.sqrt(mean))))
        limit, k, product = math.exp(-mean), 0, r.random()
        while product > limit:
            k, product = k + 1, product * r.random()
        return k

    def _series(self, indicator, calls):
        """What was counted in each of the 24 months, whatever is printed of it."""
        r = self.chance
        peak, swing = r.randrange(12), (r.uniform(0.15, 0.35) if "season" in indicator.options else r.uniform(0, 0.06))
        drift, wander, hold = r.gauss(0, 0.004), r.uniform(0.02, 0.06), r.uniform(0.2, 0.8)
        state, stock, series = 0.0, indicator.size, []
        odds = math.log(indicator.share / (1 - indicator.share)) if 0 < indicator.share < 1 else 0
        for t in range(MONTHS):
            state = hold * state + r.gauss(0, wander)
            happened = r.gauss(0, 0.3) if r.random() < 0.012 else 0.0  # Snow, a strike, a new system.
            factor = math.exp(drift * t + state + happened) * (1 + swing * math.cos(2 * math.pi * (t - peak) / 12))
            share = 1 / (1 + math.exp(-(odds + 2 * (drift * t + state) - 2 * abs(happened) + swing * math.cos(2 * math.pi * (t - peak) / 12))))
            n = indicator.size * factor
            if indicator.kind == "ratio":
                n = self._counted(n)
                series.append((self._binomial(n, share), n))
            elif indicator.kind in ("register", "stock", "rate"):
                moved = indicator.size * (indicator.share if indicator.kind == "rate" else 0.012)
                stock = max(0.0, stock + r.gauss(drift * indicator.size, moved) + happened * moved * 3)
                if indicator.kind == "register":
                    n = round(stock)
                    series.append((round(n * (indicator.share + (stock - indicator.size) / indicator.size / 4 + r.gauss(0, 0.004))), n))
                else:
                    series.append(stock)
            elif indicator.kind == "share":
                n = max(1, round(n))
                # Much of what is behind a bare percentage is the same from month to month.
                series.append((self._binomial(n, share), n))
            elif indicator.ref == "T21b":
                series.append(calls[t])
            elif indicator.kind in ("count", "sofar"):
                series.append(n + r.gauss(0, n * 0.02) if indicator.places else self._counted(n))
            elif indicator.kind == "days":
                n = self._counted(indicator.size * math.exp(state))
                series.append((indicator.share * factor * math.exp(r.gauss(0, 0.5 / math.sqrt(max(n, 1)))), n))
            elif indicator.kind == "money":
                series.append(n)
            elif indicator.kind == "collect":
                # Ten instalments, then little.
                due = 0.0925 if t % 12 < 10 else 0.022
                series.append(indicator.size * indicator.share * due * math.exp(r.gauss(0, 0.03)) * (1 + happened / 10))
        return series

    def _set_target(self, indicator, series):
        r = self.chance
        figures = [self._figure(indicator, [s]) for s in series[:12]]
        figures = [f for f in figures if f is not None]
        usual = sorted(figures)[len(figures) // 2]
        if indicator.kind == "collect":
            usual = D("97")
        indicator.target = rounded(usual * D(str(round(r.uniform(0.94, 1.04), 3))), min(indicator.places, 1))
        if indicator.unit == "percent":
            indicator.target = min(indicator.target, D(100))

    def _figure(self, indicator, parts):
        """The printed figure of a month, or of several, from what was counted."""
        if indicator.kind in ("ratio", "share", "register"):
            k, n = (sum(p[0] for p in parts), sum(p[1] for p in parts)) if indicator.kind != "register" else parts[-1]
            return rounded(D(k) * 100 / D(n), indicator.places) if n else None
        if indicator.kind == "days":
            means = [(rounded(p[0], indicator.places), D(p[1])) for p in parts]
            weight = sum(w for _, w in means)
            return rounded(sum(m * w for m, w in means) / weight, indicator.places) if weight else None
        if indicator.kind == "collect":
            return rounded(sum(rounded(p, 2) for p in parts) * 100 / D(round(indicator.size)), indicator.places)
        if indicator.kind in ("stock", "rate"):
            return rounded(parts[-1], indicator.places)
        return sum(rounded(p, indicator.places) for p in parts)

    def _write(self, indicator, series):
        step = {"monthly": 1, "quarterly": 3, "yearly": 12}[indicator.frequency]
        before = None
        for t in range(step - 1, MONTHS, step):
            parts = series[t + 1 - step:t + 1]
            period = {1: month_text, 3: quarter_text, 12: year_text}[step](t)
            year = series[t - t % 12:t + 1]
            row = self._row(indicator, period, t, year if indicator.rule == "cumulative" else parts)
            if row.figure() is None and row.numerator is None:
                continue
            if indicator.kind == "collect":
                row.amount, row.amount_in_period = sum(rounded(p, 2) for p in year), rounded(parts[-1], 2)
            self._publish(indicator, row, before, t)
            before = row.figure() if row.figure() is not None else self.shown.get((row.ref, row.period))
            self._keep(row)
            if step > 1 or not indicator.totals:
                continue
            # As the example's publisher sends them, with each month: the year to date, and the quarter when it is over.
            whole = year
            self._keep(self._row(indicator, month_text(t) + "-YTD", t, whole))
            if t % 3 == 2:
                self._keep(self._row(indicator, quarter_text(t), t, year if indicator.rule == "cumulative" else series[t - 2:t + 1]))

    def _keep(self, row):
        if row.figures():
            self.rows[row.ref, row.period] = row

    def _row(self, indicator, period, t, parts):
        row = Row(indicator.ref, period, month_text(t))
        figure = self._figure(indicator, parts)
        if figure is not None:
            self.shown[row.ref, period] = figure
        if indicator.kind in ("ratio", "register"):
            k, n = parts[-1] if indicator.kind == "register" else (sum(p[0] for p in parts), sum(p[1] for p in parts))
            row.numerator, row.denominator = D(k), D(n)
            if "v" in indicator.options:
                row.value = figure
        elif indicator.kind == "days":
            row.mean, row.weight = figure, D(sum(p[1] for p in parts))
        else:
            row.value = figure
        return row

    def _publish(self, indicator, row, before, t):
        """The publisher's own status and arrow, by the key of the test's scheme."""
        figure = self.shown.get((row.ref, row.period))
        if figure is None:
            return
        worse_by = figure - indicator.target if indicator.lower else indicator.target - figure
        if indicator.statuses:
            row.status = "green" if worse_by <= 0 else "amber" if worse_by * 20 <= abs(indicator.target) else "red"
        begins = t % 12 == 0 and indicator.rule == "cumulative"
        if indicator.arrows and before is not None and not begins:
            change = (before - figure) if indicator.lower else (figure - before)
            row.arrow = "+" if change > 0 else "=" if change == 0 else "~" if -change * 20 <= abs(before) else "!"
