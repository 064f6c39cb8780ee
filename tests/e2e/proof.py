"""Shows of a cluster that has come to rest that everything acknowledged is there, and counted once."""

import checker
from kcat import consumed
from stack import wait_until


def prove(stack, operations, fresh_rules=2):
    """(i) to (v) of the checker; words for what was seen. `fresh_rules`: a rules version that nothing has written yet."""
    stack.check_running()
    stack.await_scored()
    log = checker.records_of(stack.kafka)
    checker.check_log(log, operations)
    indicators, outcomes = checker.fold(log)
    topic = consumed(stack.kafka, checker.SCORES)
    first = checker.check_scores(topic, log, outcomes)
    query = stack.running["query", 0]
    query.await_ready()
    shown = checker.check_view(stack.query_stub(query), log, indicators)
    alarms = check_queries(stack, query)
    again = score_anew(stack, log, outcomes, fresh_rules)
    checker.demand(again == first, "a fresh scoring group gives other bytes")
    return (f"{len(operations.acknowledged)} acknowledgements, {len(log)} records of {len(indicators)} indicators, {shown} readings in force; "
            f"{len(topic) - len(first)} duplicate updates, {checker.late_writes(topic)} late writes; {alarms} alarms, all healed")


def check_queries(stack, query):
    """Every replica, and a fresh one, dumps the same, and no alarm stands. How many there were."""
    fresh = stack.start_service("query")
    for service in (fresh, *(stack.running[name] for name in stack.of("query"))):
        service.await_ready()
        wait_until(lambda service=service: service.get("/view")[1] == query.get("/view")[1], "every query dumps the same")
    fresh.stop()
    alive = (fresh, *stack.running.values())
    return sum(checker.check_alarms(q.name, q.text()) if q in alive else q.text().count(checker.ALARM) for q in stack.queries)


def score_anew(stack, log, outcomes, rules):
    """The updates of a fresh group, which folds the log into a topic of its own."""
    name = f"e1.r{rules}"
    stack.admin("topics", "--rules-version", str(rules))
    scores = f"bellwether.scores.v1.{name}"
    fresh = stack.start_service("scoring", "--scores-topic", scores, "--group", f"bellwether.scoring.{name}")
    wait_until(lambda: stack.lag(scores) == 0, "a fresh group folds the log")
    fresh.stop()
    return checker.check_scores(consumed(stack.kafka, scores), log, outcomes)
