//! A reader that stops giving once reading on has cost too much memory.
//!
//! For decoders that bound their pixels but not the tables that they build while they read: what
//! they hold is seen each time they come for more. It is counted by the allocator for the thread
//! that reads; in a program with another allocator than ours nothing is counted, and nothing bounded.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use tikv_jemalloc_ctl::thread::{ThreadLocal, allocatedp, deallocatedp};

/// Most bytes given at once: what is allocated between two looks grows with it.
const GIVEN: usize = 1024;

/// Gives what `inner` holds, while the thread's memory has not grown by more than `most` bytes.
pub(super) struct Meter<R> {
    inner: R,
    most: u64,
    memory: Option<Memory>,
}

struct Memory {
    allocated: ThreadLocal<u64>,
    freed: ThreadLocal<u64>,
    before: u64,
}

impl<R> Meter<R> {
    pub(super) fn new(inner: R, most: u64) -> Self {
        let memory = Memory::now();
        Self {
            inner,
            most,
            memory,
        }
    }

    fn check(&self) -> io::Result<()> {
        match &self.memory {
            Some(memory) if memory.grown() > self.most => Err(io::Error::new(
                io::ErrorKind::OutOfMemory,
                "it takes more memory than its pixels do",
            )),
            _ => Ok(()),
        }
    }
}

impl Memory {
    fn now() -> Option<Self> {
        let (allocated, freed) = (allocatedp::read().ok()?, deallocatedp::read().ok()?);
        let before = allocated.get().wrapping_sub(freed.get());
        Some(Self {
            allocated,
            freed,
            before,
        })
    }

    /// Bytes held beyond those before; what other threads freed of it counts as held.
    fn grown(&self) -> u64 {
        let now = self.allocated.get().wrapping_sub(self.freed.get());
        // Less than before is held where this thread freed what others had allocated.
        (now.wrapping_sub(self.before) as i64).max(0) as u64
    }
}

impl<R: BufRead> Read for Meter<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.check()?;
        self.inner.read(to)
    }
}

impl<R: BufRead> BufRead for Meter<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.check()?;
        let held = self.inner.fill_buf()?;
        Ok(&held[..held.len().min(GIVEN)])
    }

    fn consume(&mut self, n: usize) {
        self.inner.consume(n);
    }
}

impl<R: Seek> Seek for Meter<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
