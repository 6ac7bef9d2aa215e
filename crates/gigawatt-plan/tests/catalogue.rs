//! What every fact of the catalogue owes its reader, and that whoever does not give it is found.

use std::collections::BTreeSet;

use gigawatt_plan::catalog::{
    Attention, Biases, Block, Catalogue, ExpertGroups, FeedForward, Grade, Kind, Norm, Position, Shape,
    Window, WindowKind, read_shape,
};
use gigawatt_plan::text::{Diagnostic, Diagnostics, SourceMap, Span, parse_document};

fn catalogue() -> Catalogue {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let catalogue = Catalogue::embedded(&mut sources, &mut diagnostics);
    let told = diagnostics.into_sorted();
    assert!(told.is_empty(), "{told:#?}");
    catalogue
}

#[test]
fn every_fact_has_source_kind_range_and_no_hindsight() {
    let catalogue = catalogue();
    let faults: Vec<String> = catalogue.audit().into_iter().map(|fault| fault.message).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let facts: usize = catalogue
        .entries()
        .iter()
        .map(|entry| entry.fields().map(|field| entry.vintages(field).len()).sum::<usize>())
        .sum();
    assert!(facts > 500, "only {facts} facts");
}

#[test]
fn every_kind_has_its_entries() {
    let catalogue = catalogue();
    let expected = [
        (Kind::Accelerator, 26),
        (Kind::Model, 67),
        (Kind::System, 11),
        (Kind::Network, 10),
        (Kind::Rental, 5),
        (Kind::Grid, 8),
        (Kind::Reliability, 10),
        (Kind::Company, 4),
    ];
    for (kind, least) in expected {
        let found = catalogue.ids(kind).count();
        assert!(found >= least, "{found} of {}", kind.name());
    }
    for kind in Kind::ALL {
        assert!(catalogue.ids(kind).next().is_some(), "there is no {}", kind.name());
    }
}

#[test]
fn systems_and_rentals_name_accelerators_that_exist() {
    let catalogue = catalogue();
    for entry in catalogue.entries() {
        let accelerator = entry.text("accelerator");
        assert!(
            accelerator.is_empty() || catalogue.get(Kind::Accelerator, accelerator).is_some(),
            "{} is made of `{accelerator}`",
            entry.id
        );
    }
}

#[test]
fn the_causes_of_interruptions_add_up() {
    let catalogue = catalogue();
    let run = catalogue.get(Kind::Reliability, "llama3-54-days").expect("the run of Llama 3");
    let value = |field: &str| run.vintages(field)[0].written.distribution.reference();
    let causes: f64 = run.fields().filter(|field| field.starts_with("cause_")).map(value).sum();
    assert_eq!(causes, value("unexpected"));
}

#[test]
fn every_source_has_title_day_and_address() {
    for (id, source) in catalogue().bibliography() {
        assert!(!source.title.is_empty() && !source.publisher.is_empty(), "{id}");
        assert!(source.url.is_some() || source.grade == Grade::Assumption, "{id} has no url");
    }
}

#[test]
fn every_entry_of_the_bibliography_is_used() {
    let mut scenarios = String::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            scenarios.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    let catalogue = catalogue();
    let named = |id: &str| scenarios.contains(&format!("\"{id}\""));
    let unused: Vec<&str> = catalogue.unused_sources().into_iter().filter(|id| !named(id)).collect();
    assert!(unused.is_empty(), "nothing cites {unused:?}");
}

#[test]
fn every_file_of_the_folder_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalog");
    let names = |path: &str, before: &str| -> Vec<String> {
        let files = std::fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name());
        files
            .map(|name| format!("{before}{}", name.to_string_lossy()))
            .filter(|name| name.ends_with(".toml"))
            .collect()
    };
    let mut there: BTreeSet<String> = names(folder, "catalog/").into_iter().collect();
    there.extend(names(&format!("{folder}/companies"), "catalog/companies/"));
    let embedded: BTreeSet<String> =
        gigawatt_plan::catalog::EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(there, embedded);
}

const SOURCES: &str = "[paper]\ntitle = 'A paper'\npublisher = 'A house'\npublished = 2024-05-01\ngrade = 'primary'\nurl = 'https://example.org'\n";

/// What is told of a catalogue of one system whose power is written so, by the reader and by the audit.
fn told(power: &str) -> (Vec<Diagnostic>, SourceMap) {
    let system = format!("[box]\ntitle = 'Box'\npower = {power}\n");
    told_of(&[("catalog/sources.toml", SOURCES), ("catalog/systems.toml", &system)])
}

fn told_of(files: &[(&str, &str)]) -> (Vec<Diagnostic>, SourceMap) {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let catalogue = Catalogue::load(files, &mut sources, &mut diagnostics);
    let mut all = diagnostics.into_sorted();
    all.extend(catalogue.audit());
    (all, sources)
}

#[test]
fn faults_of_facts_are_found_at_their_characters() {
    let good = "{ value = '1 kW', kind = 'reported', source = 'paper', known_from = 2024-06-01 }";
    assert!(told(good).0.is_empty());
    let cases = [
        ("'1 kW'", "no `source` or no `known_from`"),
        ("{ value = '1 kW', kind = 'reported', source = 'papre', known_from = 2024-06-01 }", "no `papre`"),
        ("{ value = '1 kW', source = 'paper', known_from = 2024-06-01 }", "does not say how it is known"),
        ("{ value = '1 kW', kind = 'estimate', source = 'paper', known_from = 2024-06-01 }", "has no range"),
        (
            "{ value = '1 kW', low = '1 kW', high = '2 kW', kind = 'assumption', source = 'paper', known_from = 2024-06-01 }",
            "no note",
        ),
        (
            "{ value = '3 kW', low = '1 kW', high = '2 kW', kind = 'estimate', source = 'paper', known_from = 2024-06-01 }",
            "is below",
        ),
        (
            "{ value = '1 kW', kind = 'reported', source = 'paper', known_from = 2024-04-01 }",
            "was published on 2024-05-01",
        ),
        ("{ value = '1 kg', kind = 'reported', source = 'paper', known_from = 2024-06-01 }", "kg"),
    ];
    for (power, expected) in cases {
        let (faults, sources) = told(power);
        assert!(!faults.is_empty(), "nothing was told of {power}");
        assert!(faults[0].message.contains(expected), "{power}: {}", faults[0].message);
        let span = faults[0].labels[0].span;
        assert_eq!(sources.get(span.source).name, "catalog/systems.toml", "{power}");
        assert!(!sources.snippet(span).is_empty(), "{power}");
    }
    let twice = format!("[{good}, {good}]");
    assert!(told(&twice).0[0].message.contains("two vintages"));
}

#[test]
fn sources_that_nothing_cites_and_addresses_that_are_none_are_found() {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let catalogue = Catalogue::load(&[("catalog/sources.toml", SOURCES)], &mut sources, &mut diagnostics);
    assert_eq!(catalogue.unused_sources(), ["paper"]);
    let wrong = SOURCES.replace("https://example.org", "example.org");
    let (faults, sources) = told_of(&[("catalog/sources.toml", &wrong)]);
    assert_eq!(sources.snippet(faults[0].labels[0].span), "'example.org'");
    let untitled = SOURCES.replace("title = 'A paper'\n", "");
    assert!(told_of(&[("catalog/sources.toml", &untitled)]).0[0].message.contains("`title` is missing"));
}

#[test]
fn faults_of_architectures_are_found() {
    let model = |change: (&str, &str)| {
        let text = "[m]\ntitle = 'M'\n[m.architecture]\nlayers = 2\nhidden = 8\nheads = 2\nkv_heads = 1\nhead_size = 4\nfeed_forward = 16\nexpert_layers = 2\nexperts = 4\nactive_experts = 1\nexpert_feed_forward = 8\nvocabulary = 10\ncontext = 16\nsource = 'paper'\nknown_from = 2024-06-01\n";
        told_of(&[
            ("catalog/sources.toml", SOURCES),
            ("catalog/models.toml", &text.replace(change.0, change.1)),
        ])
        .0
    };
    assert!(model(("", "")).is_empty());
    let cases = [
        (("layers = 2\nhidden", "hidden"), "`layers` is missing"),
        (("kv_heads = 1\n", ""), "`kv_heads` is missing"),
        (("kv_heads = 1\nhead_size = 4\n", ""), "one kind of attention"),
        (("active_experts = 1", "active_experts = 5"), "more than the 4 experts"),
        (("expert_layers = 2", "expert_layers = 3"), "more than the 2 layers"),
        (("hidden = 8", "hiden = 8"), "`hiden` is not a field"),
        (("hidden = 8", "hidden = 0"), "out of its range"),
        (("'paper'", "'none'"), "no `none`"),
        (("2024-06-01", "2024-01-01"), "was published on"),
    ];
    for (change, expected) in cases {
        let faults = model(change);
        assert!(faults.iter().any(|fault| fault.message.contains(expected)), "{change:?}: {faults:#?}");
    }
}

/// The shape of a small table, and what is told of it.
fn shape(text: &str) -> (Option<Shape>, Vec<Diagnostic>) {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let source = sources.add("scenario.toml", text);
    let table = parse_document(&sources, source, &mut diagnostics).expect("TOML");
    let shape = read_shape(&table, Span { source, start: 0, end: 1 }, &mut diagnostics);
    (shape, diagnostics.into_sorted())
}

const SMALL: &str = "layers = 4\nhidden = 8\nheads = 2\nkv_heads = 1\nhead_size = 4\nfeed_forward = 16\nvocabulary = 10\ncontext = 16\n";
const MIXERS: &str =
    "convolution = 4\nstate_heads = 2\nstate_head_size = 4\nstate_groups = 1\nstate_size = 3\n";
const EXPERTS: &str = "experts = 4\nactive_experts = 1\nexpert_feed_forward = 8\n";

#[test]
fn a_table_that_stands_alone_makes_a_shape_with_everything_that_can_be_said() {
    let (plain, told) = shape(SMALL);
    let attention = Attention::Grouped { heads: 2, kv_heads: 1, head_size: 4, biased: false };
    assert_eq!((plain, told.len()), (Some(Shape::dense(4, 8, 10, 16, attention, 16)), 0));
    let whole = format!(
        "{SMALL}feed_forward_kind = 'plain'\nposition = 'learned'\nnorm = 'layer'\nblock = 'parallel'\nbiases = 'linear'\nlayer_norms = 1\ngated_attention = true\nfurther_tokens = 2\nexpert_layers = 2\nexpert_every = 2\nexpert_latent = 4\nexpert_groups = 2\nactive_expert_groups = 1\nshared_experts = 1\nshared_expert_feed_forward = 12\n{EXPERTS}window_layers = 1\nwindow = 4\nwindow_kind = 'chunked'\nrecurrent_layers = 2\n{MIXERS}"
    );
    let (shape_of_all, told) = shape(&whole);
    assert!(told.is_empty(), "{told:#?}");
    let all = shape_of_all.expect("a shape");
    assert_eq!((all.feed_forward_kind, all.position), (FeedForward::Plain, Position::Learned));
    assert_eq!((all.norm, all.block, all.biases), (Norm::Layer, Block::Parallel, Biases::Linear));
    assert_eq!((all.layer_norms, all.gated_attention, all.further_tokens), (1, true, 2));
    let experts = all.experts.expect("experts");
    assert_eq!((experts.layers, experts.every, experts.dense_first), (2, 2, 0));
    assert_eq!((experts.latent, experts.shared_feed_forward), (Some(4), 12));
    assert_eq!(experts.groups, Some(ExpertGroups { groups: 2, active: 1 }));
    assert_eq!(all.window, Some(Window { layers: 1, tokens: 4, kind: WindowKind::Chunked }));
    let json = serde_json::to_string(&all).expect("JSON");
    assert_eq!(serde_json::from_str::<Shape>(&json).expect("a shape"), all);
    let pattern =
        SMALL.replace("layers = 4", "layers = 3") + "pattern = 'M*-'\nrecurrent_layers = 1\n" + MIXERS;
    let patterned = shape(&pattern).0.expect("a shape");
    assert_eq!((patterned.layer_norms, patterned.attention_layers(), patterned.dense_layers()), (1, 1, 1));
}

/// DeepSeek-V3 (arXiv 2412.19437, 2.1.2 and 3): 8 groups, 4 of which a token visits; over 8 nodes each group is one.
#[test]
fn groups_of_experts_bound_the_domains_that_a_token_visits() {
    let groups = ExpertGroups { groups: 8, active: 4 };
    let limits = [1, 2, 4, 8, 16, 32].map(|domains| groups.domain_limit(domains));
    assert_eq!(limits, [1, 2, 4, 4, 8, 16]);
}

#[test]
fn what_a_shape_says_of_layers_must_add_up() {
    let with = |more: &str| format!("{SMALL}{more}");
    let cases = [
        (with("pattern = 'M*-'\nrecurrent_layers = 1\n") + MIXERS, "the pattern has 3 layers"),
        (with("pattern = 'M*-x'\nrecurrent_layers = 1\n") + MIXERS, "`x` stands for no part"),
        (with("pattern = 'M*-M'\nrecurrent_layers = 1\n") + MIXERS, "the pattern has 2 recurrent layers"),
        (with("recurrent_layers = 5\n") + MIXERS, "more than the 4 layers"),
        (with("recurrent_layers = 3\nwindow = 2\nwindow_layers = 2\n") + MIXERS, "1 layers with attention"),
        (with("recurrent_layers = 1\n"), "`convolution` is missing"),
        (with("recurrent_layers = 1\nconvolution = 4\n"), "recurrent layers are of one kind"),
        (with("expert_layers = 3\nexpert_every = 2\n") + EXPERTS, "`expert_layers` is 3, where every 2"),
        (with("expert_layers = 2\ndense_first_layers = 1\n") + EXPERTS, "after 1 dense ones"),
        (
            with("expert_layers = 4\nexpert_groups = 3\nactive_expert_groups = 2\n") + EXPERTS,
            "`expert_groups` is 3, which does not divide",
        ),
        (
            with("expert_layers = 4\nexpert_groups = 2\nactive_expert_groups = 3\n") + EXPERTS,
            "`active_expert_groups` is 3",
        ),
        (with("position = 'rotery'\n"), "`position` cannot be `rotery`"),
        (SMALL.replace("layers = 4", "layers = 400000"), "out of its range"),
        (SMALL.replace("feed_forward = 16\n", ""), "`feed_forward` is missing"),
        (SMALL.replace("heads = 2\nkv_heads = 1", "kv_heads = 1"), "`heads` is missing"),
        (with("source = 'paper'\n"), "`source` is not a field"),
    ];
    for (text, expected) in cases {
        let (found, told) = shape(&text);
        assert!(told.iter().any(|one| one.message.contains(expected)), "{expected}: {told:#?}");
        assert!(found.is_none() || expected.contains("not a field"), "{expected}");
    }
}

#[test]
fn files_laid_over_replace_whole_entries_and_keep_the_others() {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let over = "[ohio-industrial]\ntitle = 'Our contract'\nprice = { value = '31 $/MWh', kind = 'reported', source = 'paper', known_from = 2024-06-01 }\n";
    let files = [
        ("mine/sources.toml".to_owned(), SOURCES.to_owned()),
        ("mine/electricity.toml".to_owned(), over.to_owned()),
    ];
    let catalogue = Catalogue::with_files(&files, &mut sources, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{:#?}", diagnostics.into_sorted());
    let ohio = catalogue.get(Kind::Electricity, "ohio-industrial").expect("Ohio");
    assert_eq!(ohio.title(), "Our contract");
    assert_eq!(ohio.vintages("price").len(), 1, "an entry is replaced whole");
    assert!(catalogue.get(Kind::Electricity, "us-industrial").is_some());
    assert_eq!(catalogue.ids(Kind::Electricity).filter(|id| *id == "ohio-industrial").count(), 1);
}
