//! What goes into the next iteration, request by request.

use gigawatt_plan::serving::PrefillOrder;

use super::super::options::{Admission, Order, Prefix, Role, Victim};
use super::{Simulation, State};

impl Simulation<'_> {
    /// Throws out whom it must and gives what decodes the blocks that it needs. Returns whether any was thrown out.
    ///
    /// In the order of arrival, blocks are given one sequence after the other and the last is thrown out where none is
    /// left. Else room is made for all before any is given.
    pub(super) fn make_room(&mut self) -> bool {
        let mut thrown = false;
        let together = (self.options.victim, self.options.order) != (Victim::Last, Order::Arrival);
        while together && !self.decoders().is_empty() {
            let needed: u64 = self.decoders().iter().map(|of| self.missing(*of).2).sum();
            if needed <= self.line.free() {
                break;
            }
            thrown = true;
            self.throw_one_out();
        }
        let mut at = 0;
        while at < self.running.len() {
            let of = self.running[at];
            let (full, windowed, units) = self.missing(of);
            if units > self.line.free() {
                thrown = true;
                self.throw_one_out();
                continue;
            }
            self.line.take(units);
            let request = self.requests.get_mut(&of).expect("it runs");
            request.full += full;
            request.windowed += windowed;
            at += 1;
        }
        thrown
    }

    /// Blocks that a sequence needs for its next iteration if it decodes, and their units.
    fn missing(&self, of: u32) -> (u64, u64, u64) {
        let request = &self.requests[&of];
        if !matches!(request.state, State::Decoding(_)) {
            return (0, 0, 0);
        }
        let blocks = self.decoding_blocks(self.tokens(request));
        let (full, windowed) = (blocks.0 - request.shared - request.full, blocks.1 - request.windowed);
        let of = &self.options.blocks;
        (full, windowed, u64::from(of.full) * full + u64::from(of.windowed) * windowed)
    }

    fn throw_one_out(&mut self) {
        let victim = self.victim();
        self.running.retain(|of| *of != victim);
        self.throw_out(victim);
    }

    fn victim(&self) -> u32 {
        let running = || self.running.iter().copied();
        let victim = match (self.options.victim, self.options.order) {
            (Victim::Last, Order::Arrival) => running().next_back(),
            (Victim::Last, Order::Priority) => {
                running().max_by_key(|at| (self.arrivals[*at as usize].priority, *at))
            }
            (Victim::Youngest, _) => {
                let key = |at: &u32| {
                    let prompt = self.arrivals[*at as usize].prompt;
                    (self.made(&self.requests[at]), std::cmp::Reverse(prompt))
                };
                // Of equals the one that was admitted last.
                running().rev().min_by_key(key)
            }
        };
        victim.expect("something runs")
    }

    fn throw_out(&mut self, at: u32) {
        self.free(at);
        let prompt = self.arrivals[at as usize].prompt;
        let made = self.made(&self.requests[&at]);
        let request = self.requests.get_mut(&at).expect("it ran");
        request.made = made;
        request.context = prompt + made;
        request.computed = 0;
        request.preemptions = request.preemptions.saturating_add(1);
        request.state = State::Waiting;
        match self.options.victim {
            Victim::Last => self.waiting.push_front(at),
            Victim::Youngest => self.waiting.push_back(at),
        }
        self.sort();
    }

    pub(super) fn free(&mut self, at: u32) {
        let blocks = self.options.blocks;
        let request = self.requests.get_mut(&at).expect("it ran");
        let units = u64::from(blocks.full) * request.full + u64::from(blocks.windowed) * request.windowed;
        let units = units + request.states;
        (request.full, request.windowed, request.states, request.shared) = (0, 0, 0, 0);
        let names = std::mem::take(&mut request.names);
        self.line.give_back(units, &names);
    }

    /// Chooses prompts: the one that is under way, then those that wait.
    pub(super) fn choose(&mut self, budget: &mut u64, prompts: &mut Vec<(u32, u32)>, room: bool) {
        let under_way = self.running.iter().copied().find(|at| self.requests[at].state == State::Prompt);
        if let Some(at) = under_way {
            self.take_tokens(at, budget, prompts);
            let request = &self.requests[&at];
            let taken = prompts.first().map_or(0, |(_, tokens)| *tokens);
            if request.computed + taken < request.context {
                return;
            }
        }
        let mut promised = 0;
        while let Some(&at) = self.waiting.front().filter(|_| room) {
            let decodes = self.options.role == Role::Decode && self.requests[&at].preemptions == 0;
            if self.running.len() as u64 >= self.most() || (*budget == 0 && !decodes) {
                return;
            }
            if !self.admit(at, decodes, &mut promised) {
                return;
            }
            self.waiting.pop_front();
            self.running.push(at);
            if decodes {
                self.requests.get_mut(&at).expect("it waits").state = State::Decoding(0);
                self.reserve_first(at);
                continue;
            }
            self.requests.get_mut(&at).expect("it waits").state = State::Prompt;
            self.take_tokens(at, budget, prompts);
            let request = &self.requests[&at];
            let taken = prompts.last().map_or(0, |(_, tokens)| *tokens);
            if request.computed + taken < request.context {
                return;
            }
        }
    }

    /// The blocks of the first iteration of a sequence whose prompt was computed elsewhere.
    fn reserve_first(&mut self, at: u32) {
        if self.options.prefill == PrefillOrder::First {
            return;
        }
        let blocks = self.decoding_blocks(self.tokens(&self.requests[&at]));
        let request = self.requests.get_mut(&at).expect("it runs");
        let (full, windowed) = (blocks.0 - request.full, blocks.1 - request.windowed);
        request.full += full;
        request.windowed += windowed;
        let units = u64::from(self.options.blocks.full) * full;
        self.line.take(units + u64::from(self.options.blocks.windowed) * windowed);
    }

    fn take_tokens(&mut self, at: u32, budget: &mut u64, prompts: &mut Vec<(u32, u32)>) {
        let request = &self.requests[&at];
        let tokens = request.context - request.computed;
        let tokens = tokens.min(u32::try_from(*budget).unwrap_or(u32::MAX));
        if tokens == 0 {
            return;
        }
        *budget -= u64::from(tokens);
        prompts.push((at, tokens));
        if request.computed + tokens == request.context {
            self.name_blocks(at);
        }
    }

    fn name_tokens(&self) -> u32 {
        match self.options.prefix {
            Prefix::Tokens(tokens) if self.options.blocks.full > 0 => tokens / self.options.blocks.tokens,
            _ => 0,
        }
    }

    fn admit(&mut self, at: u32, decodes: bool, promised: &mut u64) -> bool {
        let arrival = self.arrivals[at as usize];
        let (context, made) = (self.requests[&at].context, self.requests[&at].made);
        let name = u64::from(self.name_tokens());
        let own = u64::from(arrival.prompt) / self.block();
        let names = if decodes || name == 0 { &[] } else { arrival.blocks };
        let mut found = self.line.find(names, name, own);
        let alone = self.running.is_empty();
        let blocks =
            if decodes { self.decoding_blocks(u64::from(context)) } else { self.prompt_blocks(context) };
        if alone && self.units(blocks, found.0) + self.line.idle(&found.1) > self.line.free() {
            found = (0, Vec::new());
        }
        let (shared, idle) = (found.0, self.line.idle(&found.1));
        let needed = self.units(blocks, shared) + idle;
        if needed > self.line.free() {
            return false;
        }
        let left = u64::from((arrival.output - made).min(4096));
        let fits = match self.options.admission {
            Admission::Prompt => true,
            Admission::Answer => {
                let running = self.running.iter().map(|of| {
                    let request = &self.requests[of];
                    let shared = request.shared;
                    self.units_at_end(&self.arrivals[*of as usize], shared)
                        .max(self.units(self.prompt_blocks(request.context), shared))
                });
                let own =
                    self.units_at_end(&arrival, shared).max(self.units(self.prompt_blocks(context), shared));
                running.sum::<u64>() + own + self.line.held() + idle <= self.options.blocks.units
            }
            Admission::Expected => {
                let expected = |of: &u32| {
                    let request = &self.requests[of];
                    match request.state {
                        State::Decoding(_) => {
                            let output = self.arrivals[*of as usize].output;
                            u64::from((output - self.made(request)).min(4096))
                        }
                        _ => 0,
                    }
                };
                let others = self.running.iter().map(expected).sum::<u64>() * 98 / 1000;
                let tokens = left + *promised + others;
                needed + tokens.div_ceil(self.block()) * u64::from(self.options.blocks.full)
                    <= self.line.free()
            }
        };
        if !(alone || fits) {
            return false;
        }
        *promised += left;
        self.line.hold(&found.1);
        let blocks = self.prompt_blocks(context);
        self.line.take(self.units(blocks, shared));
        let now = self.nanoseconds();
        let computed = shared.min(u64::from(context - 1) / self.block());
        let tokens = u32::try_from(computed * self.block()).expect("few tokens");
        let states = u64::from(self.options.blocks.sequence);
        let request = self.requests.get_mut(&at).expect("it waits");
        request.full = blocks.0 - shared;
        request.windowed = blocks.1;
        request.states = states;
        request.shared = shared;
        request.names = found.1;
        request.computed = tokens;
        if request.scheduled.is_none() {
            request.scheduled = Some(now);
            request.cached = tokens;
        }
        true
    }

    fn name_blocks(&mut self, at: u32) {
        let name = u64::from(self.name_tokens());
        let arrival = self.arrivals[at as usize];
        if name == 0 {
            return;
        }
        let own = u64::from(arrival.prompt) / self.block();
        let request = self.requests.get_mut(&at).expect("it runs");
        let named = self.line.name(arrival.blocks, &mut request.names, name, own);
        request.shared += named;
        request.full -= named;
    }
}
