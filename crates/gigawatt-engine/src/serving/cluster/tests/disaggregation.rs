//! Prompts and answers on engines of their own.

use super::stand_in::{Listed, Places, run};
use crate::serving::cluster::{Class, Cluster, Incident, IncidentKind, Metric, Room, Router, Transfer};
use crate::serving::replica::{Arrival, End, Refusal, Role};

const PREFILL: Places = Places {
    places: 1,
    prompt: 10,
    output: 0,
    role: Role::Prefill,
    room: Room { sequences: 8, tokens: 1_000 },
};

const DECODE: Places = Places { places: 8, prompt: 0, output: 100, role: Role::Decode, ..PREFILL };

fn model(prefill: Places, decode: Places) -> Cluster<Places> {
    Cluster {
        transfer: Transfer { token: 2.0, fixed: 50 },
        ..Cluster::new(vec![Class::new(prefill, 1), Class::new(decode, 1)], Router::LeastLoaded)
    }
}

fn arrival(id: u32, at: u64, prompt: u32, output: u32) -> Arrival<'static> {
    Arrival { id, at, prompt, output, ..Arrival::default() }
}

#[test]
fn users_see_prefill_transfer_and_decoding_one_after_the_other() {
    let all = [arrival(0, 0, 100, 11), arrival(1, 0, 100, 1)];
    let (result, ended) = run(&model(PREFILL, DECODE), &mut Listed::new(&all));
    // 1,000 to prefill, 250 to send, 10 further tokens of 100.
    let first = ended[0].outcome;
    assert_eq!((first.scheduled, first.first_token, first.finished), (0, 1_250, 2_250));
    assert_eq!((ended[0].prefilled_by, ended[0].replica), (Some(0), Some(1)));
    // A single token needs no decoding: it ends where it was prefilled, behind the other.
    let second = ended[1].outcome;
    assert_eq!((second.scheduled, second.first_token, second.finished), (1_000, 2_000, 2_000));
    assert_eq!((ended[1].prefilled_by, ended[1].replica), (None, Some(0)));
    let per_token = result.all().times(Metric::TimePerOutputToken).mean();
    assert_eq!((per_token, result.counts.done), (Some(100.0), 2));
    assert_eq!(result.classes.iter().map(|class| class.answered.requests).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn without_room_to_decode_caches_stay_and_prompts_wait() {
    let decode = Places { room: Room { sequences: 1, tokens: 1_000 }, ..DECODE };
    let all = [0, 1, 2, 3].map(|id| arrival(id, 0, 100, 31));
    // One decodes at a time: sent for 250, then 3,000 for the other 30 tokens. The prefiller has long been done with the next.
    let (_, ended) = run(&model(PREFILL, decode), &mut Listed::new(&all));
    let finished: Vec<_> = ended.iter().map(|one| one.outcome.finished).collect();
    assert_eq!(finished, [4_250, 7_500, 10_750, 14_000]);
    let scheduled = |ended: &[crate::serving::cluster::Ended]| -> Vec<_> {
        ended.iter().map(|one| one.outcome.scheduled).collect()
    };
    assert_eq!(scheduled(&ended), [0, 1_000, 2_000, 3_000]);
    // A prefiller that holds 150 tokens takes requests while it keeps fewer: at 1,000 it has queued all that came.
    let prefill = Places { room: Room { sequences: 8, tokens: 150 }, ..PREFILL };
    let later = [0, 1, 2, 3].map(|id| arrival(id, u64::from(id) * 1_500, 100, 31));
    let (_, ended) = run(&model(prefill, decode), &mut Listed::new(&later));
    // Caches of 0 leave at 1,250. That of 1 is kept from 2,500 to 4,500, when 0 has ended and it was sent; that of 2 comes at 4,000
    // and makes 200: from then on nothing is taken until 4,500.
    assert_eq!(scheduled(&ended), [0, 1_500, 3_000, 4_500]);
    let mut waits = later;
    waits[3].at = 4_100;
    let (_, ended) = run(&model(prefill, decode), &mut Listed::new(&waits));
    assert_eq!(scheduled(&ended), [0, 1_500, 3_000, 4_500], "held at the front until a cache was sent");
}

#[test]
fn a_cache_that_no_engine_could_hold_is_refused() {
    let decode = Places { room: Room { sequences: 8, tokens: 60 }, ..DECODE };
    let all = [arrival(0, 0, 100, 5), arrival(1, 0, 50, 5)];
    let (result, ended) = run(&model(PREFILL, decode), &mut Listed::new(&all));
    assert_eq!(ended[0].outcome.end, End::Refused(Refusal::Memory));
    assert_eq!((ended[1].outcome.end, result.counts.in_flight), (End::Done, 0));
}

#[test]
fn a_lost_cache_is_computed_again() {
    let at = |at, class, kind| Incident { at, class, replica: 0, kind, duration: Some(100) };
    let all = [arrival(0, 0, 100, 11)];
    let cases = [
        // While it decodes, while it is sent to the one that fails, from the one that fails, while it is prefilled: begun again at once
        // or when the prefiller is back, in the last case.
        (at(1_500, 1, IncidentKind::Failure), 1_500 + 2_250),
        (at(1_100, 1, IncidentKind::Failure), 1_250 + 2_250),
        (at(1_100, 0, IncidentKind::Failure), 1_250 + 2_250),
        (at(900, 0, IncidentKind::Failure), 1_000 + 2_250),
    ];
    for (incident, finished) in cases {
        let mut model = model(PREFILL, DECODE);
        model.incidents = vec![incident];
        let (result, ended) = run(&model, &mut Listed::new(&all));
        assert_eq!(ended[0].outcome.finished, finished, "{incident:?}");
        assert_eq!((result.counts.retried, ended[0].attempts), (1, 2), "{incident:?}");
    }
    // Drained ones let it end.
    for class in [0, 1] {
        let mut model = model(PREFILL, DECODE);
        model.incidents = vec![at(1_100, class, IncidentKind::Drain)];
        let (result, ended) = run(&model, &mut Listed::new(&all));
        assert_eq!((ended[0].outcome.finished, result.counts.retried), (2_250, 0));
    }
}
