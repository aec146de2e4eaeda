//! Huffman codes of a JPEG, and the bits that they are read from.
//!
//! Source: ITU-T T.81, annexes C (codes), F.2.2 (values), K.3 (the usual tables).

/// Code lengths and symbols, as a DHT segment states them.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    /// How many codes there are of 1 to 16 bits.
    counts: [u8; 16],
    symbols: Vec<u8>,
}

impl Codes {
    /// The codes at the front of a DHT segment's body behind their class and number, and what follows them.
    pub(super) fn read(body: &[u8]) -> Option<(Self, &[u8])> {
        let (counts, rest) = body.split_first_chunk::<16>()?;
        let symbols = counts.iter().map(|&count| usize::from(count)).sum();
        let (symbols, rest) = rest.split_at_checked(symbols)?;
        let codes = Self {
            counts: *counts,
            symbols: symbols.to_vec(),
        };
        Some((codes, rest))
    }

    /// What decoders assume where a file states none: frames of Motion JPEG leave them out.
    /// Number 0 is for luma, 1 for chroma.
    pub(super) fn usual(is_ac: bool, number: usize) -> Option<Self> {
        let (counts, symbols): (_, &[u8]) = match (is_ac, number) {
            (false, 0) => (DC_LUMA, &DC_SYMBOLS),
            (false, 1) => (DC_CHROMA, &DC_SYMBOLS),
            (true, 0) => (AC_LUMA, &AC_LUMA_SYMBOLS),
            (true, 1) => (AC_CHROMA, &AC_CHROMA_SYMBOLS),
            _ => return None,
        };
        let symbols = symbols.to_vec();
        Some(Self { counts, symbols })
    }
}

/// Finds a code's symbol by the next 16 bits.
#[derive(Debug)]
pub(super) struct Table {
    /// Symbol in the low byte, length in bits in the high one; 0 where no code begins so.
    by_bits: Vec<u16>,
}

impl Table {
    /// `None` if the lengths do not fit into 16 bits.
    pub(super) fn new(codes: &Codes) -> Option<Self> {
        let mut by_bits = Vec::with_capacity(1 << 16);
        let mut symbols = codes.symbols.iter();
        for (length, &count) in (1_u16..).zip(&codes.counts) {
            for symbol in symbols.by_ref().take(usize::from(count)) {
                let entry = length << 8 | u16::from(*symbol);
                by_bits.extend(std::iter::repeat_n(entry, 1 << (16 - length)));
            }
        }
        if by_bits.len() > 1 << 16 {
            return None;
        }
        by_bits.resize(1 << 16, 0);
        Some(Self { by_bits })
    }
}

/// Reads bits from their most significant on.
#[derive(Debug, Clone)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits, from the first byte's most significant.
    at: usize,
}

impl<'a> Bits<'a> {
    /// `bytes` must end with [`Bits::SPARE`] bytes that are not read.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes beyond the last one read.
    pub(super) const SPARE: usize = 4;

    /// How many bits have been read.
    pub(super) fn read(&self) -> usize {
        self.at
    }

    fn peek(&self) -> Option<u16> {
        let word = self.bytes.get(self.at / 8..)?.first_chunk::<4>()?;
        Some((u32::from_be_bytes(*word) << (self.at % 8) >> 16) as u16)
    }

    /// The symbol whose code comes next; `None` if none does.
    pub(super) fn symbol(&mut self, table: &Table) -> Option<u8> {
        let entry = table.by_bits[usize::from(self.peek()?)];
        self.at += usize::from(entry >> 8);
        (entry != 0).then_some(entry as u8)
    }

    /// `count` bits, at most 16, as a number.
    pub(super) fn take(&mut self, count: u8) -> Option<u16> {
        let bits = u32::from(self.peek()?) >> (16 - u32::from(count));
        self.at += usize::from(count);
        Some(bits as u16)
    }

    /// A signed number of `size` bits. Source: T.81, F.2.2.1, EXTEND.
    pub(super) fn signed(&mut self, size: u8) -> Option<i32> {
        let bits = i32::from(self.take(size)?);
        let is_negative = size > 0 && bits < 1 << (size - 1);
        Some(if is_negative {
            bits - (1 << size) + 1
        } else {
            bits
        })
    }
}

const DC_LUMA: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_CHROMA: [u8; 16] = [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
const DC_SYMBOLS: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const AC_LUMA: [u8; 16] = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D];
const AC_CHROMA: [u8; 16] = [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77];
#[rustfmt::skip]
const AC_LUMA_SYMBOLS: [u8; 162] = [
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
    0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0,
    0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28,
    0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
    0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
    0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
    0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
    0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5,
    0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
    0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
    0xF9, 0xFA,
];
#[rustfmt::skip]
const AC_CHROMA_SYMBOLS: [u8; 162] = [
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71,
    0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0,
    0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26,
    0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
    0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
    0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
    0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5,
    0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
    0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
    0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
    0xF9, 0xFA,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_tables_are_prefix_codes_of_all_their_symbols() {
        for (is_ac, number) in [(false, 0), (false, 1), (true, 0), (true, 1)] {
            let codes = Codes::usual(is_ac, number).unwrap();
            let count: usize = codes.counts.iter().map(|&n| usize::from(n)).sum();
            assert_eq!(count, codes.symbols.len());
            assert!(Table::new(&codes).is_some());
            let mut symbols = codes.symbols.clone();
            symbols.sort_unstable();
            symbols.dedup();
            assert_eq!(symbols.len(), count);
        }
        assert!(Codes::usual(true, 2).is_none());
    }

    #[test]
    fn symbols_and_numbers_are_read_in_turn() {
        let table = Table::new(&Codes::usual(false, 0).unwrap()).unwrap();
        // 011 is the size 2, 10 the value 2; 00 the size 0; 010 the size 1, 0 the value -1.
        let bytes = [0b0111_0000, 0b1000_0000, 0, 0, 0, 0];
        let mut bits = Bits::of(&bytes);
        let mut value = || {
            let size = bits.symbol(&table).unwrap();
            bits.signed(size).unwrap()
        };
        assert_eq!([value(), value(), value()], [2, 0, -1]);
        assert_eq!(bits.read(), 11);
    }

    #[test]
    fn codes_of_more_than_sixteen_bits_and_bits_behind_the_end_are_none() {
        let mut body = [0; 16 + 3];
        body[0] = 3;
        let (codes, _) = Codes::read(&body).unwrap();
        assert!(Table::new(&codes).is_none());
        let table = Table::new(&Codes::usual(true, 0).unwrap()).unwrap();
        assert_eq!(Bits::of(&[0xFF; 8]).symbol(&table), None, "no code of ones");
        assert_eq!(Bits::of(&[0; 3]).symbol(&table), None, "nothing left");
    }
}
