//! Steps through the blocks of a scan without computing one: to know that each is there, and where the
//! last one ends.
//!
//! It accepts less than decoders do. What no encoder writes (a coefficient behind the 64th, a mean
//! brighter than white) shows data that was damaged without being cut.
//!
//! Source: ITU-T T.81, annexes F.2 (sequential) and G.2 (progressive).

use super::entropy::Interval;
use super::frame::{Frame, Scan};
use super::huffman::{Bits, Table};
use super::tables::ComponentTables;

/// The most bits of an AC coefficient, for samples of 8 bits.
const AC_BITS: u8 = 10;
/// And of the difference of two DC coefficients.
const DC_BITS: u8 = 11;
/// The largest DC coefficient before quantisation, for samples of 8 bits.
const DC_MOST: i64 = 1024;

/// The coefficients of a progressive picture that are known not to be zero.
#[derive(Debug)]
pub(super) struct Known {
    /// For each component its blocks in a row, and a bit a coefficient.
    components: Vec<(usize, Vec<u64>)>,
}

impl Known {
    pub(super) fn nothing(frame: &Frame) -> Self {
        let (across, down) = frame.mcus();
        let components = frame.components.iter().map(|component| {
            let row = (across * component.across) as usize;
            let blocks = row * (down * component.down) as usize;
            (row, vec![0; if frame.is_progressive { blocks } else { 0 }])
        });
        Self {
            components: components.collect(),
        }
    }
}

/// One scan's way through its blocks.
#[derive(Debug)]
pub(super) struct Blocks<'a> {
    frame: &'a Frame,
    scan: &'a Scan,
    /// As the scan has its components.
    tables: &'a [ComponentTables],
    known: &'a mut Known,
}

/// What runs through an interval: the last DC coefficient of each component, and blocks to come without any.
#[derive(Debug, Default)]
struct State {
    dc: [i64; 4],
    empty_blocks: u32,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(
        frame: &'a Frame,
        scan: &'a Scan,
        tables: &'a [ComponentTables],
        known: &'a mut Known,
    ) -> Self {
        Self {
            frame,
            scan,
            tables,
            known,
        }
    }

    /// MCUs across and down.
    pub(super) fn mcus(&self) -> (u32, u32) {
        self.scan.mcus(self.frame)
    }

    /// Steps through `count` MCUs from number `first` on; `None` if they are not all there.
    pub(super) fn pass(&mut self, first: u32, count: u32, bits: &mut Bits<'_>) -> Option<()> {
        let (across, _) = self.mcus();
        let is_alone = self.scan.components.len() == 1;
        let mut state = State::default();
        for mcu in first..first + count {
            let (column, row) = (mcu % across, mcu / across);
            for place in 0..self.scan.components.len() {
                let component = &self.frame.components[self.scan.components[place].0];
                let (wide, high) = match is_alone {
                    true => (1, 1),
                    false => (component.across, component.down),
                };
                for y in 0..high {
                    for x in 0..wide {
                        let at = (column * wide + x, row * high + y);
                        self.block(place, at, &mut state, bits)?;
                    }
                }
            }
        }
        (state.empty_blocks == 0).then_some(())
    }

    /// Whether more MCUs follow to the very end of the interval: then a place was lost before, and they are its.
    pub(super) fn go_on(&mut self, interval: &Interval, mut bits: Bits<'_>) -> bool {
        while !self.frame.is_progressive && self.pass(0, 1, &mut bits).is_some() {
            match interval.ending(bits.read()) {
                Some(ending) if ending.is_exact() => return true,
                Some(_) => {}
                None => return false,
            }
        }
        false
    }

    fn block(
        &mut self,
        place: usize,
        (x, y): (u32, u32),
        state: &mut State,
        bits: &mut Bits<'_>,
    ) -> Option<()> {
        let tables = &self.tables[place];
        if !self.frame.is_progressive {
            dc_first(tables, 0, &mut state.dc[place], bits)?;
            return ac_of_sequential(tables.ac.as_ref()?, bits);
        }
        if *self.scan.band.start() == 0 {
            return match self.scan.high {
                0 => dc_first(tables, self.scan.low, &mut state.dc[place], bits),
                _ => bits.take(1).map(|_| ()),
            };
        }
        let (row, known) = &mut self.known.components[self.scan.components[place].0];
        let known = &mut known[y as usize * *row + x as usize];
        let (table, empty_blocks) = (tables.ac.as_ref()?, &mut state.empty_blocks);
        match self.scan.high {
            0 => ac_first(table, self.scan, known, empty_blocks, bits),
            _ => ac_refined(table, self.scan, known, empty_blocks, bits),
        }
    }
}

fn dc_first(tables: &ComponentTables, low: u8, last: &mut i64, bits: &mut Bits<'_>) -> Option<()> {
    let size = bits.symbol(tables.dc.as_ref()?)?;
    if size > DC_BITS {
        return None;
    }
    *last += i64::from(bits.signed(size)?);
    let dc = (*last << low) * tables.dc_step;
    // Encoders round, and some by more than a step.
    (dc.abs() <= DC_MOST + 2 * (tables.dc_step << low)).then_some(())
}

fn ac_of_sequential(table: &Table, bits: &mut Bits<'_>) -> Option<()> {
    let mut at = 1;
    while at < 64 {
        let (zeros, size) = run(bits.symbol(table)?);
        match (zeros, size) {
            (0, 0) => return Some(()),
            (15, 0) => at += 16,
            (_, 1..=AC_BITS) => {
                at += zeros + 1;
                bits.take(size)?;
            }
            _ => return None,
        }
    }
    (at == 64).then_some(())
}

fn ac_first(
    table: &Table,
    scan: &Scan,
    known: &mut u64,
    empty_blocks: &mut u32,
    bits: &mut Bits<'_>,
) -> Option<()> {
    if *empty_blocks > 0 {
        *empty_blocks -= 1;
        return Some(());
    }
    let (mut at, last) = (*scan.band.start(), *scan.band.end());
    while at <= last {
        let (zeros, size) = run(bits.symbol(table)?);
        match (zeros, size) {
            (15, 0) => at += 16,
            (_, 0) => {
                *empty_blocks = (1 << zeros) - 1 + u32::from(bits.take(zeros as u8)?);
                return Some(());
            }
            (_, 1..=AC_BITS) => {
                at += zeros;
                bits.take(size)?;
                if at <= last {
                    *known |= 1 << at;
                }
                at += 1;
            }
            _ => return None,
        }
    }
    (at == last + 1).then_some(())
}

fn ac_refined(
    table: &Table,
    scan: &Scan,
    known: &mut u64,
    empty_blocks: &mut u32,
    bits: &mut Bits<'_>,
) -> Option<()> {
    let (mut at, last) = (*scan.band.start(), *scan.band.end());
    let before = *known;
    while *empty_blocks == 0 && at <= last {
        let (zeros, size) = run(bits.symbol(table)?);
        match (zeros, size) {
            (15, 0) => {}
            (_, 0) => {
                *empty_blocks = (1 << zeros) + u32::from(bits.take(zeros as u8)?);
                break;
            }
            (_, 1) => {
                bits.take(1)?;
            }
            _ => return None,
        }
        at = pass_zeros(before, at, last, zeros, bits)?;
        if size == 1 {
            if at > last {
                return None;
            }
            *known |= 1 << at;
        }
        at += 1;
    }
    if *empty_blocks > 0 {
        *empty_blocks -= 1;
        pass_zeros(before, at, last, usize::MAX, bits)?;
    }
    Some(())
}

/// From `at` on to the place behind `zeros` coefficients that are still zero; the others have a bit each.
fn pass_zeros(
    known: u64,
    mut at: usize,
    last: usize,
    mut zeros: usize,
    bits: &mut Bits<'_>,
) -> Option<usize> {
    while at <= last {
        if known >> at & 1 == 1 {
            bits.take(1)?;
        } else if zeros == 0 {
            break;
        } else {
            zeros -= 1;
        }
        at += 1;
    }
    Some(at)
}

/// The run of zeros and the size that a symbol of an AC table stands for.
fn run(symbol: u8) -> (usize, u8) {
    (usize::from(symbol >> 4), symbol & 15)
}
