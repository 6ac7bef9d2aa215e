//! Manifests of a served model for Kubernetes.

use gigawatt_engine::serving::EngineName;
use serde::Serialize;

use super::command::{Meeting, PORT, Part, across, heading, options, program, words};
use super::launch::{LaunchError, Replicas, ServedLaunch};
use super::yaml::Node;
use crate::launch::Settings;

/// Seconds from one look of a probe to the next.
const PROBE_PERIOD: u64 = 10;
/// Seconds that an engine has to answer a probe: one under load may be late.
const PROBE_TIMEOUT: u64 = 5;
/// The longest that a cluster waits before it takes replicas away.
const MOST_PATIENCE: u32 = 3600;
/// The label by which a LeaderWorkerSet marks its pods.
const GROUP_LABEL: &str = "leaderworkerset.sigs.k8s.io/name";

/// Manifests of a served model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServedManifests {
    /// The release of the engine whose options are in them.
    pub release: &'static str,
    /// Nodes of a replica.
    pub nodes: u64,
    /// Documents of YAML, with comments.
    pub text: String,
    /// What the engine has no option for, a sentence each.
    pub not_expressed: Vec<String>,
}

/// The manifests of a served model: a Deployment or, where a replica takes several nodes, a LeaderWorkerSet, with a Service
/// and, where replicas come and go, a HorizontalPodAutoscaler; the file that TensorRT-LLM reads as a ConfigMap.
///
/// # Errors
/// Where a replica does not fill its nodes, or an engine takes more than a manifest on several.
pub fn manifests(launch: &ServedLaunch) -> Result<ServedManifests, LaunchError> {
    let nodes = launch.nodes()?;
    if nodes > 1 && launch.engine == EngineName::TensorrtLlm {
        return Err(LaunchError::NeedsMpi { nodes });
    }
    let (release, settings, file) = options(launch);
    let mut documents = Vec::new();
    if let Some((name, content)) = file {
        let data = Node::map([(name, Node::text(content))]);
        documents.push(Node::map([
            ("apiVersion", Node::text("v1")),
            ("kind", Node::text("ConfigMap")),
            ("metadata", metadata(launch)),
            ("data", data),
        ]));
    }
    let (workload, service_selector) = if nodes == 1 {
        (deployment(launch, &settings), labels(launch))
    } else {
        let name = Node::text(launch.name.as_str());
        let selector = Node::map([(GROUP_LABEL, name), ("role", Node::text("leader"))]);
        (leader_worker_set(launch, &settings, nodes), selector)
    };
    documents.push(workload);
    documents.push(service(launch, service_selector));
    documents.extend(autoscaler(launch, nodes));
    let text: Vec<String> = documents.iter().map(Node::document).collect();
    let mut comments = heading(launch, release, &settings.not_expressed);
    if let Replicas::Scaled { .. } = launch.replicas {
        comments += "# the metric by which replicas come and go has to be served to the cluster by an adapter, from the engine's /metrics\n";
    }
    let text = comments + &text.join("---\n");
    Ok(ServedManifests { release, nodes, text, not_expressed: settings.not_expressed })
}

/// Labels of everything that belongs to it.
fn labels(launch: &ServedLaunch) -> Node {
    Node::map([("app.kubernetes.io/name", Node::text(launch.name.as_str()))])
}

fn metadata(launch: &ServedLaunch) -> Node {
    Node::map([("name", Node::text(launch.name.as_str())), ("labels", labels(launch))])
}

/// How many replicas there are at first; the autoscaler's affair where there is one.
fn replicas(launch: &ServedLaunch) -> Option<(&'static str, Node)> {
    match launch.replicas {
        Replicas::Fixed(count) => Some(("replicas", whole(count))),
        Replicas::Scaled { .. } => None,
    }
}

fn whole(number: u32) -> Node {
    Node::Whole(u64::from(number.min(i32::MAX.unsigned_abs())))
}

fn deployment(launch: &ServedLaunch, settings: &Settings) -> Node {
    let template = Node::map([
        ("metadata", Node::map([("labels", labels(launch))])),
        ("spec", pod(launch, settings, None)),
    ]);
    // There are no accelerators to spare for a replica that comes before an old one goes.
    let rolling = Node::map([("maxSurge", Node::Whole(0)), ("maxUnavailable", Node::Whole(1))]);
    let mut spec: Vec<(&str, Node)> = replicas(launch).into_iter().collect();
    spec.extend([
        ("selector", Node::map([("matchLabels", labels(launch))])),
        ("strategy", Node::map([("type", Node::text("RollingUpdate")), ("rollingUpdate", rolling)])),
        ("template", template),
    ]);
    Node::map([
        ("apiVersion", Node::text("apps/v1")),
        ("kind", Node::text("Deployment")),
        ("metadata", metadata(launch)),
        ("spec", Node::map(spec)),
    ])
}

fn leader_worker_set(launch: &ServedLaunch, settings: &Settings, nodes: u64) -> Node {
    let template = |part, role: &str| {
        let name = Node::text(launch.name.as_str());
        let labels = Node::map([("app.kubernetes.io/name", name), ("role", Node::text(role))]);
        Node::map([
            ("metadata", Node::map([("labels", labels)])),
            ("spec", pod(launch, settings, Some(part))),
        ])
    };
    let group = Node::map([
        ("size", Node::Whole(nodes)),
        // A group that lost a node cannot go on.
        ("restartPolicy", Node::text("RecreateGroupOnPodRestart")),
        ("leaderTemplate", template(Part::Leader, "leader")),
        ("workerTemplate", template(Part::Worker, "worker")),
    ]);
    let mut spec: Vec<(&str, Node)> = replicas(launch).into_iter().collect();
    spec.push(("leaderWorkerTemplate", group));
    Node::map([
        ("apiVersion", Node::text("leaderworkerset.x-k8s.io/v1")),
        ("kind", Node::text("LeaderWorkerSet")),
        ("metadata", metadata(launch)),
        ("spec", Node::map(spec)),
    ])
}

/// What runs on a node: the whole replica, or a part of it.
fn pod(launch: &ServedLaunch, settings: &Settings, part: Option<Part>) -> Node {
    let words = program(launch).into_iter().chain(settings.all.iter().flat_map(words));
    // What a user wrote is no variable of the cluster, which reads `$$` as a dollar and `$(X)` as a variable.
    let mut words: Vec<String> = words.map(|word| word.replace('$', "$$")).collect();
    if let Some(part) = part {
        let meeting = Meeting {
            nodes: "$(LWS_GROUP_SIZE)",
            rank: "$(LWS_WORKER_INDEX)",
            address: "$(LWS_LEADER_ADDRESS)",
        };
        words.extend(across(launch.engine, meeting, part));
    }
    let per_node = if part.is_some() { launch.node.per_node } else { launch.layout.accelerators() };
    let limits = Node::map([(launch.node.maker.resource(), Node::Whole(per_node))]);
    let mut container = vec![
        ("name", Node::text("engine")),
        ("image", Node::text(launch.image.clone())),
        ("command", Node::texts(words)),
    ];
    if let Some(secret) = &launch.token_secret {
        let key = Node::map([("name", Node::text(secret.as_str())), ("key", Node::text("token"))]);
        let variable =
            Node::map([("name", Node::text("HF_TOKEN")), ("valueFrom", Node::map([("secretKeyRef", key)]))]);
        container.push(("env", Node::List(vec![variable])));
    }
    container.push(("resources", Node::map([("limits", limits)])));
    if part != Some(Part::Worker) {
        let port = Node::map([("name", Node::text("http")), ("containerPort", Node::Whole(PORT))]);
        container.push(("ports", Node::List(vec![port])));
        let looks = launch.start_up.div_ceil(PROBE_PERIOD).clamp(1, i32::MAX as u64);
        container.push(("startupProbe", probe(Some(looks))));
        container.push(("readinessProbe", probe(None)));
        container.push(("livenessProbe", probe(None)));
    }
    // Ranks of a node exchange through memory that containers have 64 MiB of unless told otherwise.
    let mut mounts = vec![mount("shared-memory", "/dev/shm")];
    let memory = Node::map([("medium", Node::text("Memory"))]);
    let mut volumes = vec![Node::map([("name", Node::text("shared-memory")), ("emptyDir", memory)])];
    let mut directory = None;
    if launch.engine == EngineName::TensorrtLlm {
        let name = Node::map([("name", Node::text(launch.name.as_str()))]);
        volumes.push(Node::map([("name", Node::text("configuration")), ("configMap", name)]));
        mounts.push(mount("configuration", "/configuration"));
        directory = Some(("workingDir", Node::text("/configuration")));
    }
    container.extend(directory);
    container.push(("volumeMounts", Node::List(mounts)));
    Node::map([("containers", Node::List(vec![Node::map(container)])), ("volumes", Node::List(volumes))])
}

fn mount(name: &str, path: &str) -> Node {
    Node::map([("name", Node::text(name)), ("mountPath", Node::text(path))])
}

/// Asks an engine whether it serves.
fn probe(looks: Option<u64>) -> Node {
    let get = Node::map([("path", Node::text("/health")), ("port", Node::text("http"))]);
    let mut fields = vec![
        ("httpGet", get),
        ("periodSeconds", Node::Whole(PROBE_PERIOD)),
        ("timeoutSeconds", Node::Whole(PROBE_TIMEOUT)),
    ];
    fields.extend(looks.map(|looks| ("failureThreshold", Node::Whole(looks))));
    Node::map(fields)
}

fn service(launch: &ServedLaunch, selector: Node) -> Node {
    let port = Node::map([
        ("name", Node::text("http")),
        ("port", Node::Whole(80)),
        ("targetPort", Node::text("http")),
    ]);
    Node::map([
        ("apiVersion", Node::text("v1")),
        ("kind", Node::text("Service")),
        ("metadata", metadata(launch)),
        ("spec", Node::map([("selector", selector), ("ports", Node::List(vec![port]))])),
    ])
}

fn autoscaler(launch: &ServedLaunch, nodes: u64) -> Option<Node> {
    let Replicas::Scaled { least, most, metric, target, patience } = &launch.replicas else { return None };
    let (version, kind) = if nodes == 1 {
        ("apps/v1", "Deployment")
    } else {
        ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet")
    };
    let scaled = Node::map([
        ("apiVersion", Node::text(version)),
        ("kind", Node::text(kind)),
        ("name", Node::text(launch.name.as_str())),
    ]);
    let value =
        Node::map([("type", Node::text("AverageValue")), ("averageValue", Node::text(target.to_string()))]);
    let pods = Node::map([("metric", Node::map([("name", Node::text(metric.clone()))])), ("target", value)]);
    let down = Node::map([("stabilizationWindowSeconds", whole((*patience).min(MOST_PATIENCE)))]);
    // A cluster takes no autoscaler below one replica, nor one whose most is less than its least.
    let least = (*least).max(1);
    let spec = Node::map([
        ("scaleTargetRef", scaled),
        ("minReplicas", whole(least)),
        ("maxReplicas", whole((*most).max(least))),
        ("metrics", Node::List(vec![Node::map([("type", Node::text("Pods")), ("pods", pods)])])),
        ("behavior", Node::map([("scaleDown", down)])),
    ]);
    Some(Node::map([
        ("apiVersion", Node::text("autoscaling/v2")),
        ("kind", Node::text("HorizontalPodAutoscaler")),
        ("metadata", metadata(launch)),
        ("spec", spec),
    ]))
}
