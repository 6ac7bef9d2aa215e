//! Traces: every slice lies in its parent and ends, and their numbers are those of the course.
#![allow(missing_docs)]

mod common;

use std::collections::HashMap;

use gigawatt_engine::training::PhaseCourse;
use gigawatt_plan::{Options, load};
use gigawatt_report::trace::message::{EventType, Trace, TracePacket, TrackEvent};
use gigawatt_report::trace::trace;
use gigawatt_report::training::courses;
use prost::Message;

use common::Text;

/// A run of Llama 3.1 8B on 64 accelerators.
fn run(batch: u32, layout: &str) -> Vec<(String, PhaseCourse)> {
    let text = format!(
        "name = \"run\"\nas_of = 2025-01-01\nperiod = {{ from = 2025-01-01, to = 2026-12-31 }}\n[[training]]\nname = \"run\"\nmodel = \"llama-3-1-8b\"\nsystem = \"hgx-h100\"\naccelerators = 64\ntokens = \"1 T\"\nsequence = 8192\nbatch_sequences = {batch}\nstart = 2025-01-01\nlayout = {{ {layout} }}\n"
    );
    let plan = load("run.toml", &Options::default(), &Text(text)).plan.expect("a plan");
    courses(&plan, Some("run"))
}

fn decoded(courses: &[(String, PhaseCourse)]) -> Vec<TracePacket> {
    Trace::decode(trace(courses).as_slice()).expect("what was encoded").packet
}

/// A slice with its depth on its track.
struct Found {
    track: u64,
    depth: usize,
    start: u64,
    end: u64,
    event: TrackEvent,
}

/// Every slice; fails where one has no end, or lies not within its parent.
fn slices(packets: &[TracePacket]) -> Vec<Found> {
    let mut open: HashMap<u64, Vec<(u64, TrackEvent)>> = HashMap::new();
    let mut last: HashMap<u64, u64> = HashMap::new();
    let mut found = Vec::new();
    for packet in packets {
        let Some(event) = &packet.track_event else { continue };
        let (at, track) = (packet.timestamp.expect("a time"), event.track_uuid.expect("a track"));
        assert!(last.insert(track, at).is_none_or(|before| before <= at), "track {track} goes back at {at}");
        let stack = open.entry(track).or_default();
        match event.r#type() {
            EventType::SliceBegin => stack.push((at, event.clone())),
            EventType::SliceEnd => {
                let (start, event) = stack.pop().expect("a begin");
                assert!(stack.last().is_none_or(|parent| parent.0 <= start));
                found.push(Found { track, depth: stack.len(), start, end: at, event });
            }
            EventType::Counter | EventType::Instant | EventType::Unspecified => {}
        }
    }
    assert!(open.values().all(Vec::is_empty), "every slice ends");
    found
}

#[test]
fn slices_nest_and_last_as_long_as_the_course() {
    for (batch, layout) in [
        (64, "pipeline = 4, recompute = \"full\""),
        (128, "pipeline = 4, virtual_stages = 2, tensor = 2"),
        (65_536, "pipeline = 4"),
        (128, "sharding = \"parameters\""),
    ] {
        let courses = run(batch, layout);
        let (packets, course) = (decoded(&courses), &courses[0].1);
        let slices = slices(&packets);
        let tracks: Vec<u64> =
            packets.iter().filter_map(|packet| packet.track_descriptor.as_ref()?.uuid).collect();
        assert!(slices.iter().all(|slice| tracks.contains(&slice.track)));
        let step = (course.timeline.step.seconds * 1e9).round();
        let end = slices.iter().map(|slice| slice.end).max().expect("slices") as f64;
        assert!((end - step).abs() <= 1.0, "{layout}: ends at {end}, not at {step}");
        let passes: Vec<&Found> = slices.iter().filter(|slice| slice.event.categories == ["pass"]).collect();
        let all: usize = course.timeline.stages.iter().map(Vec::len).sum();
        assert_eq!(passes.len(), all);
        assert!(passes.iter().all(|pass| pass.depth == 0));
        // What a pass is made of fills it.
        for pass in passes.iter().take(500) {
            let within = slices.iter().filter(|slice| {
                slice.track == pass.track
                    && slice.depth == 1
                    && slice.start >= pass.start
                    && slice.end <= pass.end
            });
            let sum: u64 = within.map(|slice| slice.end - slice.start).sum();
            assert!(sum.abs_diff(pass.end - pass.start) <= 8, "{sum} of {}", pass.end - pass.start);
        }
        let arrows: Vec<u64> = slices.iter().flat_map(|slice| slice.event.flow_ids.clone()).collect();
        for arrow in &arrows {
            assert_eq!(
                arrows.iter().filter(|other| *other == arrow).count(),
                2,
                "arrow {arrow} has two ends"
            );
            if arrows.len() > 2000 {
                break;
            }
        }
        let left_out = slices.iter().any(|slice| slice.event.categories == ["left out"]);
        assert_eq!(left_out, batch == 65_536);
    }
}

#[test]
fn the_counter_of_memory_reaches_the_peak_of_every_stage() {
    let courses = run(64, "pipeline = 4");
    let mut most: HashMap<u64, i64> = HashMap::new();
    for event in decoded(&courses).iter().filter_map(|packet| packet.track_event.as_ref()) {
        if let (EventType::Counter, Some(track), Some(bytes)) =
            (event.r#type(), event.track_uuid, event.counter_value)
        {
            let peak = most.entry(track).or_default();
            *peak = (*peak).max(bytes);
        }
    }
    let mut tracks: Vec<(u64, i64)> = most.into_iter().collect();
    tracks.sort_unstable();
    assert_eq!(tracks.len(), 4);
    for ((_, peak), stage) in tracks.iter().zip(&courses[0].1.stages) {
        assert!((*peak as f64 - stage.peak.needed()).abs() <= 1.0);
    }
}

#[test]
fn the_tracks_of_several_steps_are_apart() {
    let mut both = run(64, "pipeline = 4");
    both.extend(run(64, "pipeline = 2"));
    let packets = decoded(&both);
    let mut tracks: Vec<u64> =
        packets.iter().filter_map(|packet| packet.track_descriptor.as_ref()?.uuid).collect();
    let all = tracks.len();
    assert_eq!(all, 6 * 3);
    tracks.sort_unstable();
    tracks.dedup();
    assert_eq!(tracks.len(), all);
    slices(&packets);
}
