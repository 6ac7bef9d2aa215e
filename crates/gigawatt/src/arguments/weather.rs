//! Another year of weather for a site.

use std::path::PathBuf;

use clap::Args;

#[derive(Args, Clone, Debug)]
pub struct WeatherOptions {
    /// Take the weather of a year from an EPW file or monthly normals, instead of the site's
    #[arg(long, value_name = "FILE")]
    pub weather: Option<PathBuf>,

    /// The site whose weather that is; not needed where there is one
    #[arg(long, value_name = "NAME", requires = "weather")]
    pub site: Option<String>,
}
