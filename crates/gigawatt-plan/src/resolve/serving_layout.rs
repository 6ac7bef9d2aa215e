//! From a written layout of a service to one in which everything divides.

use crate::catalog::{Attention, Shape};
use crate::plan::{LayoutChoice, Machine};
use crate::scenario::ServiceSection;
use crate::serving::{LayoutFault, ServingLayout};
use crate::text::Diagnostic;

use super::Resolver;

/// How far from a number that does not divide another is looked for.
const NEAR: u64 = 4096;
/// The fields that cut a model.
const FIELDS: [&str; 4] = ["tensor", "data", "expert", "pipeline"];

impl Resolver<'_> {
    /// The layout that a service has, or that it is to be sought; `None` where it cannot be, which is told.
    pub(super) fn serving_layout(
        &mut self,
        section: &ServiceSection,
        shape: &Shape,
        machine: &Machine,
    ) -> Option<LayoutChoice> {
        if !FIELDS.iter().any(|field| section.numbers.contains_key(field)) {
            return Some(LayoutChoice::Search);
        }
        let number = |field: &str| section.numbers.get(field).map_or(1, |number| number.value);
        let layout = ServingLayout {
            tensor: number("tensor"),
            attention_data: number("data"),
            expert: number("expert"),
            pipeline: number("pipeline"),
        };
        let domain = self.domain(machine);
        let Some(fault) = layout.fault(shape, domain) else { return Some(LayoutChoice::Fixed(layout)) };
        let written = |field: &&str| section.numbers.contains_key(*field);
        let fields = blamed(fault);
        let field = fields.iter().copied().find(|field| written(field)).unwrap_or(fields[0]);
        let span = section.numbers.get(field).map_or(section.span, |number| number.span);
        let changed = |value: u64| {
            let mut other = layout;
            *part(&mut other, field) = value;
            other
        };
        let mut near_by = near(number(field), |value| changed(value).fault(shape, domain).is_none());
        if near_by.is_empty() {
            // Something else is wrong beside it.
            near_by = near(number(field), |value| !fault.is_in(&changed(value), shape, domain));
        }
        let help = match (fault, near_by.as_slice()) {
            (LayoutFault::DataWithoutExperts, _) => {
                "nothing is shared between groups without experts: write `replicas` instead".to_owned()
            }
            (LayoutFault::NoExperts, _) => "leave `expert` out".to_owned(),
            (_, []) => "take another layout".to_owned(),
            (_, near) => format!("`{field}` may be {}", near.join(" or ")),
        };
        self.diagnostics.push(Diagnostic::error(span, told(fault, &layout, shape, domain)).help(help));
        None
    }

    /// Accelerators that share scale-up links, in the reference case.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count within bounds")]
    fn domain(&self, machine: &Machine) -> u64 {
        let domain = machine.fact("scale_up_domain");
        let reference = domain.map(|input| self.inputs[input.0 as usize].distribution.reference());
        reference.map_or(1, |domain| domain.clamp(1.0, 1e9) as u64)
    }
}

/// The fields that a fault may be mended with, those nearest to it first.
fn blamed(fault: LayoutFault) -> &'static [&'static str] {
    match fault {
        LayoutFault::Heads | LayoutFault::Width => &["tensor"],
        LayoutFault::DataWithoutExperts => &["data"],
        LayoutFault::NoExperts | LayoutFault::Experts | LayoutFault::ExpertRanks => &["expert"],
        LayoutFault::ExpertWidth => &["expert", "tensor", "data"],
        LayoutFault::Stages => &["pipeline"],
        LayoutFault::Domain => &["pipeline", "data", "tensor"],
    }
}

fn part<'a>(layout: &'a mut ServingLayout, field: &str) -> &'a mut u64 {
    match field {
        "tensor" => &mut layout.tensor,
        "data" => &mut layout.attention_data,
        "expert" => &mut layout.expert,
        _ => &mut layout.pipeline,
    }
}

/// The next numbers below and above that are right.
fn near(value: u64, is_right: impl Fn(u64) -> bool) -> Vec<String> {
    let below = (1..value).rev().take(usize::try_from(NEAR).unwrap_or(0)).find(|value| is_right(*value));
    let above = (value + 1..=value.saturating_add(NEAR)).find(|value| is_right(*value));
    below.into_iter().chain(above).map(|value| value.to_string()).collect()
}

/// What is wrong, in words.
fn told(fault: LayoutFault, layout: &ServingLayout, shape: &Shape, domain: u64) -> String {
    let (tensor, expert) = (layout.tensor, layout.expert);
    let routed = shape.experts.map_or(0, |experts| experts.routed);
    match fault {
        LayoutFault::Heads => match shape.attention {
            Attention::Grouped { heads, kv_heads, .. } if heads.is_multiple_of(tensor) => {
                format!("{kv_heads} heads of keys and values cannot be shared out evenly over {tensor} ranks")
            }
            Attention::Grouped { heads, .. } | Attention::Latent { heads, .. } => {
                format!("{heads} heads cannot be shared out evenly over {tensor} ranks")
            }
            Attention::Absent => {
                format!("the heads of mixers cannot be shared out evenly over {tensor} ranks")
            }
        },
        LayoutFault::Width => {
            format!("a width of {} cannot be shared out evenly over {tensor} ranks", shape.feed_forward)
        }
        LayoutFault::DataWithoutExperts => "the model has no experts that groups could share".to_owned(),
        LayoutFault::NoExperts => "the model has no experts to spread".to_owned(),
        LayoutFault::Experts => format!("{routed} experts cannot be spread evenly over {expert} ranks"),
        LayoutFault::ExpertRanks => {
            format!("the {} ranks of a stage are no multiple of {expert}", layout.stage_ranks())
        }
        LayoutFault::ExpertWidth => {
            let width = shape.experts.map_or(0, |experts| experts.feed_forward);
            format!(
                "experts {width} wide cannot be shared out evenly over the {} ranks that cut each",
                layout.expert_tensor()
            )
        }
        LayoutFault::Stages => {
            format!("{} stages are more than the model's {} layers", layout.pipeline, shape.layers)
        }
        LayoutFault::Domain => format!(
            "a replica on {} accelerators neither fits into one scale-up domain of {domain} nor fills whole ones",
            layout.accelerators()
        ),
    }
}
