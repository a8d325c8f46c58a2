"""The integrity rules: small seeded slices of benchmarks/integrity.py, and the laws behind them."""

import json
import random
from datetime import date, timedelta
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import integrity
from analysis.hard_rules import (
    RULE_VERSIONS,
    Press,
    Suspicion,
    cooldown,
    more_than_visits,
    sequence_gaps,
)
from analysis.integrity import (
    ALERT_P,
    SELF_HOLDING_P,
    beta_binomial_tail,
    busy_window,
    fast_run,
    regular_gaps,
    regularity_tail,
    standing,
)
from analysis.integrity_months import (
    channel_divergence,
    similar_answers,
    spearman_tail,
    student_tail,
    turnout_coupling,
    voiding_asymmetry,
)
from analysis.months import Month
from analysis.tally import ScoreTally
from benchmarks.integrity import (
    CLEAN,
    OPENS,
    SCENARIOS,
    Day,
    answers,
    channel_months,
    clean_day,
    month_of_days,
    planted,
    tally,
    upper_bound,
    voided,
)
from survey_app.demo import story


def presses_at(times, score=5):
    return [Press(str(number), at, score, number) for number, at in enumerate(times)]


# Hard rules


@settings(max_examples=50)
@given(st.lists(st.floats(0, 30), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_a_press_too_soon_after_another_is_suspicious_whatever_the_order_it_came_in(gaps, rng):
    presses = presses_at(np.cumsum(gaps).tolist())
    shuffled = rng.sample(presses, len(presses))
    found = cooldown(shuffled)
    at = [press.at for press in presses]
    assert [key for each in found for key in each.keys] == [
        str(number) for number in range(1, len(at)) if at[number] - at[number - 1] < 5
    ]
    assert all(each.p_value == 0 and each.detail["gap"] < 5 for each in found)


def test_a_clock_set_back_is_no_bypass_and_times_serve_where_there_is_no_numbering():
    assert cooldown([Press("a", 1000, 5, 1), Press("b", 400, 5, 2), Press("c", 407, 5, 3)]) == ()
    (found,) = cooldown([Press("late", 103, 4), Press("early", 100, 4)])
    assert found.keys == ("late",)


def counted_press(key, at, began, ended, run="a"):
    return Press(key, at, 5, None, run, began, ended)


def test_within_a_run_the_devices_counter_tells_the_gap_and_not_its_clock():
    # Whoever sets the clock forward hides nothing, and setting it back accuses nobody.
    hidden = [counted_press("a", 100, 50, 60), counted_press("b", 900, 64.9, 70)]
    (found,) = cooldown(hidden)
    assert found.keys == ("b",)
    assert found.detail["gap"] == pytest.approx(4.9)
    assert cooldown([counted_press("a", 100, 50, 60), counted_press("b", 101, 65, 70)]) == ()
    overlapping = [counted_press("a", 100, 50, 60), counted_press("b", 900, 55, 70)]
    assert [each.keys for each in cooldown(overlapping)] == [("b",)]


def test_across_runs_the_clock_tells_the_gap():
    presses = [counted_press("a", 100, 50, 60), counted_press("b", 103, 900, 910, run="b")]
    assert [each.keys for each in cooldown(presses)] == [("b",)]
    assert cooldown([presses[0], Press("c", 106, 5)]) == ()


@given(st.sets(st.integers(1, 60)), st.none() | st.integers(0, 70))
def test_missing_numbers_are_named_once_and_only_above_what_was_looked_at(seen, already):
    found = sequence_gaps([*seen, *seen], already)
    named = [n for each in found for n in range(each.detail["first"], each.detail["last"] + 1)]
    lowest = min(seen, default=0) if already is None else already
    missing = [n for n in range(lowest + 1, max(seen, default=0)) if n not in seen]
    assert named == missing
    assert sum(each.detail["missing"] for each in found) == len(missing)
    assert all(each.keys == () for each in found)


cells = st.tuples(st.sampled_from(["01-01-01", "02-04-07"]), st.integers(9, 11))


@settings(max_examples=50)
@given(
    st.dictionaries(cells, st.lists(st.integers(0, 3599), max_size=8)),
    st.dictionaries(cells, st.integers(0, 8)),
)
def test_ratings_beyond_the_people_served_are_the_latest(seconds, visits):
    ratings = {cell: presses_at(moments) for cell, moments in seconds.items()}
    found = {
        (each.detail["service"], each.detail["hour"]): each.keys
        for each in more_than_visits(ratings, visits)
    }
    for cell, presses in ratings.items():
        service, hour = cell
        late = visits.get((service, hour - 1), 0) - len(ratings.get((service, hour - 1), ()))
        excess = max(0, len(presses) - visits[cell] - max(0, late)) if cell in visits else 0
        named = [press.at for press in presses if press.key in found.get(cell, ())]
        counted = [press.at for press in presses if press.key not in found.get(cell, ())]
        assert len(named) == excess
        assert not named or not counted or max(counted) <= min(named)


# A tablet's day


@pytest.fixture(scope="module")
def clean_days():
    rng = np.random.default_rng(20)
    days = {"in a hall": 400, "quiet": 100, "at one counter with a queue": 100}
    made = {kind: [CLEAN[kind](rng) for _ in range(count)] for kind, count in days.items()}
    return {kind: [(day, day.presses()) for day in those] for kind, those in made.items()}


def test_clean_days_raise_nothing(clean_days):
    sizes = {kind: np.mean([len(each) for _, each in those]) for kind, those in clean_days.items()}
    assert 80 < sizes["in a hall"] < 120
    assert all(5 < sizes[kind] < 50 for kind in clean_days if kind != "in a hall")
    for day, presses in chain.from_iterable(clean_days.values()):
        assert fast_run(presses) is None
        assert busy_window(presses, day.visits) is None
        assert regular_gaps(presses) is None
        assert cooldown(presses) == ()


def test_a_day_of_families_in_pairs_raises_nothing():
    rng = np.random.default_rng(21)
    for _ in range(100):
        first = np.sort(rng.uniform(9 * 3600, 18 * 3600, 50))
        first += np.arange(50) * 13
        both = np.sort(np.concatenate((first, first + rng.uniform(6.5, 12, 50))))
        assert fast_run(presses_at(both.tolist())) is None


def test_bursts_of_eight_are_found_in_99_of_100_days():
    rng = np.random.default_rng(22)
    found = [fast_run(SCENARIOS["8 presses at 6-10 s"](rng).presses()) for _ in range(400)]
    assert sum(each is not None for each in found) >= 396
    assert all(each.p_value < ALERT_P for each in found if each)


def burst_among(honest, start=50_000.0):
    burst = start + 8.0 * np.arange(8)
    return presses_at(sorted([*honest, *burst.tolist()]))


def test_the_p_value_of_a_burst_is_that_of_the_formula():
    honest = [32_475 + 350 * number for number in range(92)]
    found = fast_run(burst_among(honest))
    near = sum(50_000 - 900 <= at <= 50_056 + 900 for at in honest)
    rate, share = (near + 1) / 1800, (92 + 8) / (92 + 10)
    assert rate > 93 / (350 * 91)
    alike, in_time = share * (1 - np.exp(-rate * 4)), 1 - np.exp(-4 / 10)
    step = np.array([[0.75 * alike, 0.95 * alike], [0.25 * in_time, 0.05 * in_time]])
    visitor, company = np.linalg.matrix_power(step, 7) @ (1, 0)
    assert found.p_value == pytest.approx(4 * 100 * share * (visitor + company))
    assert found.detail["per_hour"] == pytest.approx(3600 * rate)
    assert (found.detail["gap"], found.detail["presses"]) == (10, 8)


def test_a_rush_hour_excuses_what_a_quiet_hour_does_not():
    quiet = [32_400 + 500 * number for number in range(60)]
    rush = [at for at in range(48_000, 52_000, 60) if not 49_950 < at < 50_100]
    alone = fast_run(burst_among([at for at in quiet if not 49_900 < at < 50_100]))
    crowded = fast_run(burst_among([at for at in quiet if not 48_000 < at < 52_000] + rush))
    assert alone.p_value < SELF_HOLDING_P
    assert crowded is None or crowded.p_value > 20 * alone.p_value


def test_each_of_six_bursts_on_a_day_is_found_and_little_else():
    rng = np.random.default_rng(23)
    day = clean_day(rng, 90)
    starts = [9.3, 10.5, 12.2, 13.8, 15.1, 16.9]
    bursts = [hour * 3600 + np.cumsum(rng.uniform(6.2, 9.8, 12)) for hour in starts]
    honest = [at for at in day.times if all(at < b[0] - 70 or at > b[-1] + 70 for b in bursts)]
    presses = [Press(f"honest {at}", at, 5) for at in honest]
    presses += [Press(f"burst {at}", at, 5) for burst in bursts for at in burst]
    found = fast_run(random.Random(1).sample(presses, len(presses)))
    assert found.detail["runs"] == 6
    assert sorted(found.keys) == sorted(p.key for p in presses if p.key.startswith("burst"))
    assert found.p_value < SELF_HOLDING_P


def test_a_run_of_equal_scores_is_nothing_without_speed():
    assert fast_run(presses_at([32_400 + 300 * number for number in range(88)])) is None


def test_the_demo_networks_stuffed_tablet_is_found_and_no_other():
    first = date(2025, 11, 1)
    days = [first + timedelta(days=number) for number in range(395)]
    ground = story.Ground(
        centers={"baku-2": 1.0, "baku-3": 1.0, "baku-4": 1.0},
        services={story.WORSENING_SERVICE: 1.0, "01-01-01": 9.0, "UC-01": 1.0},
        open_days=[day for day in days if day.weekday() < 5],
        months=sorted({Month.of(day) for day in days}),
        people=40_000,
    )
    tablets = {}
    for press in story.tell(ground, random.Random(5)).presses:
        if press.channel == "tablet":
            place = press.center, press.place, press.rated.date()
            at = (press.rated - press.rated.replace(hour=0, minute=0, second=0)).total_seconds()
            tablets.setdefault(place, []).append(Press(press.rated.isoformat(), at, press.score))
    found = {place: fast_run(presses) for place, presses in tablets.items()}
    stuffed = {place: each for place, each in found.items() if each}
    assert len(stuffed) == story.STUFFED_AFTERNOONS
    for (center, place, _), each in stuffed.items():
        assert (center, place) == (story.STUFFED_CENTER, story.STUFFED_PLACE)
        assert each.p_value < SELF_HOLDING_P
        assert len(each.keys) >= 0.9 * story.STUFFED_PRESSES


def test_an_hour_with_far_more_presses_than_its_visits_explain_is_found():
    visits = dict.fromkeys(range(9, 18), 50)
    honest = [hour * 3600 + minute * 300 for hour in range(9, 18) for minute in range(10)]
    stuffed = [15 * 3600 + 120 + number * 90 for number in range(38)]
    assert busy_window(presses_at(sorted(honest)), visits) is None
    found = busy_window(presses_at(sorted(honest + stuffed)), visits)
    assert (found.detail["from_hour"], found.detail["presses"]) == (15, 48)
    assert found.keys == ()
    # 48 of 50 served, in parties of 1.25; 80 of the other 400 pressed; 9 + 8 windows.
    weight, rate = 1 / 0.03 - 1, 81 / 402
    tail = stats.betabinom.sf(38 - 1, 40, rate * weight, (1 - rate) * weight)
    assert found.p_value == pytest.approx(17 * tail, rel=1e-6)
    # Where nobody counted the visits of that hour, nothing can be said.
    del visits[15]
    assert busy_window(presses_at(sorted(honest + stuffed)), visits) is None
    assert busy_window(presses_at(sorted(honest)), {}) is None


@given(st.integers(1, 60), st.floats(0.02, 0.9), st.floats(0.005, 0.3), st.data())
def test_the_beta_binomial_tail_agrees_with_scipy(n, mean, correlation, data):
    x = data.draw(st.integers(0, n))
    weight = 1 / correlation - 1
    theirs = stats.betabinom.sf(x - 1, n, mean * weight, (1 - mean) * weight)
    assert beta_binomial_tail(x, n, mean, correlation) == pytest.approx(theirs, rel=1e-8, abs=1e-12)


def test_a_machine_is_too_regular_and_people_are_not():
    rng = np.random.default_rng(24)
    found = 0
    for _ in range(100):
        gaps = 90 * rng.uniform(0.9, 1.1, 24)
        found += regular_gaps(presses_at((36_000 + np.cumsum(gaps)).tolist())) is not None
        waiting = 6 + rng.exponential(84, 100)
        assert regular_gaps(presses_at(np.cumsum(waiting).tolist())) is None
    assert found == 100


def test_a_machine_that_presses_as_soon_as_the_page_opens_is_regular():
    presses = [Press(str(n), 36_000 + 6.0 * n, 1 + n % 5) for n in range(20)]
    assert (cooldown(presses), fast_run(presses)) == ((), None)
    assert len(regular_gaps(presses).keys) == 20
    assert regular_gaps(presses[:12]) is None


def test_only_the_regular_part_of_a_day_is_named():
    rng = np.random.default_rng(25)
    day = Day(np.cumsum(6 + rng.exponential(300, 40)), np.full(40, 4), {})
    start = day.times[-1] + 200
    machine = start + 30.0 * np.arange(30)
    presses = [*day.presses(), *(Press(f"m{at}", at, 5) for at in machine)]
    found = regular_gaps(presses)
    assert {key for key in found.keys if key.startswith("m")} == {f"m{at}" for at in machine}
    assert len(found.keys) <= 32
    assert found.detail["mean_gap"] == pytest.approx(30, abs=1)


def test_the_law_of_regular_gaps_is_exact_inside_and_a_bound_outside():
    rng = np.random.default_rng(26)
    gaps = rng.exponential(1, (200_000, 5))
    variation = gaps.std(axis=1) / gaps.mean(axis=1)
    for limit in (0.2, 0.35, 0.5):
        seen = (variation <= limit).mean()
        assert seen == pytest.approx(regularity_tail(5, limit), rel=0.06)
    for limit in (0.6, 0.8):
        assert (variation <= limit).mean() <= regularity_tail(5, limit)


# A month


@given(st.floats(-40, 40), st.integers(1, 40))
def test_students_tail_agrees_with_scipy(t, freedom):
    assert student_tail(t, freedom) == pytest.approx(stats.t.sf(t, freedom), abs=1e-12)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40), st.integers(50, 60)), min_size=8))
def test_coupling_agrees_with_scipy(rows):
    days = [(answered, min(satisfied, answered), served) for answered, satisfied, served in rows]
    found = turnout_coupling(days)
    rates = [a / served for a, _, served in days]
    shares = [s / a for a, s, _ in days]
    if len(set(rates)) == 1 or len(set(shares)) == 1:
        assert found is None
        return
    theirs = stats.spearmanr(rates, shares, alternative="greater")
    if found is None:
        assert theirs.pvalue > 0.05 - 1e-9
    else:
        assert found.detail["correlation"] == pytest.approx(theirs.statistic, abs=1e-9)
        assert found.p_value == pytest.approx(theirs.pvalue, abs=1e-9)


def rate_of_alarms(test, make, count, seed=27, below=0.05):
    rng = np.random.default_rng(seed)
    found = (test(*make(rng)) for _ in range(count))
    return sum(each is not None and each.p_value < below for each in found) / count


@pytest.mark.parametrize(
    ("test", "make", "count"),
    [
        (turnout_coupling, lambda rng: (month_of_days(rng),), 600),
        (channel_divergence, lambda rng: (channel_months(rng),), 600),
        (voiding_asymmetry, lambda rng: voided(rng, 0.03, 0.03), 600),
        (similar_answers, lambda rng: (answers(rng, 20), answers(rng, 60)), 200),
    ],
    ids=["turnout", "channels", "voiding", "answers"],
)
def test_a_clean_month_alarms_no_more_often_than_it_may(test, make, count):
    # Three standard errors above 5 %.
    assert rate_of_alarms(test, make, count) <= 0.05 + 3 * (0.05 * 0.95 / count) ** 0.5


def test_heavy_stuffing_on_some_days_couples_turnout_and_share():
    days = [(100, 90 + number % 3, 400) for number in range(16)] + [(160, 151, 400)] * 6
    found = turnout_coupling(days)
    assert found.p_value < 0.001
    assert turnout_coupling(days[:16]) is None
    assert turnout_coupling([(100, 90, 400)] * 22) is None
    assert turnout_coupling([(0, 0, 400), (5, 5, 0)] * 20) is None
    assert spearman_tail(1.0, 10) == 0
    assert spearman_tail(-1.0, 10) == 1


def test_a_channel_that_leaves_its_past_is_found_and_one_that_was_always_so_is_not():
    usual = [(tally(1400 + n, 100 - n), tally(280 - n, 50 + n)) for n in range(6)]
    assert channel_divergence([*usual, usual[2]]) is None
    found = channel_divergence([*usual, (tally(3000, 10), tally(240, 90))])
    assert found.detail["difference"] > found.detail["usual"]
    assert found.p_value < 0.01
    # Lower than usual is not what stuffing does; too little is known to judge the others.
    assert channel_divergence([*usual, (tally(1200, 300), tally(280, 50))]) is None
    assert channel_divergence([*usual[:2], (tally(3000, 10), tally(240, 90))]) is None
    assert channel_divergence([*usual, (tally(3000, 10), tally(5, 2))]) is None
    assert channel_divergence([]) is None


def test_a_divergence_is_measured_against_how_much_the_months_differ():
    last = (tally(2970, 30), tally(270, 60))
    steady = channel_divergence([(tally(1440, 60), tally(285, 45))] * 6 + [last])
    # The example of docs/integrity.md.
    assert steady.detail["t"] == pytest.approx(3.311, abs=5e-4)
    assert steady.p_value == pytest.approx(0.0106, abs=5e-5)
    restless = [(tally(1440, 60), tally(285 + off, 45 - off)) for off in (-20, 20) * 3]
    assert channel_divergence([*restless, last]) is None


def test_voiding_the_dissatisfied_is_found_and_voiding_a_stuffed_run_is_not():
    found = voiding_asymmetry(counted=tally(1440, 40), void=tally(10, 8))
    theirs = stats.fisher_exact([[8, 10], [40, 1440]], alternative="greater").pvalue
    assert found.p_value == pytest.approx(theirs)
    assert voiding_asymmetry(tally(1440, 40), tally(60, 0)) is None
    assert voiding_asymmetry(tally(1440, 40), ScoreTally()) is None


def test_the_likeness_of_answers_is_judged_by_drawing_the_watched_anew():
    watched = [("a", (5, "yes"))] * 4
    others = [("a", (5, "yes")), ("a", (4, "no")), ("a", (3, "no")), ("a", (5, None))] * 4
    # Of the ways to draw four of the twenty, those in which all pairs are equal are as extreme.
    draws = combinations([given for _, given in watched + others], 4)
    exact = np.mean([len(set(draw)) == 1 for draw in draws])
    found = similar_answers(watched, others)
    # The draws stop after twenty that are as extreme, so their standard error is 22 %.
    assert found.p_value == pytest.approx(exact, rel=0.6)
    assert found.detail["equal_pairs"] == found.detail["pairs"] == 6
    assert found == similar_answers(watched[::-1], others[::-1])


def test_copied_answers_are_found_and_only_within_a_service():
    rng = np.random.default_rng(28)
    assert similar_answers(answers(rng, 60, 25), answers(rng, 300)).p_value < 0.01
    # A service whose visitors all say the same is its own measure.
    alike = [("registry", (5, "yes"))] * 40
    assert similar_answers(alike, [*alike, *answers(rng, 300)]) is None
    assert similar_answers(alike, answers(rng, 50)) is None
    assert similar_answers([], alike) is None


# What may be done with them


def of_p(p_value):
    return Suspicion("fast_run", 1, p_value, (), {})


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=20), st.integers(0, 50))
def test_what_stands_agrees_with_scipy(p_values, silent):
    adjusted = stats.false_discovery_control(p_values + [1.0] * silent)
    expected = [p for p, q in zip(p_values, adjusted, strict=False) if q <= 0.05]
    stand = standing([of_p(p) for p in p_values], len(p_values) + silent)
    assert [each.p_value for each in stand] == expected


def test_there_are_at_least_as_many_tests_as_suspicions():
    assert standing([], 0) == ()
    with pytest.raises(ValueError, match="2 suspicions of 1"):
        standing([of_p(0.1), of_p(0.2)], 1)


def test_every_suspicion_is_plain_json_of_a_known_rule():
    rng = np.random.default_rng(29)
    burst = planted(rng, clean_day(rng), np.full(30, 8.0))
    suspicions = [
        fast_run(burst.presses()),
        regular_gaps(burst.presses()),
        busy_window(presses_at([OPENS * 3600 + 60 * n for n in range(60)]), {9: 60, 10: 200}),
        turnout_coupling([(n, n, 400) if n > 50 else (n, n - 20, 400) for n in range(40, 62)]),
        channel_divergence([(tally(90, 10), tally(90, 10))] * 6 + [(tally(990, 0), tally(50, 50))]),
        voiding_asymmetry(tally(990, 10), tally(0, 10)),
        similar_answers([("a", (1,))] * 9, [("a", (n,)) for n in range(40)]),
        *cooldown(presses_at([0, 1])),
        *sequence_gaps([1, 4], None),
        *more_than_visits({("a", 9): presses_at([1, 2])}, {("a", 9): 1}),
    ]
    at_intake = {"outside_hours", "before_pairing", "too_fast", "revoked"}
    assert {each.test for each in suspicions} == set(RULE_VERSIONS) - at_intake
    for each in suspicions:
        assert json.loads(json.dumps(dict(each.detail))) == dict(each.detail)
        assert each.version == RULE_VERSIONS[each.test]
        assert 0 <= each.p_value < 0.05
        assert all(type(key) is str for key in each.keys)


@pytest.mark.parametrize("test", [fast_run, regular_gaps, cooldown])
def test_an_empty_day_says_nothing(test):
    assert not test([])
    assert not test(presses_at([40_000]))


def test_impossible_values_are_refused():
    with pytest.raises(ValueError, match="score"):
        Press("a", 0, 6)
    with pytest.raises(ValueError, match="p-value"):
        of_p(1.5)


def test_no_alarm_in_so_many_days_bounds_the_rate():
    # The rule of three.
    assert upper_bound(0, 20_000) == pytest.approx(1.498e-4, rel=1e-3)
    assert upper_bound(4, 1) == pytest.approx(stats.chi2.ppf(0.95, 10) / 2, rel=1e-6)
    assert integrity.FALSE_DISCOVERY == 0.05
