//! The command line of `gw power`.

use std::path::PathBuf;

use clap::Args;

use super::ScenarioOptions;

#[derive(Args, Clone, Debug)]
pub struct PowerOptions {
    #[command(flatten)]
    pub scenario: ScenarioOptions,

    /// The site; every one unless said
    #[arg(long, value_name = "NAME")]
    pub site: Option<String>,

    /// Take the weather of a year from an EPW file or monthly normals, instead of the site's
    #[arg(long, value_name = "FILE")]
    pub weather: Option<PathBuf>,

    /// Write every minute of the site as CSV
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Draw the year, durations, a step and its spectrum as SVG images, into a folder that is there
    #[arg(long, value_name = "FOLDER")]
    pub svg: Option<PathBuf>,
}
