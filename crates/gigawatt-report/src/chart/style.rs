//! How marks look: classes of the page's style sheet, and the same colours for charts elsewhere.

/// The look of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Filled with a colour of the palette, by the class of its fill.
    Fill(&'static str),
    /// A line, by the class of its stroke.
    Line(&'static str),
    /// A broken line.
    Dashed(&'static str),
    /// A shaded band around a line.
    Band,
    /// An interval with caps.
    Whisker,
    /// A bar over p10 to p90 with a stroke at the median.
    Spread(&'static str),
    /// What is allowed.
    Allowed,
    /// A filled diamond.
    Diamond,
    /// A hollow diamond.
    HollowDiamond,
}

/// Fills of the palette in the order in which series take them; the last is for what is left over.
pub const FILLS: [&str; 8] = ["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8"];

impl Style {
    /// The classes of its swatch in a legend.
    pub fn swatch(self) -> String {
        match self {
            Self::Fill(class) => format!("swatch {class}"),
            Self::Line("median") => "swatch median-sign".to_owned(),
            Self::Line(class) => format!("swatch stroke {class}"),
            Self::Dashed(class) => format!("swatch stroke dashed {class}"),
            Self::Band => "swatch band-sign".to_owned(),
            Self::Whisker => "swatch whisker-sign".to_owned(),
            Self::Spread("") => "swatch spread-sign".to_owned(),
            Self::Spread(class) => format!("swatch {class}"),
            Self::Allowed => "swatch allowed-sign".to_owned(),
            Self::Diamond => "swatch diamond-sign".to_owned(),
            Self::HollowDiamond => "swatch diamond-sign hollow-sign".to_owned(),
        }
    }

    /// The class of a plain area in its colour.
    pub fn fill(self) -> &'static str {
        match self {
            Self::Fill(class) | Self::Line(class) | Self::Dashed(class) => class,
            Self::Spread("") => "spread",
            Self::Spread(class) => class,
            Self::Band => "band",
            Self::Allowed => "allowed",
            Self::Whisker | Self::Diamond | Self::HollowDiamond => "outcome",
        }
    }

    /// Its colour on a light page.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Fill(class) | Self::Line(class) | Self::Dashed(class) => colour(class),
            Self::Spread("") => colour("spread"),
            Self::Spread(class) => colour(class),
            Self::Band => colour("f1"),
            Self::Whisker => "#15202b",
            Self::Allowed => "#d9efdf",
            Self::Diamond | Self::HollowDiamond => "#d9480f",
        }
    }
}

/// The light colour of a class, as the style sheet has it.
fn colour(class: &str) -> &'static str {
    match class {
        "f1" | "t1" => "#0c4a86",
        "f2" | "t5" => "#e69f00",
        "f3" | "t3" => "#1b9e77",
        "f4" | "t4" => "#c2588f",
        "f5" => "#6db7e8",
        "f6" | "t2" => "#a6341b",
        "f7" => "#b9b14a",
        "spread" => "#5b8fc7",
        "t8" => "#51606e",
        _ => "#6b7681",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_elsewhere_are_those_of_the_page() {
        let sheet = include_str!("../html/style.css");
        for (index, fill) in FILLS.iter().enumerate() {
            let rule = format!("--s{}: {};", index + 1, Style::Fill(fill).colour());
            assert!(sheet.contains(&rule), "{rule}");
        }
        for rule in [
            format!("--bar: {};", Style::Spread("").colour()),
            format!("--outcome: {};", Style::Diamond.colour()),
            format!("--allowed: {};", Style::Allowed.colour()),
            format!("--ink: {};", Style::Whisker.colour()),
        ] {
            assert!(sheet.contains(&rule), "{rule}");
        }
    }
}
