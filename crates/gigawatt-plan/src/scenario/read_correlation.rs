//! Reading `[[correlation]]`: a coefficient for all, or a matrix.

use super::fields;
use super::read_items::number_in;
use super::sections::{CorrelationSection, WrittenMatrix};
use crate::quantity::Dimension;
use crate::text::{Diagnostic, Diagnostics, Fields, Node, Span, Spanned, Table, Value, read_number};

/// More inputs than anybody can judge in pairs, and few enough that a matrix costs nothing.
const MOST_ROWS: usize = 100;

pub(super) fn read_correlation(
    table: &Table,
    span: Span,
    diagnostics: &mut Diagnostics,
) -> Option<CorrelationSection> {
    let mut fields = Fields::new("correlation", table, span, fields::CORRELATION, diagnostics);
    let name = fields.text("name");
    let inputs = fields.texts("inputs");
    let coefficient = number_in("coefficient", 0.0..=1.0, &mut fields);
    let matrix = read_matrix(&mut fields, &inputs);
    if fields.is_written("coefficient") == fields.is_written("matrix") {
        diagnostics
            .push(Diagnostic::error(span, "a correlation says either `coefficient` or `matrix`").help(
            "coefficient = 0.6 for every two of its inputs, or matrix = [[1, 0.6], [0.6, 1]] for each two",
        ));
    }
    Some(CorrelationSection { name: name?, inputs, coefficient, matrix })
}

/// A square matrix with ones on its diagonal and the same numbers from -1 to 1 on either side of it.
fn read_matrix(fields: &mut Fields<'_>, inputs: &[Spanned<String>]) -> Option<WrittenMatrix> {
    let node = fields.node("matrix")?;
    // Where the inputs are wrong, how many rows there should be is not known.
    let complete = |node: &Node| matches!(&node.value, Value::Array(all) if all.len() == inputs.len());
    fields.node("inputs").filter(|node| complete(node))?;
    let diagnostics = fields.diagnostics();
    let Value::Array(written) = &node.value else {
        diagnostics.push(
            Diagnostic::error(
                node.span,
                format!("`matrix` is {}, expected an array of rows", node.value.noun()),
            )
            .help("write [[1, 0.6], [0.6, 1]] for two inputs"),
        );
        return None;
    };
    let size = inputs.len();
    if written.len() > MOST_ROWS {
        diagnostics.push(
            Diagnostic::error(node.span, format!("`matrix` has {} rows", written.len()))
                .help(format!("at most {MOST_ROWS}; `coefficient` serves any number of inputs")),
        );
        return None;
    }
    if written.len() != size {
        let message =
            format!("`matrix` has {} for {}", counted(written.len(), "row"), counted(size, "input"));
        diagnostics.push(Diagnostic::error(node.span, message).help("write one row for each of `inputs`"));
        return None;
    }
    let mut rows = Vec::with_capacity(size);
    for (row, node) in written.iter().enumerate() {
        let Value::Array(cells) = &node.value else {
            let found = node.value.noun();
            diagnostics.push(
                Diagnostic::error(
                    node.span,
                    format!("row {} of `matrix` is {found}, expected an array of numbers", row + 1),
                )
                .help("such as [[1, 0.4], [0.4, 1]]"),
            );
            continue;
        };
        if cells.len() != size {
            diagnostics.push(
                Diagnostic::error(
                    node.span,
                    format!("row {} of `matrix` has {}", row + 1, counted(cells.len(), "number")),
                )
                .help(format!("write {size}, one for each of `inputs`")),
            );
            continue;
        }
        let mut numbers = Vec::with_capacity(size);
        for cell in cells {
            let Some(number) = read_number(cell, "matrix", Dimension::Ratio, diagnostics) else { continue };
            if !(-1.0..=1.0).contains(&number) {
                diagnostics.push(
                    Diagnostic::error(cell.span, format!("a correlation of {number} is out of its range"))
                        .help("expected -1 to 1"),
                );
                continue;
            }
            numbers.push(Spanned { value: number, span: cell.span });
        }
        if numbers.len() == size {
            rows.push(numbers);
        }
    }
    if rows.len() != size || !is_of_correlations(&rows, inputs, diagnostics) {
        return None;
    }
    Some(WrittenMatrix { span: node.span, rows })
}

/// Whether the diagonal is of ones and the rest is the same on either side of it; tells where it is not.
fn is_of_correlations(
    rows: &[Vec<Spanned<f64>>],
    inputs: &[Spanned<String>],
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut good = true;
    for (row, cells) in rows.iter().enumerate() {
        let own = &cells[row];
        if own.value != 1.0 {
            good = false;
            diagnostics.push(
                Diagnostic::error(
                    own.span,
                    format!("`{}` has the correlation {} with itself", inputs[row].value, own.value),
                )
                .help("the diagonal is 1"),
            );
        }
        for (column, below) in cells.iter().enumerate().take(row) {
            let above = &rows[column][row];
            if below.value != above.value {
                good = false;
                let (one, other) = (&inputs[column].value, &inputs[row].value);
                diagnostics.push(
                    Diagnostic::error(below.span, format!("`{one}` and `{other}` have two correlations"))
                        .label(format!("{}", below.value))
                        .also(above.span, format!("{}", above.value))
                        .help("write the same number on either side of the diagonal"),
                );
            }
        }
    }
    good
}

/// `1 row`, `3 inputs`.
fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
