//! How sheets come into the folder once and once only. Blocking.
//!
//! An order goes through three states, each one rename away from the next:
//!
//! 1. its sheets lie beside their places as `<order>-1of2.pdf.tmp` and so on, synced;
//! 2. `<order>.job` appears: the order is accepted, whatever happens now it will be printed;
//! 3. each sheet is renamed into its place: it is printed.
//!
//! So what is not printed yet is what still has its `.tmp`, and nothing has to be noted down
//! after a sheet came out: there is no moment at which a crash leaves a doubt. A sheet that
//! someone has taken away has no `.tmp` either.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::printer::{JobStatus, Order, Page};

#[derive(Debug)]
pub(super) struct Tray {
    dir: PathBuf,
    fsync: fn(&Path) -> io::Result<()>,
    /// What an earlier run had accepted is completed.
    resumed: bool,
    /// Folders whose names may not be on the disk though they are seen: a sync failed.
    unsynced: RefCell<BTreeSet<PathBuf>>,
}

/// Why an order is not printed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is not one or more sheets of a PDF, a JPEG or a PNG")]
    Unprintable,
    #[error("another order has this id")]
    Clash,
    #[error("the record of this order is damaged: count its sheets by hand")]
    Damaged,
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// What `<order>.job` says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    sheets: u32,
}

impl Tray {
    /// A tray in that folder; nothing is done yet.
    pub(super) fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            fsync,
            resumed: false,
            unsynced: RefCell::default(),
        }
    }

    /// Syncs a folder. If that fails it is not relied upon until [`Tray::make_good`] could.
    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        (self.fsync)(folder).inspect_err(|_| {
            self.unsynced.borrow_mut().insert(folder.to_owned());
        })
    }

    /// Syncs what could not be synced before. After a failure the system may take for written what is
    /// not, so each folder is changed first: that brings it to the disk as it is now.
    fn make_good(&self) -> io::Result<()> {
        let unsynced = self.unsynced.borrow().clone();
        for folder in unsynced {
            if folder.exists() {
                drop(tempfile::NamedTempFile::new_in(&folder)?);
                (self.fsync)(&folder)?;
            }
            self.unsynced.borrow_mut().remove(&folder);
        }
        Ok(())
    }

    /// Makes the folder if need be, and completes what an earlier run had accepted, once: a disk
    /// that is full or read-only at first may yet be mended. Returns how many sheets that printed.
    pub(super) fn begin(&mut self) -> io::Result<u32> {
        self.make_good()?;
        if self.resumed {
            return Ok(0);
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(&self.dir)?;
        let printed = self.resume()?;
        self.resumed = true;
        Ok(printed)
    }

    /// Completes the orders that were accepted, and removes what never became one.
    /// Returns how many sheets that printed.
    pub(super) fn resume(&self) -> io::Result<u32> {
        let mut printed = 0;
        for folder in self.folders()? {
            for name in names(&folder)? {
                let Some(order) = name.get(..uuid::fmt::Hyphenated::LENGTH) else {
                    continue;
                };
                let job = folder.join(format!("{order}.job"));
                if job.exists() {
                    self.release(&folder, order, &mut printed)?;
                } else if name.ends_with(".tmp") {
                    fs::remove_file(folder.join(name))?;
                }
            }
        }
        Ok(printed)
    }

    /// Prints what is not printed yet of an order: how many sheets that was, and whether it was all.
    pub(super) fn print(&self, order: &Order) -> (u32, Result<(), Fault>) {
        let mut printed = 0;
        let done = self
            .take(order)
            .and_then(|folder| Ok(self.release(&folder, &order.id.to_string(), &mut printed)?));
        (printed, done)
    }

    /// Accepts an order; the folder where its sheets lie.
    fn take(&self, order: &Order) -> Result<PathBuf, Fault> {
        let (document, ending) = document(&order.page).ok_or(Fault::Unprintable)?;
        if order.sheets == 0 {
            return Err(Fault::Unprintable);
        }
        let folder = self.dir.join(order.session.to_string());
        let id = order.id.to_string();
        let wanted = Job {
            sheets: order.sheets,
        };
        match read_job(&folder, &id)? {
            Some(job) if job == wanted => {}
            Some(_) => return Err(Fault::Clash),
            None => self.accept(&folder, &id, &wanted, document, ending)?,
        }
        Ok(folder)
    }

    pub(super) fn status(&self, order: Uuid) -> Result<JobStatus, Fault> {
        let id = order.to_string();
        for folder in self.folders()? {
            let sheets = match read_job(&folder, &id) {
                Ok(Some(job)) => job.sheets,
                Ok(None) => continue,
                Err(e @ Fault::Damaged) => {
                    let reason = e.to_string();
                    return Ok(JobStatus::Failed { reason });
                }
                Err(e) => return Err(e),
            };
            let waiting = u32::try_from(waiting(&folder, &id)?.len()).unwrap_or(sheets);
            return Ok(match sheets.saturating_sub(waiting) {
                sheets_done if sheets_done == sheets => JobStatus::Done { sheets },
                0 => JobStatus::Queued,
                sheets_done => JobStatus::Printing { sheets_done },
            });
        }
        Ok(JobStatus::Unknown)
    }

    pub(super) fn forget(&self, session: Uuid) -> Result<(), Fault> {
        match fs::remove_dir_all(self.dir.join(session.to_string())) {
            Ok(()) => Ok(self.sync_folder(&self.dir)?),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e.into()),
        }
    }

    pub(super) fn check(&self) -> Result<String, Fault> {
        tempfile::tempfile_in(&self.dir)?.write_all(b"can this be written?")?;
        Ok(format!("PDF files in {}", self.dir.display()))
    }

    fn accept(
        &self,
        folder: &Path,
        id: &str,
        job: &Job,
        document: &[u8],
        ending: &str,
    ) -> io::Result<()> {
        match DirBuilder::new().create(folder) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(e),
            // Synced in any case: an earlier try may have died between making and syncing it.
            _ => self.sync_folder(&self.dir)?,
        }
        // An earlier try that died may have left other sheets than these.
        for leftover in waiting(folder, id)? {
            fs::remove_file(leftover)?;
        }
        for n in 1..=job.sheets {
            let name = format!("{id}-{n}of{}.{ending}.tmp", job.sheets);
            self.write(&folder.join(name), document)?;
        }
        self.sync_folder(folder)?;
        let record = serde_json::to_vec(job)?;
        let partial = folder.join(format!("{id}.job.tmp"));
        self.write(&partial, &record)?;
        fs::rename(partial, folder.join(format!("{id}.job")))?;
        self.sync_folder(folder)
    }

    fn release(&self, folder: &Path, id: &str, printed: &mut u32) -> io::Result<()> {
        for sheet in waiting(folder, id)? {
            fs::rename(&sheet, sheet.with_extension(""))?;
            *printed += 1;
            self.sync_folder(folder)?;
        }
        Ok(())
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        File::create(path)?.write_all(bytes)?;
        (self.fsync)(path)
    }

    /// The folders of all sessions.
    fn folders(&self) -> io::Result<Vec<PathBuf>> {
        let is_session = |name: &String| Uuid::try_parse(name).is_ok();
        let names = names(&self.dir)?.into_iter().filter(is_session);
        Ok(names.map(|name| self.dir.join(name)).collect())
    }
}

/// What a sheet is written as, and how its name ends.
fn document(page: &Page) -> Option<(&[u8], &'static str)> {
    let forms: [(&[u8], &[u8], &'static str); 3] = [
        (&page.pdf, b"%PDF-", "pdf"),
        (&page.jpeg, b"\xff\xd8\xff", "jpg"),
        (&page.bits, b"\x89PNG", "png"),
    ];
    let fits = |(bytes, magic, _): &&(&[u8], &[u8], &str)| bytes.starts_with(magic);
    forms
        .iter()
        .find(fits)
        .map(|(bytes, _, ending)| (*bytes, *ending))
}

/// The sheets of an order that are not printed yet, first to last.
fn waiting(folder: &Path, id: &str) -> io::Result<Vec<PathBuf>> {
    let sheet = format!("{id}-");
    let is_waiting = |name: &String| name.starts_with(&sheet) && name.ends_with(".tmp");
    let mut names: Vec<String> = names(folder)?.into_iter().filter(is_waiting).collect();
    names.sort_unstable_by_key(|name| (name.len(), name.clone()));
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

fn read_job(folder: &Path, id: &str) -> Result<Option<Job>, Fault> {
    match fs::read(folder.join(format!("{id}.job"))) {
        Ok(record) => match serde_json::from_slice(&record) {
            Ok(job) => Ok(Some(job)),
            Err(_) => Err(Fault::Damaged),
        },
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Ours are all ASCII; what has another name is not ours.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(folder)? {
        names.extend(file?.file_name().into_string());
    }
    Ok(names)
}

/// fsync(2) of a file or a folder; for the first it does not matter that it is opened for reading.
fn fsync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests;
