//! The model that Megatron-LM's options describe.

use super::options::{MOST, Options};
use crate::catalog::{
    Attention, Biases, ExpertGroups, Experts, FeedForward, Norm, Position, Shape, Window, WindowKind,
    ends_period,
};
use crate::text::Spanned;

/// The most layers that a model may have.
const MOST_LAYERS: u64 = 10_000;

/// Options of the model: what is not asked for where the model is named beside the file.
const OPTIONS: [&str; 34] = [
    "--num-layers",
    "--hidden-size",
    "--ffn-hidden-size",
    "--num-attention-heads",
    "--group-query-attention",
    "--num-query-groups",
    "--kv-channels",
    "--max-position-embeddings",
    "--vocab-size",
    "--padded-vocab-size",
    "--untie-embeddings-and-output-weights",
    "--normalization",
    "--swiglu",
    "--disable-bias-linear",
    "--add-qkv-bias",
    "--position-embedding-type",
    "--use-rotary-position-embeddings",
    "--window-size",
    "--window-attn-skip-freq",
    "--attention-output-gate",
    "--num-experts",
    "--moe-router-topk",
    "--moe-router-num-groups",
    "--moe-router-group-topk",
    "--moe-ffn-hidden-size",
    "--moe-shared-expert-intermediate-size",
    "--moe-layer-freq",
    "--moe-latent-size",
    "--multi-latent-attention",
    "--q-lora-rank",
    "--kv-lora-rank",
    "--qk-head-dim",
    "--qk-pos-emb-head-dim",
    "--mtp-num-layers",
];

/// Passes over what describes the model.
pub(super) fn pass_over(of: &mut Options<'_>) {
    for option in OPTIONS {
        of.flag(option);
    }
}

/// The model; `None` where something is missing or wrong, which is told.
pub(super) fn read(of: &mut Options<'_>) -> Option<Shape> {
    let (layers, hidden) = (of.needed("--num-layers", MOST_LAYERS), of.needed("--hidden-size", MOST));
    let context = of.needed("--max-position-embeddings", MOST);
    let vocabulary = vocabulary(of);
    let biased = !of.flag("--disable-bias-linear");
    let attention = attention(of, hidden, biased);
    let gated = of.flag("--swiglu") || of.flag("--quick-geglu");
    let feed_forward = match of.whole("--ffn-hidden-size") {
        Some(width) => Some(width.value),
        // What Megatron takes where nothing is said: two thirds of four widths in whole 64, or four widths.
        None => hidden.map(|hidden| if gated { hidden * 8 / 3 / 64 * 64 } else { 4 * hidden }),
    };
    let experts = layers.map(|layers| experts(of, layers, feed_forward, biased));
    let position = position(of);
    let norm = match of.choice("--normalization", &["LayerNorm", "RMSNorm"]).map(|word| word.value) {
        Some("RMSNorm") => Norm::RootMeanSquare,
        _ => Norm::Layer,
    };
    let further_tokens = of.whole("--mtp-num-layers").map_or(0, |number| number.value);
    let (tied, gate) =
        (!of.flag("--untie-embeddings-and-output-weights"), of.flag("--attention-output-gate"));
    let query = of.flag("--add-qkv-bias");
    let experts = experts??;
    let mut shape = Shape::dense(layers?, hidden?, vocabulary?, context?, attention?, feed_forward?);
    shape.tied_embedding = tied;
    shape.feed_forward_kind = if gated { FeedForward::Gated } else { FeedForward::Plain };
    shape.norm = norm;
    shape.position = position?;
    shape.gated_attention = gate;
    shape.further_tokens = further_tokens;
    shape.experts = experts;
    shape.biases = match (biased, query) {
        (true, _) if shape.dense_layers() > 0 => Biases::Linear,
        (false, true) => Biases::QueryKeyValue,
        _ => Biases::None,
    };
    shape.window = window(of, &shape)?;
    let contradictions = shape.contradictions();
    for found in &contradictions {
        let file = of.file;
        of.tell(
            file,
            format!("the options contradict each other: {}", found.message),
            "check the model's numbers",
        );
    }
    contradictions.is_empty().then_some(shape)
}

fn vocabulary(of: &mut Options<'_>) -> Option<u64> {
    if of.flag("--padded-vocab-size") && !of.flag("--vocab-size") {
        return of.whole("--padded-vocab-size").map(|number| number.value);
    }
    if of.flag("--vocab-size") {
        return of.whole("--vocab-size").map(|number| number.value);
    }
    of.missing(
        "--vocab-size",
        "the tokenizer is not read: write --vocab-size and its tokens, or name the model beside the file",
    );
    None
}

fn attention(of: &mut Options<'_>, hidden: Option<u64>, biased: bool) -> Option<Attention> {
    let heads = of.needed("--num-attention-heads", MOST);
    let width = of.whole("--kv-channels");
    let groups = of.whole("--num-query-groups");
    let grouped = of.flag("--group-query-attention");
    if of.flag("--multi-latent-attention") {
        let mut size =
            |name, otherwise| of.whole(name).map_or(otherwise, |number: Spanned<u64>| number.value);
        // Defaults as in `_add_mla_args`.
        return Some(Attention::Latent {
            query_rank: size("--q-lora-rank", 0),
            kv_rank: size("--kv-lora-rank", 32),
            plain_size: size("--qk-head-dim", 128),
            rotary_size: size("--qk-pos-emb-head-dim", 64),
            value_size: size("--v-head-dim", 128),
            heads: heads?,
        });
    }
    let heads = heads?;
    let head_size = match width {
        Some(width) => width.value,
        None if hidden?.is_multiple_of(heads) => hidden? / heads,
        None => {
            of.missing("--kv-channels", &format!("a width of {} does not go into {heads} heads", hidden?));
            return None;
        }
    };
    let kv_heads = if grouped { groups.map_or(1, |groups| groups.value) } else { heads };
    Some(Attention::Grouped { heads, kv_heads, head_size, biased })
}

fn position(of: &mut Options<'_>) -> Option<Position> {
    let rotary = of.flag("--use-rotary-position-embeddings");
    let name = "--position-embedding-type";
    let known = ["learned_absolute", "rope", "mrope", "none"];
    if !of.flag(name) {
        return Some(if rotary { Position::Rotary } else { Position::Learned });
    }
    Some(match of.choice(name, &known)?.value {
        "rope" | "mrope" => Position::Rotary,
        "none" => Position::None,
        _ => Position::Learned,
    })
}

/// The experts, where there are any; the outer `None` where something of them is wrong.
fn experts(
    of: &mut Options<'_>,
    layers: u64,
    feed_forward: Option<u64>,
    biased: bool,
) -> Option<Option<Experts>> {
    if !of.flag("--num-experts") {
        return Some(None);
    }
    let routed = of.whole("--num-experts")?.value;
    let active = of.whole("--moe-router-topk").map_or(2, |number| number.value);
    let width = of.whole("--moe-ffn-hidden-size").map(|number| number.value).or(feed_forward)?;
    let shared = of.whole("--moe-shared-expert-intermediate-size").map(|number| number.value);
    let latent = of.whole("--moe-latent-size").map(|number| number.value);
    let (dense_first, every) = placed(of, layers)?;
    let mut experts = Experts::in_every_layer((layers - dense_first) / every, routed, active, width);
    experts.biased = biased;
    experts.latent = latent;
    let groups = of.whole("--moe-router-num-groups").map(|number| number.value);
    let visited = of.whole("--moe-router-group-topk").map(|number| number.value);
    let groups = groups.filter(|groups| *groups > 1).zip(visited);
    experts.groups = groups.map(|(groups, active)| ExpertGroups { groups, active });
    (experts.dense_first, experts.every) = (dense_first, every);
    // One width stands for all experts that every token visits.
    (experts.shared, experts.shared_feed_forward) = match shared {
        Some(all) if all.is_multiple_of(width) => (all / width, width),
        Some(all) => (1, all),
        None => (0, width),
    };
    Some(Some(experts))
}

/// Dense layers before the first experts, and of how many layers after those the last has experts.
fn placed(of: &mut Options<'_>, layers: u64) -> Option<(u64, u64)> {
    let Some(word) = of.word("--moe-layer-freq") else { return Some((0, 1)) };
    let Some(pattern) = layers_of(&word.value, layers, |every, at| at.is_multiple_of(every)) else {
        of.tell(
            word.span,
            format!("`--moe-layer-freq` is `{}`, which is no pattern of {layers} layers", word.value),
            format!("write a number, or 0 and 1 for each layer, such as ([0]*1+[1]*{})", layers - 1),
        );
        return None;
    };
    let first = pattern.iter().position(|has| *has).unwrap_or(pattern.len()) as u64;
    let gap = pattern.iter().skip(usize::try_from(first).ok()? + 1).position(|has| *has);
    let every = gap.map_or(1, |gap| gap as u64 + 1);
    let dense_first = (first + 1).saturating_sub(every);
    let placed = (0..layers).map(|at| at >= dense_first && (at - dense_first + 1).is_multiple_of(every));
    if pattern.iter().copied().eq(placed) {
        return Some((dense_first, every));
    }
    of.warn(
        word.span,
        "layers with experts are priced in another order, as many of them".to_owned(),
        "dense ones come first, and then the last of each so many layers has experts",
    );
    let with = pattern.iter().filter(|has| **has).count() as u64;
    let alike = (layers - dense_first) / every == with;
    Some(if alike { (dense_first, every) } else { (layers - with, 1) })
}

/// A window of attention; the outer `None` where something of it is wrong.
fn window(of: &mut Options<'_>, shape: &Shape) -> Option<Option<Window>> {
    let (size, every) = (of.word("--window-size"), of.word("--window-attn-skip-freq"));
    let Some(size) = size else { return Some(None) };
    let first = size.value.trim_matches(['(', ')']).split(',').next().map(str::trim);
    let Some(tokens) = first.and_then(|first| first.parse().ok()).filter(|tokens: &u64| *tokens > 0) else {
        of.tell(
            size.span,
            format!("`--window-size` is `{}`", size.value),
            "write the tokens before and after, such as 128,0",
        );
        return None;
    };
    let Some(every) = every else {
        return Some(Some(Window { layers: shape.layers, tokens, kind: WindowKind::Sliding }));
    };
    let Some(pattern) = layers_of(&every.value, shape.layers, |every, at| !(at + 1).is_multiple_of(every))
    else {
        let layers = shape.layers;
        of.tell(
            every.span,
            format!("`--window-attn-skip-freq` is `{}`, which is no pattern of {layers} layers", every.value),
            "write a number, or 1 for each layer with a window and 0 for each without",
        );
        return None;
    };
    let windowed = pattern.iter().filter(|has| **has).count() as u64;
    let whole = shape.layers - windowed;
    if (0..shape.layers).zip(&pattern).any(|(at, has)| ends_period(at, whole, shape.layers) == *has) {
        of.warn(
            every.span,
            "the order of layers with a window is not kept".to_owned(),
            "those without are taken to be the last of each of as many periods",
        );
    }
    Some((windowed > 0).then_some(Window { layers: windowed, tokens, kind: WindowKind::Sliding }))
}

/// Which layers a pattern such as `([0]*3+[1]*58)` means, or a number by the rule of its option.
fn layers_of(text: &str, layers: u64, of_number: impl Fn(u64, u64) -> bool) -> Option<Vec<bool>> {
    if let Ok(every) = text.parse::<u64>() {
        return (every > 0).then(|| (0..layers).map(|at| of_number(every, at)).collect());
    }
    let characters: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let mut at = 0;
    let found = sum(&characters, &mut at, 0)?;
    (at == characters.len() && found.len() as u64 == layers).then_some(found)
}

/// How deep parentheses of a pattern may lie in one another, and how many layers it may have.
const MAXIMUM_DEPTH: usize = 16;
const MAXIMUM_LAYERS: usize = 10_000;

/// Lists and products of lists, put together with `+`.
fn sum(text: &[char], at: &mut usize, depth: usize) -> Option<Vec<bool>> {
    (depth < MAXIMUM_DEPTH).then_some(())?;
    let mut all = product(text, at, depth)?;
    while text.get(*at) == Some(&'+') && all.len() < MAXIMUM_LAYERS {
        *at += 1;
        all.extend(product(text, at, depth)?);
    }
    Some(all)
}

/// A list `[0,1]` or a sum in parentheses, as often as `*` says.
fn product(text: &[char], at: &mut usize, depth: usize) -> Option<Vec<bool>> {
    let mut all = Vec::new();
    let open = *text.get(*at)?;
    *at += 1;
    match open {
        '(' => {
            all = sum(text, at, depth + 1)?;
            (*text.get(*at)? == ')').then_some(())?;
        }
        '[' => loop {
            match *text.get(*at)? {
                ']' => break,
                ',' => {}
                digit @ ('0' | '1') => all.push(digit == '1'),
                _ => return None,
            }
            *at += 1;
        },
        _ => return None,
    }
    *at += 1;
    if text.get(*at) == Some(&'*') {
        *at += 1;
        let digits: String = text[*at..].iter().take_while(|digit| digit.is_ascii_digit()).collect();
        *at += digits.len();
        let times = digits
            .parse::<usize>()
            .ok()
            .filter(|times| all.len().saturating_mul(*times) <= MAXIMUM_LAYERS)?;
        all = all.repeat(times);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::layers_of;

    #[test]
    fn patterns_of_layers_are_lists_with_sums_and_products() {
        let shown = |text: &str, layers| {
            let found = layers_of(text, layers, |every, at| at % every == 0)?;
            Some(found.into_iter().map(|has| if has { '1' } else { '0' }).collect::<String>())
        };
        assert_eq!(shown("([0]*3+[1]*2)", 5).as_deref(), Some("00011"));
        assert_eq!(shown("([0]+[1])*2+[1,1]", 6).as_deref(), Some("010111"));
        assert_eq!(shown("2", 4).as_deref(), Some("1010"));
        assert_eq!(shown("[0]*3", 4), None);
        assert_eq!(shown("[0]*99999999", 4), None);
        assert_eq!(shown("((((", 4), None);
    }
}
