//! The minutes of a site as a table.

use std::fmt::Write;

use gigawatt_engine::power::grid::SiteStudy;
use gigawatt_plan::period::Moment;

use super::minute_text;

/// Bytes of a line, about.
const LINE: usize = 72;

/// Every minute from a start as CSV, powers in W: racks, overhead, losses of the chain, own generation, grid, and what storage
/// at the connection gives, less than nothing where it takes.
pub fn minutes_csv(study: &SiteStudy, start: Moment) -> String {
    let profile = &study.profile;
    let mut text = String::with_capacity(LINE * (profile.grid.len() + 1));
    text.push_str("time_utc,racks_w,overhead_w,losses_w,generation_w,grid_w,storage_w\n");
    for minute in 0..profile.grid.len() {
        let (racks, overhead) = (profile.racks[minute], profile.overhead[minute]);
        let (generation, grid) = (profile.generation[minute], profile.grid[minute]);
        let comes = profile.comes(minute);
        let (losses, storage) = (comes - racks - overhead, comes - generation - grid);
        text.push_str(&minute_text(start, minute));
        for power in [racks, overhead, losses, generation, grid, storage] {
            // A rounded zero has no sign. Writing to a text cannot fail.
            let _ = write!(text, ",{:.0}", power.round() + 0.0);
        }
        text.push('\n');
    }
    text
}
