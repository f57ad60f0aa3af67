"""Claims about one delivery: the table of its states, and what each outcome makes of it."""

from datetime import datetime, timedelta
from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.core.delivery import (
    DOUBT,
    FINAL,
    HORIZON,
    POISON_AFTER,
    RETRY_MINUTES,
    STEPS,
    Delivery,
    Recipient,
    State,
    Step,
    advance,
    lease_over,
    retry_delay,
    step,
)
from notifier.core.outcomes import (
    Accepted,
    Deferred,
    Outcome,
    Refused,
    Stopped,
    Unanswered,
    Unreachable,
)
from notifier.core.reasons import Reason
from tests.cast import NOW

LATER = NOW + timedelta(minutes=5)


def delivery(state: State = State.SENDING, **changes: object) -> Delivery:
    row = Delivery(
        id="d",
        notice="n",
        kind="invitation",
        recipient=Recipient(key="k", name="Boris", address="boris@example.org"),
        state=state,
        created=NOW,
        updated=NOW,
    )
    return msgspec.structs.replace(row, **changes)


def after(outcome: Outcome, row: Delivery, *, now: datetime = LATER, jitter: float = 0) -> Delivery:
    return advance(row, outcome, now=now, jitter=jitter)


# ---- the table -----------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "taken"), STEPS)
def test_every_row_of_the_table_is_a_step(state: State, taken: Step) -> None:
    assert step(state, taken) is STEPS[state, taken]


ABSENT = sorted(set(product(State, Step)) - set(STEPS))


@pytest.mark.parametrize(("state", "taken"), ABSENT)
def test_what_is_not_in_the_table_cannot_happen(state: State, taken: Step) -> None:
    assert step(state, taken) is None


def test_p2_only_a_person_leads_out_of_a_final_state() -> None:
    leaving = {taken for state, taken in STEPS if state in FINAL}

    assert leaving == {Step.RESEND}


def test_p3_nothing_is_sent_again_of_its_own_accord_once_a_server_took_it() -> None:
    assert [STEPS[pair] for pair in STEPS if pair[0] is State.SENT] == [State.PENDING]


def test_every_open_state_can_come_to_an_end() -> None:
    reached = set(FINAL)
    for _round in State:
        reached |= {state for (state, taken), then in STEPS.items() if then in reached}

    assert reached == set(State)


def test_the_body_leaves_only_behind_a_claim_and_the_fence() -> None:
    into = {pair for pair, then in STEPS.items() if then is State.IN_DATA}

    assert into == {(State.SENDING, Step.FENCE)}
    claimed = {pair for pair, then in STEPS.items() if then is State.SENDING}
    assert claimed == {(State.PENDING, Step.CLAIM), (State.UNKNOWN, Step.CLAIM)}


# ---- outcomes ------------------------------------------------------------------------------

OUTCOMES: list[tuple[State, Outcome, State]] = [
    (State.SENDING, Accepted("250 2.0.0 Ok"), State.SENT),
    (State.IN_DATA, Accepted("250 2.0.0 Ok"), State.SENT),
    (State.UNKNOWN, Accepted("250 2.0.0 Ok"), State.SENT),
    (State.PENDING, Accepted("250 2.0.0 Ok"), State.SENT),
    (State.SENDING, Deferred("451 4.3.0"), State.PENDING),
    (State.IN_DATA, Deferred("451 4.3.0"), State.PENDING),
    (State.SENDING, Refused("550 5.1.1", bad_address=True), State.FAILED),
    (State.IN_DATA, Refused("554 5.6.0"), State.FAILED),
    (State.UNKNOWN, Refused("554 5.6.0"), State.FAILED),
    (State.SENDING, Unanswered("cut"), State.PENDING),
    (State.IN_DATA, Unanswered("cut"), State.UNKNOWN),
    (State.SENDING, Unreachable("refused"), State.PENDING),
    (State.IN_DATA, Unreachable("421"), State.PENDING),
    (State.SENDING, Stopped(Reason.CANCELLED), State.SUPERSEDED),
    (State.SENDING, Stopped(Reason.NEWER), State.SUPERSEDED),
    (State.SENDING, Stopped(Reason.STARTED), State.EXPIRED),
    (State.SENDING, Stopped(Reason.REWORDED), State.PENDING),
    (State.SENDING, Stopped("suppressed: 5.1.1 since 2026-11-23"), State.SKIPPED),
    (State.IN_DATA, Stopped("suppressed: 5.1.1 since 2026-11-23"), State.IN_DATA),
    # The worker whose claim was lost changes nothing.
    (State.PENDING, Deferred("451 4.3.0"), State.PENDING),
    (State.UNKNOWN, Deferred("451 4.3.0"), State.UNKNOWN),
    (State.IN_DATA, Stopped(Reason.CANCELLED), State.IN_DATA),
]


@pytest.mark.parametrize(("state", "outcome", "then"), OUTCOMES)
def test_an_outcome_leads_on(state: State, outcome: Outcome, then: State) -> None:
    assert after(outcome, delivery(state)).state is then


@pytest.mark.parametrize("outcome", [row[1] for row in OUTCOMES])
@pytest.mark.parametrize("state", sorted(FINAL))
def test_p2_no_outcome_changes_what_is_final(state: State, outcome: Outcome) -> None:
    assert after(outcome, delivery(state)) == delivery(state)


def test_the_servers_words_are_kept() -> None:
    sent = after(Accepted("250 2.0.0 Ok: queued as 4cXyZ"), delivery())

    assert (sent.reason, sent.updated) == ("250 2.0.0 Ok: queued as 4cXyZ", LATER)


# ---- later ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("attempts", "minutes"), [*enumerate(RETRY_MINUTES, start=1), (99, 240)])
def test_tries_grow_further_apart_and_stay_at_four_hours(attempts: int, minutes: int) -> None:
    assert retry_delay(attempts, 0) == timedelta(minutes=minutes)
    assert retry_delay(attempts, 1) == timedelta(minutes=minutes) * 1.2
    assert retry_delay(attempts, -1) == timedelta(minutes=minutes) * 0.8


def test_a_deferred_letter_waits_longer_each_time() -> None:
    once = after(Deferred("451"), delivery())
    twice = after(Deferred("451"), msgspec.structs.replace(once, state=State.SENDING))

    assert (once.attempts, once.not_before) == (1, LATER + timedelta(minutes=1))
    assert (twice.attempts, twice.not_before) == (2, LATER + timedelta(minutes=5))


@pytest.mark.parametrize(("asked", "waited"), [(30, 60), (600, 600)])
def test_a_server_may_ask_for_more_patience_not_for_less(asked: int, waited: int) -> None:
    deferred = after(Deferred("451", retry_after_seconds=asked), delivery())

    assert deferred.not_before == LATER + timedelta(seconds=waited)


@pytest.mark.parametrize(
    ("deadline", "now", "state"),
    [
        (None, NOW + HORIZON - timedelta(minutes=2), State.PENDING),
        (None, NOW + HORIZON - timedelta(minutes=1), State.FAILED),
        (LATER + timedelta(minutes=2), LATER, State.PENDING),
        (LATER + timedelta(minutes=1), LATER, State.FAILED),  # reminders until the start
        (NOW + 2 * HORIZON, NOW + HORIZON, State.FAILED),
    ],
)
def test_trying_ends_with_the_deadline_or_after_four_days(
    deadline: datetime | None, now: datetime, state: State
) -> None:
    deferred = after(Deferred("451 4.2.2 full"), delivery(deadline=deadline), now=now)

    assert deferred.state is state
    assert (deferred.reason == "gave_up: 451 4.2.2 full") is (state is State.FAILED)


def test_p8_a_closed_road_counts_no_attempt_however_long() -> None:
    row = delivery()
    for day in range(1, 30):
        row = after(Unreachable("refused"), row, now=NOW + timedelta(days=day))
        assert (row.state, row.attempts) == (State.PENDING, 0)
        assert row.not_before == NOW + timedelta(days=day, seconds=15)
        row = msgspec.structs.replace(row, state=State.SENDING)


def test_p8_not_everybody_comes_back_at_once() -> None:
    early, late = (after(Unreachable("refused"), delivery(), jitter=each) for each in (-1, 1))

    assert (early.not_before, late.not_before) == (
        LATER + timedelta(seconds=12),
        LATER + timedelta(seconds=18),
    )


# ---- crashes and doubts --------------------------------------------------------------------


def test_p7_a_crash_before_the_fence_is_harmless_twice_and_poison_the_third_time() -> None:
    row = delivery()
    for crash in range(1, POISON_AFTER):
        row = lease_over(row, now=LATER)
        assert (row.state, row.crashes) == (State.PENDING, crash)
        row = msgspec.structs.replace(row, state=State.SENDING)

    poisoned = lease_over(row, now=LATER)

    assert (poisoned.state, poisoned.reason) == (State.FAILED, Reason.POISON)


def test_an_answer_between_two_crashes_clears_the_letter_of_them() -> None:
    crashed = delivery(crashes=POISON_AFTER - 1)

    answered = after(Deferred("451"), crashed)

    assert answered.crashes == 0


def test_p3_a_crash_in_data_is_a_doubt_and_sent_once_more() -> None:
    unknown = lease_over(delivery(State.IN_DATA), now=LATER)

    assert (unknown.state, unknown.doubts) == (State.UNKNOWN, 1)
    assert unknown.not_before == LATER + DOUBT


def test_p3_a_second_doubt_waits_for_a_person() -> None:
    unknown = after(Unanswered("cut"), delivery(State.IN_DATA, doubts=1))

    assert (unknown.state, unknown.doubts, unknown.not_before) == (State.UNKNOWN, 2, None)


@pytest.mark.parametrize("state", sorted(set(State) - {State.SENDING, State.IN_DATA}))
def test_a_lease_that_nobody_holds_cannot_run_out(state: State) -> None:
    assert lease_over(delivery(state), now=LATER) == delivery(state)


# ---- any life ------------------------------------------------------------------------------

outcomes = st.one_of(
    st.builds(Accepted, st.just("250")),
    st.builds(Deferred, st.just("451"), st.none() | st.integers(0, 86_400)),
    st.builds(Refused, st.just("550"), st.booleans()),
    st.builds(Unanswered, st.just("cut")),
    st.builds(Unreachable, st.just("refused")),
    st.builds(Stopped, st.sampled_from(Reason)),
)
jitters = st.floats(-1, 1)


@given(st.sampled_from(sorted(FINAL)), outcomes, jitters)
def test_p2_advance_never_leaves_a_final_state(
    state: State, outcome: Outcome, jitter: float
) -> None:
    assert after(outcome, delivery(state), jitter=jitter) == delivery(state)


@given(st.lists(st.tuples(st.sampled_from(State), outcomes, jitters), max_size=20))
def test_p2_a_life_of_outcomes_reaches_one_final_state_at_most(
    life: list[tuple[State, Outcome, float]],
) -> None:
    row = delivery(State.PENDING)
    final: Delivery | None = None
    for at, (claimed, outcome, jitter) in enumerate(life):
        if row.state not in FINAL and claimed in (State.SENDING, State.IN_DATA):
            row = msgspec.structs.replace(row, state=claimed)
        row = after(outcome, row, now=NOW + timedelta(hours=at), jitter=jitter)
        assert final is None or row == final
        final = row if row.state in FINAL else None


@given(outcomes, st.sampled_from(State), jitters)
def test_numbers_only_grow_and_who_it_is_never_changes(
    outcome: Outcome, state: State, jitter: float
) -> None:
    before = delivery(state, attempts=2, doubts=1)

    then = after(outcome, before, jitter=jitter)

    assert then.attempts >= before.attempts
    assert then.doubts >= before.doubts
    assert (then.id, then.notice, then.recipient, then.created) == (
        before.id,
        before.notice,
        before.recipient,
        before.created,
    )
    assert then == before or then.state is STEPS[_pair(before, then)]


def _pair(before: Delivery, then: Delivery) -> tuple[State, Step]:
    return next(
        pair for pair, state in STEPS.items() if pair[0] is before.state and state is then.state
    )


def test_a_letter_that_is_written_anew_has_used_up_no_try_and_waits_for_nothing() -> None:
    row = delivery(attempts=2, not_before=NOW)

    written_anew = after(Stopped(Reason.REWORDED), row)

    assert (written_anew.attempts, written_anew.crashes) == (2, 0)
    assert written_anew.not_before == NOW  # past already: it was claimed
