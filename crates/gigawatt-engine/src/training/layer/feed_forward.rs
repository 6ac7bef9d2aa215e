//! The part of a layer that works on each token by itself: dense, or a mixture of experts.

use gigawatt_plan::catalog::{Experts, FeedForward};
use gigawatt_plan::training::{
    DispatchFormat, Dispatcher, ExpertKernels, Overlap, Precision, Routing, Schedule,
};

use super::{ACTIVATION_BYTES, LayerLaw};
use crate::network::ExpertRouting;
use crate::training::number::count;
use crate::training::parts::Passes;

/// How often experts with biases read or write each half of their inner width where nothing is fused (gpt-oss: bias,
/// clamp of both halves, sigmoid, product, gate, sum).
const BIASED_PASSES: f64 = 10.0;

impl LayerLaw<'_> {
    pub(super) fn dense(&self, passes: &mut Passes) -> f64 {
        let (shape, tensor) = (self.job.shape, count(self.job.layout.tensor));
        let width = count(shape.feed_forward) / tensor;
        let last = self.feed_forward(passes, 1.0, self.tokens, count(shape.hidden), width);
        self.tensor_block(passes);
        last
    }

    /// Adds feed-forward networks from `outer` to `width` and back, `groups` of them on `rows` tokens each, and returns
    /// the time of the way back in the forward pass.
    fn feed_forward(&self, passes: &mut Passes, groups: f64, rows: f64, outer: f64, width: f64) -> f64 {
        let up = match self.job.shape.feed_forward_kind {
            FeedForward::Gated => 2.0,
            FeedForward::Plain => 1.0,
        };
        self.linear(passes, groups, rows, up * width, outer);
        let last = self.linear(passes, groups, rows, outer, width);
        let experts = self.job.shape.experts.filter(|_| groups > 1.0);
        let apart = experts.is_some_and(|experts| experts.biased)
            && self.job.framework.expert_kernels == ExpertKernels::Separate;
        let (forward, backward) = if apart {
            // Bias, clamp and gate in kernels of their own: each reads and writes both halves.
            (BIASED_PASSES * up, 1.5 * BIASED_PASSES * up)
        } else {
            // The activation function reads what the first product wrote; backward it reads the gradient too.
            (up + 1.0, 2.0 * up + 1.0)
        };
        self.touch(passes, groups * rows * width * ACTIVATION_BYTES, forward, backward);
        last
    }

    pub(super) fn experts(&self, passes: &mut Passes) -> f64 {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let Some(experts) = shape.experts else { return 0.0 };
        let hidden = count(shape.hidden);
        let (tensor, expert_tensor) = (count(layout.tensor), count(layout.expert_tensor));
        // Each tensor-parallel rank routes its part of the sequence.
        let tokens = self.tokens / tensor;
        let copies = tokens * count(experts.active) * expert_tensor;
        let held = (count(experts.routed) / count(layout.expert)).max(1.0);
        let outer = experts.latent.map_or(hidden, count);
        let width = count(experts.feed_forward) / expert_tensor;
        let last = self.feed_forward(passes, held, copies / held, outer, width);
        if experts.latent.is_some() {
            self.linear(passes, 1.0, tokens, outer, hidden);
            self.linear(passes, 1.0, tokens, hidden, outer);
        }
        if experts.shared > 0 {
            let shared = count(experts.shared) * count(experts.shared_feed_forward) / tensor;
            self.feed_forward(passes, 1.0, self.tokens, hidden, shared);
            self.tensor_block(passes);
        }
        // Each copy of a token is written and read on both ways.
        let traffic = match self.job.framework.expert_kernels {
            ExpertKernels::Separate => self.with.permutation_traffic,
            ExpertKernels::Fused => self.with.fused_permutation,
        };
        let sorting = self.streaming(traffic * 4.0 * copies * outer * ACTIVATION_BYTES);
        let router = self.job.device.gemm(tokens, count(experts.routed), hidden, Precision::Tf32);
        passes.forward.elementwise += sorting + router;
        passes.backward.elementwise += sorting + 2.0 * router;
        passes.weights += router;
        self.dispatch(passes, &experts, tokens, outer);
        last
    }

    /// Adds the way of tokens to their experts and back.
    fn dispatch(&self, passes: &mut Passes, experts: &Experts, tokens: f64, outer: f64) {
        let layout = self.job.layout;
        let group = &self.groups.expert;
        let domain_limit = match (self.job.framework.routing, experts.groups) {
            (Routing::Groups, Some(groups)) => Some(groups.domain_limit(self.links.domains(group))),
            _ => None,
        };
        // Seconds one way, with so many bytes for each number.
        let way = |bytes: f64| {
            let bytes_per_token = outer * bytes;
            let copies = tokens * count(experts.active) * bytes_per_token;
            let exchange = if group.ranks() <= 1 {
                0.0
            } else {
                match self.job.framework.dispatcher {
                    Dispatcher::AllToAll => self.links.exchange(group, copies),
                    Dispatcher::NodeLimited => {
                        let routing = ExpertRouting {
                            tokens,
                            bytes_per_token,
                            experts: experts.routed,
                            visited: experts.active,
                            domain_limit,
                        };
                        self.links.network().expert_exchange(group, &routing).seconds
                    }
                }
            };
            // Ranks that share an expert gather what each of them received.
            let cut = count(layout.expert_tensor);
            exchange + self.links.gather(&self.groups.expert_tensor, copies * cut)
        };
        let there = match self.job.framework.dispatch_format {
            DispatchFormat::Sixteen => ACTIVATION_BYTES,
            DispatchFormat::Operands => self.job.precision.activation_bytes().min(ACTIVATION_BYTES),
        };
        let visible = match (layout.schedule, self.job.framework.expert_overlap) {
            // What passes that run together hide is counted for each pair of them.
            (Schedule::DualPipe, _) | (_, Overlap::Off) => 1.0,
            (_, Overlap::On) => self.with.expert_visible,
        };
        let both = visible * (way(there) + way(ACTIVATION_BYTES));
        passes.forward.expert += both;
        passes.backward.expert += both;
    }
}
