//! A file of weather, whatever its form.

use super::{Weather, read_epw, read_normals};
use crate::text::{Diagnostic, Diagnostics, SourceId, Spanned};

/// A file of weather and what a site says beside it.
#[derive(Clone, Copy, Debug)]
pub struct WeatherFile<'a> {
    /// Its text among the sources.
    pub source: SourceId,
    /// Its name, and where it is named.
    pub name: &'a Spanned<String>,
    /// Height of the site above the sea in metre, for normals, which do not say it.
    pub elevation: f64,
    /// By how much the site's standard time is ahead of UTC, where it says so.
    pub utc_offset: Option<&'a Spanned<i32>>,
}

/// Reads an EPW file, which starts with its location, or else monthly normals; `None` where diagnostics say why not.
pub fn read_weather(file: &WeatherFile<'_>, text: &str, diagnostics: &mut Diagnostics) -> Option<Weather> {
    let name = file.name.value.rsplit('/').next().unwrap_or_default();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let is_epw = name.to_ascii_lowercase().ends_with(".epw")
        || start.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("LOCATION"));
    if !is_epw {
        let normals = read_normals(file.source, text, file.elevation, file.name.span, diagnostics)?;
        let offset = file.utc_offset.map_or(0, |offset| offset.value);
        return Some(normals.year(format!("monthly normals ({name})"), offset));
    }
    let weather = read_epw(file.source, name, text, file.name.span, diagnostics)?;
    if let Some(offset) = file.utc_offset.filter(|offset| offset.value != weather.utc_offset) {
        let hours = |seconds: i32| f64::from(seconds) / 3600.0;
        let message = format!(
            "`{name}` is {} hours ahead of UTC, the site {}",
            hours(weather.utc_offset),
            hours(offset.value)
        );
        diagnostics.push(
            Diagnostic::error(file.name.span, message)
                .also(offset.span, "the site")
                .warning()
                .help("its hours are taken as they are: is it the file of this place?"),
        );
    }
    Some(weather)
}
