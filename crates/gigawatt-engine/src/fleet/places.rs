//! Where servers stand, and what is free there: the hierarchy of a pool and its free capacity.
//!
//! Servers are numbered in the order in which they stand: those of a rack are neighbours, so are the racks of a row,
//! the rows of a hall and the halls of a building. A domain is therefore a range, and no part of the hierarchy needs
//! a record of its own. Free capacity is counted at every level; racks are sorted by how many of their servers are
//! free, and servers that are partly used by how many of their accelerators are, so that a place is found in a few
//! steps.

use std::ops::Range;

use super::index_set::IndexSet;

/// How servers are grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    /// Accelerators of a server.
    pub accelerators: u32,
    /// Servers of a rack, or of the domain whose accelerators share scale-up links.
    pub rack: u32,
    /// Racks of a row.
    pub row: u32,
    /// Rows of a hall.
    pub hall: u32,
    /// Halls of a building.
    pub building: u32,
}

/// A level of the hierarchy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A rack, or a scale-up domain.
    Rack,
    /// A row of racks.
    Row,
    /// A hall.
    Hall,
    /// A building.
    Building,
    /// The whole site.
    Site,
}

impl Level {
    /// Those that have a number of servers of their own.
    pub const GROUPS: [Self; 4] = [Self::Rack, Self::Row, Self::Hall, Self::Building];
}

impl Structure {
    /// Servers of a domain at a level; those of a site are as many as there are.
    pub fn servers(&self, level: Level) -> u32 {
        let row = self.rack.saturating_mul(self.row);
        match level {
            Level::Rack => self.rack,
            Level::Row => row,
            Level::Hall => row.saturating_mul(self.hall),
            Level::Building => row.saturating_mul(self.hall).saturating_mul(self.building),
            Level::Site => u32::MAX,
        }
    }

    /// The servers of a domain, up to `capacity`.
    pub fn range(&self, level: Level, domain: u32, capacity: u32) -> Range<u32> {
        let size = self.servers(level);
        let start = domain.saturating_mul(size).min(capacity);
        start..start.saturating_add(size).min(capacity)
    }
}

/// The free capacity of a pool.
#[derive(Clone, Debug)]
pub struct Places {
    structure: Structure,
    capacity: u32,
    /// Free accelerators of every server that takes jobs.
    free: Vec<u8>,
    /// Servers whose accelerators are all free, by rack, row, hall and building.
    whole: [Vec<u32>; 4],
    /// Racks by how many such servers they have; none for 0.
    racks: Vec<IndexSet>,
    /// Servers by how many of their accelerators are free, some but not all.
    partial: Vec<IndexSet>,
    whole_servers: u32,
}

impl Places {
    /// Room for a number of servers, none of which takes jobs yet.
    pub fn new(structure: Structure, capacity: u32) -> Self {
        let domains = |level| capacity.div_ceil(structure.servers(level).max(1));
        let racks = domains(Level::Rack);
        Self {
            structure,
            capacity,
            free: vec![0; capacity as usize],
            whole: Level::GROUPS.map(|level| vec![0; domains(level) as usize]),
            racks: (0..=structure.rack).map(|_| IndexSet::new(racks)).collect(),
            partial: (0..structure.accelerators).map(|_| IndexSet::new(capacity)).collect(),
            whole_servers: 0,
        }
    }

    /// Servers whose accelerators are all free.
    pub fn whole_servers(&self) -> u32 {
        self.whole_servers
    }

    /// Free accelerators of a server.
    pub fn free(&self, server: u32) -> u32 {
        u32::from(self.free[server as usize])
    }

    /// Part of the wholly free servers that do not stand in a wholly free rack: what a job that wants whole racks
    /// cannot use. Nothing where no server is wholly free.
    pub fn fragmentation(&self) -> f64 {
        if self.whole_servers == 0 {
            return 0.0;
        }
        let full = self.racks[self.structure.rack as usize].count() * self.structure.rack;
        1.0 - f64::from(full) / f64::from(self.whole_servers)
    }

    /// Says how many accelerators of a server are free; none for one that takes no jobs.
    pub fn set_free(&mut self, server: u32, free: u32) {
        let all = self.structure.accelerators;
        let before = self.free(server);
        if before == free {
            return;
        }
        self.free[server as usize] = free as u8;
        if before == all {
            self.count_whole(server, false);
        } else if before > 0 {
            self.partial[before as usize].remove(server);
        }
        if free == all {
            self.count_whole(server, true);
        } else if free > 0 {
            self.partial[free as usize].insert(server);
        }
    }

    fn count_whole(&mut self, server: u32, more: bool) {
        let step = |count: &mut u32| if more { *count += 1 } else { *count -= 1 };
        let rack = server / self.structure.rack;
        let before = self.whole[0][rack as usize];
        for (level, counts) in Level::GROUPS.iter().zip(&mut self.whole) {
            step(&mut counts[(server / self.structure.servers(*level)) as usize]);
        }
        step(&mut self.whole_servers);
        let after = self.whole[0][rack as usize];
        if before > 0 {
            self.racks[before as usize].remove(rack);
        }
        if after > 0 {
            self.racks[after as usize].insert(rack);
        }
    }

    /// A partly used server with room for some accelerators, the one with the least.
    pub fn partial_with(&self, accelerators: u32) -> Option<u32> {
        self.partial.get(accelerators as usize..)?.iter().find_map(IndexSet::first)
    }

    /// A wholly free server, of a rack that has as few of them as possible.
    pub fn whole_server(&self) -> Option<u32> {
        let rack = self.racks.iter().find_map(IndexSet::first)?;
        self.whole_in(rack).next()
    }

    /// The wholly free servers of a rack.
    fn whole_in(&self, rack: u32) -> impl Iterator<Item = u32> + '_ {
        let all = self.structure.accelerators;
        self.structure.range(Level::Rack, rack, self.capacity).filter(move |&server| self.free(server) == all)
    }

    /// Chooses wholly free servers for a job of several: in the smallest domain that holds it, of these the one
    /// that it fills best, whole racks first, and what is left in the rack that it fills best. Nothing where there are
    /// not enough.
    pub fn choose(&self, servers: u32, chosen: &mut Vec<u32>) {
        chosen.clear();
        if servers == 0 || servers > self.whole_servers {
            return;
        }
        if servers <= self.structure.rack
            && let Some(rack) = self.racks[servers as usize..].iter().find_map(IndexSet::first)
        {
            chosen.extend(self.whole_in(rack).take(servers as usize));
            return;
        }
        for (level, counts) in Level::GROUPS.iter().zip(&self.whole).skip(1) {
            let fits = counts.iter().enumerate().filter(|&(_, &count)| count >= servers);
            if let Some((domain, _)) = fits.min_by_key(|&(_, &count)| count) {
                let range = self.structure.range(*level, domain as u32, self.capacity);
                self.fill(range, servers, chosen);
                return;
            }
        }
        self.fill(0..self.capacity, servers, chosen);
    }

    /// Takes servers of a range that has enough of them: the fullest racks, and all that is left from one rack as soon
    /// as one has it.
    fn fill(&self, range: Range<u32>, servers: u32, chosen: &mut Vec<u32>) {
        let rack = self.structure.rack;
        let racks = range.start / rack..range.end.div_ceil(rack);
        // Racks of every size are taken in order, so that those not taken start at one place.
        let mut from = vec![racks.start; rack as usize + 1];
        let mut left = servers;
        while left > 0 {
            let next = |size: &u32| {
                let found = self.racks[*size as usize].next_from(from[*size as usize])?;
                (found < racks.end).then_some((*size, found))
            };
            let one = (left..=rack).find_map(|size| next(&size));
            let Some((size, found)) = one.or_else(|| (1..=rack).rev().find_map(|size| next(&size))) else {
                return;
            };
            let taken = size.min(left);
            chosen.extend(self.whole_in(found).take(taken as usize));
            from[size as usize] = found + 1;
            left -= taken;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STRUCTURE: Structure = Structure { accelerators: 8, rack: 2, row: 4, hall: 3, building: 2 };

    fn places(capacity: u32) -> Places {
        let mut places = Places::new(STRUCTURE, capacity);
        (0..capacity).for_each(|server| places.set_free(server, 8));
        places
    }

    fn take(places: &mut Places, servers: u32) -> Vec<u32> {
        let mut chosen = Vec::new();
        places.choose(servers, &mut chosen);
        chosen.iter().for_each(|&server| places.set_free(server, 0));
        chosen
    }

    #[test]
    fn a_job_stands_in_the_smallest_domain_that_holds_it() {
        let mut places = places(96);
        assert_eq!(take(&mut places, 1), [0]);
        assert_eq!(take(&mut places, 1), [1], "in the rack that is begun already");
        assert_eq!(take(&mut places, 2), [2, 3], "a whole rack");
        assert_eq!(take(&mut places, 4), [4, 5, 6, 7], "the row that it fills best");
        assert_eq!(take(&mut places, 20), (24..44).collect::<Vec<_>>(), "a hall of 24 that is wholly free");
        assert_eq!(places.whole_servers(), 96 - 28);
        assert!(take(&mut places, 97).is_empty(), "there are not enough");
    }

    #[test]
    fn small_jobs_fill_what_is_begun() {
        let mut places = places(8);
        places.set_free(3, 5);
        places.set_free(6, 2);
        assert_eq!(places.partial_with(1), Some(6));
        assert_eq!(places.partial_with(3), Some(3));
        assert_eq!(places.partial_with(6), None);
        assert_eq!(places.whole_server(), Some(2), "of a rack that is begun");
        assert!((places.fragmentation() - 2.0 / 6.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn what_is_chosen_is_free_and_counted(
            used in prop::collection::vec((0_u32..90, 0_u32..=8), 0..80),
            servers in 1_u32..90,
        ) {
            let mut places = places(90);
            for (server, free) in used {
                places.set_free(server, free);
            }
            let whole: Vec<u32> = (0..90).filter(|&server| places.free(server) == 8).collect();
            prop_assert_eq!(places.whole_servers() as usize, whole.len());
            let mut chosen = Vec::new();
            places.choose(servers, &mut chosen);
            if whole.len() < servers as usize {
                prop_assert!(chosen.is_empty());
            } else {
                prop_assert_eq!(chosen.len(), servers as usize);
                prop_assert!(chosen.iter().all(|server| whole.contains(server)));
                chosen.sort_unstable();
                chosen.dedup();
                prop_assert_eq!(chosen.len(), servers as usize);
            }
        }
    }
}
