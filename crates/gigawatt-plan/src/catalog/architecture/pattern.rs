//! The order of layers that are one part each, as in hybrids of attention and state-space models.

use serde::{Deserialize, Serialize};

/// What a layer of a [`Pattern`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerPart {
    /// A recurrent mixer, written `M`.
    Recurrent,
    /// Attention, written `*`.
    Attention,
    /// A dense feed-forward part, written `-`.
    FeedForward,
    /// Experts, written `E`.
    Experts,
}

impl LayerPart {
    const ALL: [(Self, char); 4] =
        [(Self::Recurrent, 'M'), (Self::Attention, '*'), (Self::FeedForward, '-'), (Self::Experts, 'E')];
}

/// Layers in order, each one part: `M-M*ME`. At most [`Pattern::LONGEST`], so that it can be copied.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    length: u16,
    /// Two bits a layer, the first layer lowest.
    parts: [u64; Self::LONGEST / PER_WORD],
}

const PER_WORD: usize = 32;

/// Why a text is no [`Pattern`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A letter stands for no part.
    #[error("`{0}` stands for no part of a layer")]
    Letter(char),
    /// There is no layer, or there are too many.
    #[error("it has {0} layers, expected 1 to {longest}", longest = Pattern::LONGEST)]
    Length(usize),
}

impl Pattern {
    /// The most layers that a pattern may have.
    pub const LONGEST: usize = 256;

    /// Reads `M` for a recurrent mixer, `*` for attention, `-` for a feed-forward part and `E` for experts.
    ///
    /// # Errors
    /// [`PatternError`] names the first letter that is none of these, or the number of letters.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let length = text.chars().count();
        let short = u16::try_from(length).ok().filter(|_| (1..=Self::LONGEST).contains(&length));
        let mut pattern =
            Self { length: short.ok_or(PatternError::Length(length))?, parts: Default::default() };
        for (at, letter) in text.chars().enumerate() {
            let known = LayerPart::ALL.iter().position(|(_, known)| *known == letter);
            let bits = known.ok_or(PatternError::Letter(letter))? as u64;
            pattern.parts[at / PER_WORD] |= bits << (2 * (at % PER_WORD));
        }
        Ok(pattern)
    }

    /// The layers in order.
    pub fn iter(&self) -> impl Iterator<Item = LayerPart> {
        let words = self.parts;
        (0..usize::from(self.length)).map(move |at| {
            let bits = words[at / PER_WORD] >> (2 * (at % PER_WORD)) & 3;
            match bits {
                0 => LayerPart::Recurrent,
                1 => LayerPart::Attention,
                2 => LayerPart::FeedForward,
                _ => LayerPart::Experts,
            }
        })
    }

    /// How many layers there are.
    pub fn layers(&self) -> u64 {
        u64::from(self.length)
    }

    /// How many layers are this part.
    pub fn count(&self, part: LayerPart) -> u64 {
        self.iter().map(|other| u64::from(other == part)).sum()
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let letters = self.iter().map(|part| {
            LayerPart::ALL.iter().find(|(known, _)| *known == part).map_or(' ', |(_, letter)| *letter)
        });
        formatter.write_str(&letters.collect::<String>())
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Pattern({self})")
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        Self::parse(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let text = "M-M*E".repeat(51);
        let pattern = Pattern::parse(&text).expect("a pattern");
        assert_eq!((pattern.to_string(), pattern.layers()), (text, 255));
        assert_eq!(pattern.count(LayerPart::Recurrent), 102);
        assert_eq!(pattern.iter().nth(253), Some(LayerPart::Attention));
        let json = serde_json::to_string(&pattern).expect("JSON");
        assert_eq!(serde_json::from_str::<Pattern>(&json).expect("a pattern"), pattern);
    }

    #[test]
    fn what_stands_for_no_part_is_told() {
        assert_eq!(Pattern::parse("M-x"), Err(PatternError::Letter('x')));
        assert_eq!(Pattern::parse(""), Err(PatternError::Length(0)));
        assert_eq!(Pattern::parse(&"M".repeat(257)), Err(PatternError::Length(257)));
    }
}
