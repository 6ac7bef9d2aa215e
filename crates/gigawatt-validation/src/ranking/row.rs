//! Rows as they are printed.

use gigawatt_engine::device::Precision;
use gigawatt_engine::ranking::{Interaction, Optimizer, Recommender, Software, Tables};

use crate::table::{Row, Table, Unusable};

/// A throughput of training.
#[derive(Clone, Debug)]
pub struct TrainingRow {
    /// Its name.
    pub id: String,
    /// The model.
    pub model: Recommender,
    /// Id of the accelerator in the catalogue.
    pub accelerator: String,
    /// Accelerators.
    pub accelerators: u64,
    /// Samples of a step on each.
    pub samples: f64,
    /// Number format of products.
    pub precision: Precision,
    /// Bytes of a number of a table.
    pub value_bytes: f64,
    /// How rows are updated.
    pub optimizer: Optimizer,
    /// Who starts the kernels.
    pub software: Software,
    /// Bandwidth of a port between servers \[B/s\], where the row leaves its scale-up domain.
    pub port: Option<f64>,
    /// Samples per second of all accelerators, as measured.
    pub throughput: f64,
}

/// A throughput of serving.
#[derive(Clone, Debug)]
pub struct ServingRow {
    /// Its name.
    pub id: String,
    /// The model.
    pub model: Recommender,
    /// Id of the accelerator in the catalogue.
    pub accelerator: String,
    /// Number format of products.
    pub precision: Precision,
    /// Bytes of a number of a table.
    pub value_bytes: f64,
    /// Latency allowed \[s\]; none where there is no limit.
    pub budget: Option<f64>,
    /// Candidates per second and accelerator, as measured.
    pub throughput: f64,
}

/// Reads the rows of training.
///
/// # Errors
/// The first thing that is wrong.
pub fn training_rows(models: &[u8], rows: &[u8]) -> Result<Vec<TrainingRow>, String> {
    let models = models_of(models)?;
    let needed = ["id", "model", "accelerator", "accelerators", "samples", "throughput"];
    let table = Table::parse(rows, &needed).map_err(|error| error.to_string())?;
    table
        .rows()
        .map(|row| training_row(&row, &models).map_err(|error| format!("{}: {error}", row.id())))
        .collect()
}

/// Reads the rows of serving.
///
/// # Errors
/// The first thing that is wrong.
pub fn serving_rows(models: &[u8], rows: &[u8]) -> Result<Vec<ServingRow>, String> {
    let models = models_of(models)?;
    let needed = ["id", "model", "accelerator", "accelerators", "samples", "pairs"];
    let table = Table::parse(rows, &needed).map_err(|error| error.to_string())?;
    table
        .rows()
        .map(|row| serving_row(&row, &models).map_err(|error| format!("{}: {error}", row.id())))
        .collect()
}

fn training_row(row: &Row<'_>, models: &[(String, Recommender)]) -> Result<TrainingRow, String> {
    Ok(TrainingRow {
        id: row.id(),
        model: model_of(row, models)?,
        accelerator: row.text("accelerator")?.to_owned(),
        accelerators: row.whole("accelerators")?.unwrap_or(1),
        samples: row.positive("samples")?,
        precision: precision(row)?,
        value_bytes: row.positive("value_bytes")?,
        optimizer: word(row, "optimizer", Optimizer::parse)?,
        software: word(row, "software", Software::parse)?,
        port: row.number("port")?,
        throughput: row.positive("throughput")?,
    })
}

fn serving_row(row: &Row<'_>, models: &[(String, Recommender)]) -> Result<ServingRow, String> {
    let accelerators = row.positive("accelerators")?;
    Ok(ServingRow {
        id: row.id(),
        model: model_of(row, models)?,
        accelerator: row.text("accelerator")?.to_owned(),
        precision: precision(row)?,
        value_bytes: row.positive("value_bytes")?,
        budget: row.number("budget")?,
        throughput: row.positive("samples")? * row.positive("pairs")? / accelerators,
    })
}

fn precision(row: &Row<'_>) -> Result<Precision, String> {
    word(row, "precision", |name| Precision::ALL.into_iter().find(|precision| precision.name() == name))
}

fn word<T>(row: &Row<'_>, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    let text = row.text(column)?;
    parse(text).ok_or_else(|| format!("`{column}` is `{text}`, which has no meaning"))
}

fn model_of(row: &Row<'_>, models: &[(String, Recommender)]) -> Result<Recommender, String> {
    let name = row.text("model")?;
    let found = models.iter().find(|(known, _)| known == name);
    found.map(|(_, model)| model.clone()).ok_or_else(|| format!("there is no model `{name}`"))
}

fn models_of(bytes: &[u8]) -> Result<Vec<(String, Recommender)>, String> {
    let table = Table::parse(bytes, &["model", "tables", "width", "bottom", "interaction", "top"])
        .map_err(|error: Unusable| error.to_string())?;
    let one = |row: Row<'_>| {
        let name = row.text("model")?.to_owned();
        let model = Recommender {
            tables: tables(row.text("tables")?)?,
            width: row.positive("width")?,
            bottom: sides(row.text("bottom")?)?,
            interaction: interaction(row.text("interaction")?)?,
            positions: 1.0,
            top: sides(row.text("top")?)?,
        };
        Ok((name, model))
    };
    table.rows().map(one).collect()
}

/// `40000000:3 39060:2`: rows and lookups of one table after another.
fn tables(text: &str) -> Result<Vec<Tables>, String> {
    let one = |word: &str| {
        let (rows, lookups) = word.split_once(':')?;
        Some(Tables { count: 1.0, rows: number(rows)?, lookups: number(lookups)? })
    };
    text.split_whitespace().map(|word| one(word).ok_or_else(|| format!("`{word}` is no table"))).collect()
}

/// `13-512-256-128`.
fn sides(text: &str) -> Result<Vec<f64>, String> {
    let one = |word: &str| number(word).ok_or_else(|| format!("`{text}` is no list of widths"));
    text.split('-').filter(|word| !word.is_empty()).map(one).collect()
}

/// `dot`, `concatenation` or `cross:3:512`.
fn interaction(text: &str) -> Result<Interaction, String> {
    let mut words = text.split(':');
    match (words.next(), words.next(), words.next()) {
        (Some("dot"), None, _) => Some(Interaction::Dot),
        (Some("concatenation"), None, _) => Some(Interaction::Concatenation),
        (Some("cross"), Some(layers), Some(rank)) => match (layers.parse(), rank.parse()) {
            (Ok(layers), Ok(rank)) => Some(Interaction::Cross { layers, rank }),
            _ => None,
        },
        _ => None,
    }
    .ok_or_else(|| format!("`{text}` is no interaction"))
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::{MODELS, SERVING, TRAINING};

    #[test]
    fn every_row_of_the_program_is_read() {
        let training = training_rows(MODELS, TRAINING).expect("rows");
        let serving = serving_rows(MODELS, SERVING).expect("rows");
        assert_eq!((training.len(), serving.len()), (22, 4));
        // 214 lookups in 26 tables, as the reference of the benchmark prints them.
        let model = &serving[0].model;
        assert_eq!((model.table_count(), model.lookups()), (26.0, 214.0));
        assert!((model.rows() - 204_184_588.0).abs() < 0.5, "{}", model.rows());
        // 22.8 G parameters are printed of the large DLRM, nearly all of them in tables.
        let large = &training[2].model;
        assert!((large.rows() * large.width / 22.8e9 - 1.0).abs() < 0.01);
        // The interaction of 27 vectors gives 351 dots beside 128 numbers, padded to 480.
        assert_eq!(large.top[0], 480.0);
    }

    #[test]
    fn nonsense_says_what_it_is() {
        for text in ["3:x", "3", ":", "-1:2"] {
            assert!(tables(text).is_err(), "{text}");
        }
        assert!(interaction("cross:3").is_err() && interaction("sum").is_err() && sides("3-x").is_err());
    }
}
