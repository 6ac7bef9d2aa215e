use super::*;

fn arrival(prompt: u32, session: u64, blocks: &[u64]) -> Arrival<'_> {
    Arrival { id: 0, at: 0, prompt, output: 1, priority: 0, session, blocks }
}

fn routing(router: Router, loads: &[u32]) -> Routing {
    let mut routing = Routing::new(router, loads.len() as u32, 1, "test");
    for (engine, &requests) in (0..).zip(loads) {
        routing.set(engine, Some(EngineLoad { requests, tokens: u64::from(requests) * 1_000 }));
    }
    routing
}

fn engine(choice: Option<Choice>) -> u32 {
    match choice {
        Some(Choice::Engine(engine)) => engine,
        other => panic!("{other:?}"),
    }
}

#[test]
fn round_robin_takes_turns_and_passes_over_those_that_take_none() {
    let mut routing = routing(Router::RoundRobin, &[0; 4]);
    let turns = |routing: &mut Routing, count: usize| -> Vec<u32> {
        (0..count).map(|_| engine(routing.choose(&arrival(1, 0, &[])))).collect()
    };
    assert_eq!(turns(&mut routing, 5), [0, 1, 2, 3, 0]);
    routing.set(1, None);
    assert_eq!(turns(&mut routing, 4), [2, 3, 0, 2]);
    routing.set(1, Some(EngineLoad { requests: 0, tokens: 0 }));
    assert_eq!(turns(&mut routing, 3), [3, 0, 1]);
    (0..4).for_each(|engine| routing.set(engine, None));
    assert_eq!(routing.choose(&arrival(1, 0, &[])), None);
}

#[test]
fn the_first_of_the_least_loaded_is_chosen() {
    let mut routing = routing(Router::LeastLoaded, &[3, 2, 2, 5]);
    assert_eq!(engine(routing.choose(&arrival(1, 0, &[]))), 1);
    routing.set(1, Some(EngineLoad { requests: 3, tokens: 0 }));
    assert_eq!(engine(routing.choose(&arrival(1, 0, &[]))), 2);
}

#[test]
fn two_choices_differ_and_are_even() {
    let mut routing = routing(Router::PowerOfTwo, &[0; 5]);
    let mut counts = [[0_u32; 5]; 5];
    for _ in 0..20_000 {
        let Some(Choice::Either(first, second)) = routing.choose(&arrival(1, 0, &[])) else { panic!() };
        counts[first as usize][second as usize] += 1;
    }
    for (first, row) in counts.iter().enumerate() {
        for (second, &count) in row.iter().enumerate() {
            // 1,000 of each of 20 pairs, within six standard deviations.
            let expected = if first == second { 0..=0 } else { 810..=1_190 };
            assert!(expected.contains(&count), "{first} {second}: {count}");
        }
    }
}

#[test]
fn a_session_stays_until_its_engine_has_too_much() {
    let mut routing = routing(Router::Session { balance: 1.5 }, &[2; 8]);
    let home = engine(routing.choose(&arrival(1, 77, &[])));
    assert_eq!(engine(routing.choose(&arrival(1, 77, &[]))), home);
    // The mean is 17 / 8 with the new request: 1.5 times that is 3.2, so 3 requests are let be and 4 are too many.
    routing.set(home, Some(EngineLoad { requests: 3, tokens: 0 }));
    assert_eq!(engine(routing.choose(&arrival(1, 77, &[]))), home);
    routing.set(home, Some(EngineLoad { requests: 9, tokens: 0 }));
    let other = engine(routing.choose(&arrival(1, 77, &[])));
    assert_ne!(other, home);
    routing.set(home, None);
    assert_eq!(engine(routing.choose(&arrival(1, 77, &[]))), other, "the next on the ring");
    // Without a session the least loaded.
    routing.set(5, Some(EngineLoad { requests: 1, tokens: 0 }));
    assert_eq!(engine(routing.choose(&arrival(1, 0, &[]))), 5);
}

#[test]
fn a_match_is_worth_its_tokens() {
    let mut routing = routing(Router::Prefix(PrefixRule::DYNAMO), &[3, 1, 6]);
    let blocks = [1, 2, 3, 4];
    routing.sent(0, &arrival(8_000, 0, &blocks));
    // Engine 0 would prefill 2,000 of 8,000 tokens beside 3,000 outstanding; engine 1 all 8,000 beside 1,000.
    let request = arrival(8_000, 0, &[1, 2, 3, 5]);
    assert_eq!(routing.choose(&request), Some(Choice::Check(0)));
    assert_eq!(routing.checked(0, 3), Some(Choice::Engine(0)));
    // It holds none of it any more.
    assert_eq!(routing.choose(&request), Some(Choice::Check(0)));
    assert_eq!(routing.checked(0, 0), Some(Choice::Engine(1)));
    // A prompt of 2,000 tokens saves 1,500, less than the 2,000 that are more to do there.
    assert_eq!(routing.choose(&arrival(2_000, 0, &[1, 2, 3, 5])), Some(Choice::Engine(1)));
    routing.set(0, None);
    assert_eq!(routing.choose(&request), Some(Choice::Engine(1)));
}

#[test]
fn scores_add_up_shares_of_match_and_load() {
    let mut routing = routing(Router::Prefix(PrefixRule::LLM_D), &[0, 10, 5]);
    routing.sent(1, &arrival(100, 0, &[1, 2, 3]));
    routing.sent(2, &arrival(100, 0, &[1]));
    // Engine 0: 0 + 2. Engine 1: 3 + 0. Engine 2: 1 + 1.
    assert_eq!(routing.choose(&arrival(100, 0, &[1, 2, 3])), Some(Choice::Check(1)));
    assert_eq!(routing.checked(1, 3), Some(Choice::Engine(1)));
    // Of one block in two: engine 0 has 2, engine 1 and 2 have 1.5 and 2.5.
    assert_eq!(routing.choose(&arrival(100, 0, &[1, 9])), Some(Choice::Check(2)));
}

#[test]
fn thresholds_decide_between_match_and_load() {
    let rule = PrefixRule::Threshold { share: 0.5, absolute: 4, relative: 1.5 };
    let mut routing = routing(Router::Prefix(rule), &[4, 3, 2]);
    routing.sent(0, &arrival(100, 0, &[1, 2, 3]));
    assert_eq!(engine(routing.choose(&arrival(100, 0, &[1, 2, 9]))), 0, "two of three match");
    assert_eq!(engine(routing.choose(&arrival(100, 0, &[1, 8, 9]))), 2, "one of three is too little");
    routing.set(0, Some(EngineLoad { requests: 8, tokens: 0 }));
    assert_eq!(engine(routing.choose(&arrival(100, 0, &[1, 2, 9]))), 2, "8 is more than 4 above 2");
    routing.set(0, Some(EngineLoad { requests: 4, tokens: 0 }));
    routing.forget(0);
    assert_eq!(engine(routing.choose(&arrival(100, 0, &[1, 2, 9]))), 2, "it has lost its cache");
}
