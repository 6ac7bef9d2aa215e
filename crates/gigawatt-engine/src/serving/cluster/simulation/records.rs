//! Requests that have come and not ended.

use crate::fleet::Time;
use crate::serving::replica::Arrival;

/// What was done of a request where prompts and answers have engines of their own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefilled {
    /// The engine that holds its cache until it is sent.
    pub engine: u32,
    /// How often that engine's replica had lost everything then.
    pub losses: u32,
    pub scheduled: Time,
    pub cached: u32,
    pub preemptions: u16,
    /// The engine that gets it, and how often its replica had lost everything when it was chosen.
    pub target: Option<(u32, u32)>,
    /// When the cache and the first token are there.
    pub arrived: Time,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub id: u32,
    pub at: Time,
    pub prompt: u32,
    pub output: u32,
    pub priority: u8,
    pub session: u64,
    pub blocks: Vec<u64>,
    /// How often it began.
    pub attempts: u8,
    /// Its number among those that are measured.
    pub number: Option<u64>,
    pub prefilled: Option<Prefilled>,
}

impl Record {
    /// As it came; its blocks apart.
    pub fn arrival<'a>(&self, blocks: &'a [u64]) -> Arrival<'a> {
        let &Self { id, at, prompt, output, priority, session, .. } = self;
        Arrival { id, at, prompt, output, priority, session, blocks }
    }
}

/// Requests under numbers that are used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Records {
    all: Vec<Record>,
    free: Vec<u32>,
}

impl Records {
    /// Takes a request in, with its prefix blocks.
    pub fn add(&mut self, arrival: &Arrival<'_>, blocks: Vec<u64>) -> u32 {
        let record = Record {
            id: arrival.id,
            at: arrival.at,
            prompt: arrival.prompt,
            output: arrival.output,
            priority: arrival.priority,
            session: arrival.session,
            blocks,
            attempts: 0,
            number: None,
            prefilled: None,
        };
        if let Some(index) = self.free.pop() {
            self.all[index as usize] = record;
            return index;
        }
        self.all.push(record);
        (self.all.len() - 1) as u32
    }

    pub fn get(&self, index: u32) -> &Record {
        &self.all[index as usize]
    }

    pub fn get_mut(&mut self, index: u32) -> &mut Record {
        &mut self.all[index as usize]
    }

    /// Forgets a request and gives its blocks.
    pub fn remove(&mut self, index: u32) -> Vec<u64> {
        self.free.push(index);
        std::mem::take(&mut self.all[index as usize].blocks)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len() - self.free.len()
    }
}
