//! The tables that a JPEG states on its way, and those that a scan takes of them.

use super::frame::{Frame, Scan};
use super::huffman::{Codes, Table};

/// All that have been stated so far. Each number may be stated anew between scans.
#[derive(Debug, Default)]
pub(super) struct Tables {
    dc: [Option<Codes>; 4],
    ac: [Option<Codes>; 4],
    /// The DC steps of the quantisation tables.
    steps: [i64; 4],
}

/// What one component of a scan takes.
#[derive(Debug)]
pub(super) struct ComponentTables {
    /// `None` where the scan has no such codes.
    pub(super) dc: Option<Table>,
    /// `None` where the scan has no such codes.
    pub(super) ac: Option<Table>,
    /// What its DC coefficients are multiples of.
    pub(super) dc_step: i64,
}

impl Tables {
    /// Takes the body of a DHT segment; `None` if that makes no sense.
    pub(super) fn read_codes(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = body.split_first() {
            let (codes, after) = Codes::read(rest)?;
            let of_class = match kind >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                _ => return None,
            };
            *of_class.get_mut(usize::from(kind & 15))? = Some(codes);
            body = after;
        }
        Some(())
    }

    /// Takes the body of a DQT segment; `None` if that makes no sense.
    pub(super) fn read_steps(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&kind, rest)) = body.split_first() {
            let bytes_each = match kind >> 4 {
                0 => 1,
                1 => 2,
                _ => return None,
            };
            let (steps, after) = rest.split_at_checked(64 * bytes_each)?;
            let dc = steps[..bytes_each].iter();
            *self.steps.get_mut(usize::from(kind & 15))? =
                dc.fold(0, |step, &byte| step << 8 | i64::from(byte));
            body = after;
        }
        Some(())
    }

    /// As `scan` has its components; `None` if one is missing or no code at all.
    pub(super) fn of(&self, scan: &Scan, frame: &Frame) -> Option<Vec<ComponentTables>> {
        let component = |&(index, dc, ac): &(usize, usize, usize)| {
            let table = |is_ac: bool, number: usize| {
                let of_class = if is_ac { &self.ac } else { &self.dc };
                let stated = of_class[number].clone();
                // Only sequential decoders know any by themselves.
                let usual = || Codes::usual(is_ac, number).filter(|_| !frame.is_progressive);
                Table::new(&stated.or_else(usual)?)
            };
            let dc = match scan.has_dc_codes(frame) {
                true => Some(table(false, dc)?),
                false => None,
            };
            let ac = match scan.has_ac_codes(frame) {
                true => Some(table(true, ac)?),
                false => None,
            };
            let dc_step = self.steps[frame.components[index].quantisation];
            Some(ComponentTables { dc, ac, dc_step })
        };
        scan.components.iter().map(component).collect()
    }
}
