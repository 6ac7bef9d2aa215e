//! The architecture of a language model, as its configuration file gives it.

mod check;
mod fields;
mod pattern;
mod placement;
mod read;
mod shape;

use jiff::civil::Date;

use crate::text::{Span, Spanned};

pub use fields::SHAPE_FIELDS;
pub use pattern::{LayerPart, Pattern, PatternError};
pub use placement::ends_period;
pub use read::read_shape;
pub(super) use read::{MOST, MOST_LAYERS, read_architecture};
pub use shape::{
    Attention, Biases, Block, ExpertGroups, Experts, FeedForward, Norm, Position, Recurrence, Recurrent,
    Shape, Window, WindowKind,
};

/// An architecture with where it was published.
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// The numbers.
    pub shape: Shape,
    /// Id in the bibliography.
    pub source: Spanned<String>,
    /// The day from which it was public.
    pub known_from: Date,
    /// Caveat.
    pub note: Option<String>,
    /// Where it stands.
    pub span: Span,
}
