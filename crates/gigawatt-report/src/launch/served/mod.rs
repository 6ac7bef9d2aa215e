//! What launches a served model: command lines of inference engines, and manifests for Kubernetes.
//!
//! A [`ServedLaunch`] says what is served and how. [`command`] gives the command line of a replica, [`manifests`] what a
//! cluster is given: a Deployment where a replica fits on one node, a LeaderWorkerSet where it takes several, with a
//! Service, and a HorizontalPodAutoscaler where replicas come and go. What an engine has no option for is said beside it.

mod command;
mod kubernetes;
mod launch;
mod limits;
mod sglang;
mod tensorrt;
mod vllm;
mod yaml;

pub use command::{ServedCommand, command};
pub use kubernetes::{ServedManifests, manifests};
pub use launch::{
    Acceleration, Guesses, KubernetesName, LaunchError, Maker, Order, PrefixCaching, Replicas, ServedLaunch,
    ServedLimits, WeightFormat,
};
