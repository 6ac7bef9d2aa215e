//! From bytes to a tree of values that know where they were written.

mod diagnostic;
mod document;
mod fields;
mod json;
mod named;
mod shape;
mod source;
mod tree;
mod value;

pub use diagnostic::{Diagnostic, Diagnostics, Label, Severity, is_printable, nearest, steers};
pub(crate) use fields::parse_day;
pub use fields::{Field, FieldKind, Fields, table_of};
pub use source::{Source, SourceId, SourceMap, Span, Spanned};
pub use value::uncertain_fields;
pub(crate) use value::{read_number, read_uncertain};

pub use document::{parse_document, parse_setting};
pub use json::parse_json;
pub(crate) use named::open_named;
pub use tree::{Node, Table, Value, merge, set_path};
