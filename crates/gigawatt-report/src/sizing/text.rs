//! What a search of deployments says of itself.

use gigawatt_engine::serving::sizing::{Counts, Reason, Sized, SizingAsked};
use gigawatt_plan::quantity::format_significant;
use gigawatt_plan::serving::LayoutFault;

use super::objective;
use crate::grouped;

const GIGABYTE: f64 = 1e9;

/// A time in ms below a second, in s above.
pub fn latency(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{} ms", format_significant(seconds * 1e3))
    } else {
        format!("{} s", format_significant(seconds))
    }
}

/// Why a layout serves nothing.
pub(super) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Fault(fault) => fault_words(*fault).to_owned(),
        Reason::Memory(missing) => {
            format!("does not fit by {} GB an accelerator", format_significant(missing / GIGABYTE))
        }
        Reason::FirstToken(seconds) => format!("TTFT {} with one request at once", latency(*seconds)),
        Reason::EachToken(seconds) => format!("TPOT {} with one request at once", latency(*seconds)),
    }
}

fn fault_words(fault: LayoutFault) -> &'static str {
    match fault {
        LayoutFault::Heads => "heads are not shared out evenly",
        LayoutFault::Width => "dense layers are not shared out evenly",
        LayoutFault::DataWithoutExperts => "groups share nothing without experts",
        LayoutFault::NoExperts => "there are no experts to spread",
        LayoutFault::Experts => "experts are not spread evenly",
        LayoutFault::ExpertRanks => "ranks of a stage are no multiple of those of experts",
        LayoutFault::ExpertWidth => "experts are not cut evenly",
        LayoutFault::Stages => "more stages than layers",
        LayoutFault::Domain => "fills neither a part of a scale-up domain nor whole ones",
    }
}

/// In which sense the first is the best.
pub(super) fn optimality(counts: &Counts, asked: &SizingAsked, best: Option<&Sized>) -> String {
    let of = [
        counts.declared,
        counts.illegal,
        counts.memory,
        counts.slow,
        counts.bound,
        counts.evaluated,
        counts.simulated,
        counts.simulations,
    ];
    let [declared, illegal, memory, slow, bound, evaluated, simulated, simulations] = of.map(grouped);
    let fates = format!(
        "of {declared} designs of a replica or worker in the space {illegal} do not divide, {memory} do not fit, {slow} are too slow with one request at once"
    );
    if best.is_none() {
        return format!("none keeps the promise: {fates}");
    }
    let by = match objective(asked.by) {
        "cost" => "is cheaper",
        "accelerators" => "takes fewer accelerators",
        _ => "takes less energy",
    };
    let claim = if counts.unproved == 0 {
        format!(
            "none of the space {by} by these laws: its bound in the steady state lies above what the best was simulated to take"
        )
    } else {
        format!(
            "the best of those simulated; {} more {} a bound in the steady state below it and were not simulated",
            grouped(counts.unproved),
            if counts.unproved == 1 { "has" } else { "have" }
        )
    };
    format!(
        "{claim}; {fates}, {bound} cannot be among the best by that bound, {evaluated} were evaluated; {simulated} deployments were simulated, {simulations} times"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_have_three_figures() {
        assert_eq!(latency(0.05), "50.0 ms");
        assert_eq!(latency(0.000_41), "0.410 ms");
        assert_eq!(latency(2.3456), "2.35 s");
    }

    #[test]
    fn reasons_say_by_how_much() {
        assert_eq!(reason(&Reason::Memory(24.31e9)), "does not fit by 24.3 GB an accelerator");
        assert_eq!(reason(&Reason::EachToken(0.072)), "TPOT 72.0 ms with one request at once");
    }
}
