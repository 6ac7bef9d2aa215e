//! What a run leaves behind beside its summary.

use std::path::PathBuf;

use gigawatt_engine::serving::cluster::{ClusterResult, Ended};
use gigawatt_engine::serving::replica::Outcome;
use gigawatt_report::Words;
use gigawatt_report::columns::TableError;
use gigawatt_report::serving::{RequestTable, ServeSummary};
use gigawatt_report::trace::{MOST_REQUESTS, request_trace};

use crate::arguments::ServeOptions;
use crate::failure::Failure;
use crate::file::{self, Draft};
use crate::terminal;

/// Files under construction.
pub struct Outputs {
    table: Option<(RequestTable<Draft>, PathBuf)>,
    failed: Option<TableError>,
    perfetto: Option<(Vec<(Outcome, u32)>, PathBuf)>,
    /// Requests that no longer went into the trace.
    beyond: u64,
    charts: Option<PathBuf>,
    quiet: bool,
}

impl Outputs {
    /// Those that were asked for.
    pub fn new(options: &ServeOptions) -> Result<Self, Failure> {
        let table = match &options.table {
            Some(path) => {
                let table = RequestTable::new(Draft::new(path)?);
                Some((table.map_err(|error| Failure::file("write", path, error.to_string()))?, path.clone()))
            }
            None => None,
        };
        Ok(Self {
            table,
            failed: None,
            perfetto: options.perfetto.clone().map(|path| (Vec::new(), path)),
            beyond: 0,
            charts: options.charts.clone(),
            quiet: options.manner.quiet,
        })
    }

    /// Hears of a request that has ended.
    pub fn add(&mut self, ended: &Ended) {
        if let Some((table, _)) = &mut self.table
            && self.failed.is_none()
        {
            self.failed = table.add(ended).err();
        }
        if let Some((outcomes, _)) = &mut self.perfetto {
            match ended.replica {
                Some(replica) if outcomes.len() < MOST_REQUESTS => outcomes.push((ended.outcome, replica)),
                _ => self.beyond += 1,
            }
        }
    }

    /// Writes what was asked for.
    pub fn write(self, summary: &ServeSummary, result: &ClusterResult) -> Result<(), Failure> {
        if let Some((table, path)) = self.table {
            let unwritten = |error: TableError| Failure::file("write", &path, error.to_string());
            match self.failed {
                Some(error) => return Err(unwritten(error)),
                None => table.finish().map_err(unwritten)?.persist()?,
            }
        }
        if let Some((outcomes, path)) = self.perfetto {
            let name = |replica: u32| format!("replica {}", replica + 1);
            file::replace(&path, request_trace(&outcomes, &name))?;
            if self.beyond > 0 && !self.quiet {
                terminal::note(&format!(
                    "the trace has the {} requests that ended first",
                    gigawatt_report::grouped(outcomes.len() as u64)
                ));
            }
        }
        if let Some(folder) = &self.charts {
            std::fs::create_dir_all(folder)
                .map_err(|error| Failure::file("make", folder, crate::world::plain(&error)))?;
            for chart in summary.charts(result, &Words::ENGLISH) {
                file::replace(&folder.join(format!("{}.svg", chart.name)), chart.alone(&Words::ENGLISH))?;
            }
        }
        Ok(())
    }
}
