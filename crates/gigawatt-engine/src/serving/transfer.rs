//! The way of a cache from a worker that computes prompts to one that answers.

use super::ServingLayout;
use super::capacity::sequence_bytes;
use super::cluster::Transfer;
use super::deployment::Deployment;
use super::number::count;
use crate::fleet::nanoseconds;

/// Tokens between which the time is a straight line.
const TOKENS: f64 = 4096.0;

/// The time of a cache from one worker to another, each in servers of its own: every rank that holds a part sends it
/// through its own port, or receives it, whichever are fewer.
///
/// ```text
/// time(tokens) = latency + tokens · bytes of a token / (links · bandwidth of a port)
/// ```
pub fn cache_transfer(prefill: &Deployment<'_>, decode: &Deployment<'_>, domain: u64) -> Transfer {
    let ranks =
        |deployment: &Deployment<'_>| deployment.layout.tensor.max(1) * deployment.layout.pipeline.max(1);
    let whole = Deployment { layout: ServingLayout::SINGLE, ..*prefill };
    let links = count(ranks(prefill).min(ranks(decode)));
    let network = decode.network;
    let apart = network.tier_that_holds(decode.layout.accelerators().max(domain).saturating_mul(2));
    let seconds = |tokens: f64| network.point_to_point(apart, sequence_bytes(&whole, tokens) / links);
    let (near, far) = (seconds(TOKENS), seconds(2.0 * TOKENS));
    let token = (far - near) / TOKENS;
    Transfer { token: token * 1e9, fixed: nanoseconds((near - token * TOKENS).max(0.0)) }
}
