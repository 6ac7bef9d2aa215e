//! Requests that are made up as those of a deployment.

use super::{DrawnRequest, Workload};
use crate::serving::cluster::Requests;
use crate::serving::replica::Arrival;

impl<'b> From<DrawnRequest<'b>> for Arrival<'b> {
    fn from(request: DrawnRequest<'b>) -> Self {
        Self {
            id: request.id,
            at: request.arrival,
            prompt: request.prompt,
            output: request.output,
            priority: request.priority,
            session: request.session,
            blocks: request.blocks,
        }
    }
}

impl Requests for Workload {
    fn next(&mut self) -> Option<Arrival<'_>> {
        self.next_request().map(Arrival::from)
    }

    fn follows(&self) -> bool {
        self.follows_answers()
    }

    fn finished(&mut self, id: u32, at: u64) -> Option<Arrival<'_>> {
        self.after_answer(id, at).map(Arrival::from)
    }
}
