use gigawatt_plan::{Options, load, world::*};
struct W;
impl World for W {
    fn open(&self, n: &str, _: Option<&str>) -> Result<(String, Box<dyn std::io::Read>), WorldError> {
        Ok((n.into(), Box::new(std::fs::File::open(n).unwrap())))
    }
}
fn main() {
    let a = std::env::args().nth(1).unwrap();
    let s: Vec<String> = std::env::args().skip(2).collect();
    let t = std::time::Instant::now();
    let r = load(&a, &Options { settings: &s, ..Default::default() }, &W);
    eprintln!("load {:?}", t.elapsed());
    for d in &r.diagnostics {
        println!(
            "{:?} {} {:?} {:?}",
            d.severity,
            d.message,
            d.help,
            d.labels
                .iter()
                .map(|l| format!(
                    "{} `{}`",
                    r.sources.locate(l.span),
                    r.sources.snippet(l.span).chars().take(60).collect::<String>()
                ))
                .collect::<Vec<_>>()
        );
    }
    let Some(p) = r.plan else { return };
    let t = std::time::Instant::now();
    let res = gigawatt_engine::run(&p, &Silent).unwrap();
    eprintln!("run {:?} columns {}", t.elapsed(), res.tables.len());
    for (c, j) in p.claims.iter().zip(&res.judgements) {
        println!("{:<24} {:?} {:?} {:?}", c.name, j.verdict, j.probability, j.quantiles);
        for r in &j.remedies {
            println!("    {} {} p={} {}", p.input(r.input).path, r.value, r.probability, r.enough);
        }
        if let Some(s) = j.shift {
            println!("    shift {s}");
        }
    }
    for t in &res.tables {
        let v = p.vocabulary.get(t.result);
        if t.when.contains("Q")
            || t.when.contains("-03-")
            || t.when.contains("-06-")
            || t.when.contains("-09-")
        {
            continue;
        };
        if !t.when.starts_with("2024") && !t.when.starts_with("2025") && !t.when.starts_with("2027") {
            continue;
        }
        let f = |x| gigawatt_plan::quantity::format_quantity(v.dimension, x);
        println!(
            "{:<50} {:<11} ref {:>12}  {:>12} {:>12} {:>12}",
            v.path,
            t.when,
            f(t.reference),
            f(t.quantiles.p10),
            f(t.quantiles.p50),
            f(t.quantiles.p90)
        );
    }
}
