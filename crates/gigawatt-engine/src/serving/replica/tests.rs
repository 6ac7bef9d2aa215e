use super::*;

/// Iterations of 1 ms and 1 µs for each token of a prompt.
fn table() -> IterationTable {
    let times = LinearTimes { iteration: 1_000_000, prompt_token: 1_000, ..LinearTimes::default() };
    IterationTable::linear(&times, 8, 512)
}

fn arrival(id: u32, at: u64, prompt: u32, output: u32) -> Arrival<'static> {
    Arrival { id, at, prompt, output, ..Arrival::default() }
}

fn told(replica: &mut Replica<'_>, until: u64) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    replica.advance(until, &mut |outcome| outcomes.push(*outcome));
    outcomes
}

#[test]
fn a_request_alone_takes_its_prompt_and_an_iteration_for_each_further_token() {
    let table = table();
    let options = ReplicaOptions::plain(8, 512, 100);
    let mut replica = Replica::new(&table, &options);
    replica.offer(&arrival(7, 5, 100, 11));
    let outcomes = told(&mut replica, u64::MAX);
    let [outcome] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert_eq!((outcome.id, outcome.arrived, outcome.scheduled), (7, 5, 5));
    assert_eq!(outcome.first_token, 5 + 1_100_000);
    assert_eq!(outcome.finished, outcome.first_token + 10_000_000);
    assert_eq!(replica.next_change(), None);
    assert_eq!(replica.work().iterations, 11);
}

#[test]
fn prompts_are_cut_by_the_budget_beside_those_that_decode() {
    let table = table();
    let options = ReplicaOptions::plain(8, 100, 100);
    let mut replica = Replica::new(&table, &options);
    replica.offer(&arrival(0, 0, 10, 100));
    replica.offer(&arrival(1, 1, 150, 2));
    let outcomes = told(&mut replica, 10_000_000);
    // 10 tokens; then 99 beside one sequence, then 51; then its second token.
    let first = 1_010_000 + 1_099_000 + 1_051_000;
    assert_eq!(
        (outcomes[0].id, outcomes[0].first_token, outcomes[0].finished),
        (1, first, first + 1_000_000)
    );
}

#[test]
fn what_cannot_be_served_is_refused_with_a_reason() {
    let table = table();
    let options = ReplicaOptions { context: 1000, most_waiting: 2, ..ReplicaOptions::plain(8, 512, 4) };
    let mut replica = Replica::new(&table, &options);
    for (id, prompt, output) in
        [(0, 0, 1), (1, 1, 0), (2, 999, 2), (3, 64, 2), (4, 64, 1), (5, 1, 1), (6, 1, 1)]
    {
        replica.offer(&arrival(id, 3, prompt, output));
    }
    let mut ends: Vec<_> =
        told(&mut replica, 1 << 40).iter().map(|outcome| (outcome.id, outcome.end)).collect();
    ends.sort_unstable_by_key(|(id, _)| *id);
    let refused = [Refusal::NoPrompt, Refusal::NoOutput, Refusal::Context, Refusal::Memory];
    let refused = refused.iter().map(|refusal| End::Refused(*refusal));
    let rest = [End::Done, End::Done, End::Refused(Refusal::Queue)];
    let expected: Vec<_> = (0..).zip(refused.chain(rest)).collect();
    assert_eq!(ends, expected);
}

#[test]
fn who_asks_when_things_change_is_told_in_time() {
    let table = table();
    let options = ReplicaOptions::plain(8, 512, 100);
    let mut replica = Replica::new(&table, &options);
    replica.offer(&arrival(0, 10, 100, 50));
    replica.offer(&arrival(1, 2_000_000, 100, 5));
    let mut outcomes = Vec::new();
    let mut asked = 0;
    while let Some(next) = replica.next_change() {
        let before = outcomes.len();
        replica.advance(next, &mut |outcome| outcomes.push(*outcome));
        assert!(outcomes[before..].iter().all(|outcome| outcome.finished == next));
        asked += 1;
    }
    assert_eq!(outcomes.len(), 2);
    assert!(asked < 15, "{asked}");
}
