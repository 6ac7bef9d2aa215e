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

#[test]
fn replicas_without_requests_are_small() {
    assert!(size_of::<Replica<'_>>() <= 1024, "{}", size_of::<Replica<'_>>());
    assert!(size_of::<super::sequence::Sequence>() <= 128, "{}", size_of::<super::sequence::Sequence>());
}

/// A name that comes twice in a prompt, names of other lengths, and a cache that one request fills.
#[test]
fn prompts_whose_names_make_no_sense_are_served_all_the_same() {
    let table = table();
    let options = ReplicaOptions { prefix: Prefix::Tokens(16), ..ReplicaOptions::plain(8, 64, 10) };
    let mut replica = Replica::new(&table, &options);
    let twice = [3, 3, 3, 3, 3, 3, 3, 3];
    let families: [&[u64]; 4] = [&twice, &[3, 4], &[4, 3, 5, 6, 7, 8, 9], &[9]];
    for id in 0..40 {
        let blocks = families[id as usize % 4];
        replica
            .offer(&Arrival { blocks, ..arrival(id, u64::from(id) * 300_000, 16 + 29 * (id % 4), 10 + id) });
    }
    let outcomes = told(&mut replica, u64::MAX);
    assert_eq!(outcomes.iter().filter(|outcome| outcome.end == End::Done).count(), 40);
    assert_eq!(replica.load().cache, 0.0);
}

#[test]
fn a_replica_that_fails_names_what_it_loses_and_goes_on() {
    let table = table();
    let options = ReplicaOptions { prefix: Prefix::Tokens(16), ..ReplicaOptions::plain(2, 64, 100) };
    let mut replica = Replica::new(&table, &options);
    let names: Vec<u64> = (0..7).collect();
    for id in 0..5 {
        replica.offer(&Arrival { blocks: &names, ..arrival(id, u64::from(id), 100, 50) });
    }
    assert!(told(&mut replica, 60_000_000).len() < 5);
    assert!(replica.longest_match(&names) > 0);
    let mut lost = Vec::new();
    replica.fail(60_000_000, &mut |id| lost.push(id));
    assert!(told(&mut replica, 60_000_000).is_empty());
    assert_eq!((replica.longest_match(&names), replica.load()), (0, Load::default()));
    assert!(!lost.is_empty());
    replica.offer(&arrival(9, 70_000_000, 100, 2));
    let outcomes = told(&mut replica, u64::MAX);
    assert_eq!(outcomes.iter().map(|outcome| outcome.id).collect::<Vec<_>>(), [9]);
    assert_eq!(outcomes[0].scheduled, 70_000_000);
}

#[test]
fn requests_that_share_a_prefix_compute_it_once() {
    let table = table();
    let options = ReplicaOptions { prefix: Prefix::Tokens(32), ..ReplicaOptions::plain(8, 512, 100) };
    let mut replica = Replica::new(&table, &options);
    let names = [1, 2, 3, 4];
    replica.offer(&Arrival { blocks: &names, ..arrival(0, 0, 128, 5) });
    replica.offer(&Arrival { blocks: &names[..3], ..arrival(1, 100_000_000, 90, 5) });
    replica.offer(&Arrival { blocks: &names, ..arrival(2, 200_000_000, 128, 5) });
    let cached: Vec<u32> = told(&mut replica, u64::MAX).iter().map(|outcome| outcome.cached).collect();
    // The third name stands for two blocks, of which the second prompt has one whole; all but a block of a full hit.
    assert_eq!(cached, [0, 64, 112]);
}
