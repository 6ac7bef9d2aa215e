//! Typed sets of fitted coefficients: a struct of numbers, and beside it what each means.

use gigawatt_plan::coefficients::Coefficients;

/// What a coefficient is, beside its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meaning {
    /// Its name in the file of coefficients.
    pub name: &'static str,
    /// Its unit; `1` for a pure number.
    pub unit: &'static str,
    /// The least value that makes sense.
    pub least: f64,
    /// The greatest value that makes sense.
    pub most: f64,
    /// What it stands for.
    pub meaning: &'static str,
    /// The measurements that decide it.
    pub fitted_on: &'static str,
}

/// A coefficient that a law names and its file lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingCoefficient(pub &'static str);

/// The value of `name`.
pub(crate) fn look_up(table: &Coefficients, name: &'static str) -> Result<f64, MissingCoefficient> {
    table.value(name).ok_or(MissingCoefficient(name))
}

/// Declares a struct of coefficients of the file of a law: `name: "unit", [least, most], "fitted on";`, the meaning being its doc comment.
macro_rules! coefficients {
    ($(#[$doc:meta])* pub struct $set:ident of $law:literal { $(#[doc = $meaning:literal] $name:ident: $unit:literal, [$least:expr, $most:expr], $fitted_on:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $set { $(#[doc = $meaning] pub $name: f64,)+ }

        impl $set {
            /// What each stands for, in the order of [`values`](Self::values).
            pub const MEANINGS: &'static [$crate::coefficients::Meaning] = &[$($crate::coefficients::Meaning {
                name: stringify!($name), unit: $unit, least: $least, most: $most,
                meaning: $meaning.trim_ascii(), fitted_on: $fitted_on,
            },)+];

            /// Reads them from a table.
            ///
            /// # Errors
            /// The first that the table lacks.
            pub fn read(
                table: &gigawatt_plan::coefficients::Coefficients,
            ) -> Result<Self, $crate::coefficients::MissingCoefficient> {
                Ok(Self { $($name: $crate::coefficients::look_up(table, stringify!($name))?,)+ })
            }

            /// Those that are part of the program.
            ///
            /// # Errors
            /// What is wrong with their file, which a test rules out.
            pub fn embedded() -> Result<Self, String> {
                let table = gigawatt_plan::coefficients::Coefficients::embedded($law)
                    .map_err(|error| error.to_string())?;
                Self::read(&table).map_err(|missing| {
                    format!("the coefficients of {} lack `{}`", $law, missing.0)
                })
            }

            /// The numbers in the order of [`MEANINGS`](Self::MEANINGS).
            pub fn values(&self) -> Vec<f64> {
                vec![$(self.$name,)+]
            }

            /// The set with other numbers, in the order of [`MEANINGS`](Self::MEANINGS); `None` for another count.
            pub fn with_values(values: &[f64]) -> Option<Self> {
                let mut values = values.iter().copied();
                let set = Self { $($name: values.next()?,)+ };
                values.next().is_none().then_some(set)
            }
        }
    };
}

pub(crate) use coefficients;
