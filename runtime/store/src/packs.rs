//! Packs: files of small contents, appended by one process each. It knows where bytes stand, not what they are for.
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use flowc_plan::ContentHash;

use crate::error::IoContext;
use crate::frames::{self, HEAD_BYTES, HEADER_BYTES, Position};
use crate::index::Place;
use crate::{Result, sys};

const MAGIC: [u8; 8] = *b"flowcpak";
const KIND_CONTENT: u8 = 1;
/// A pack that has grown past this many bytes is left alone.
const PACK_BYTES_MAX: u64 = 256 << 20;
/// The most that may stand in a pack behind what the index knows, for it to be taken up again.
const ADOPT_BYTES_MAX: u64 = 64 << 20;

/// The packs of a store.
pub(crate) struct Packs {
    dir: PathBuf,
    writer: Mutex<Option<Writer>>,
    readers: RwLock<BTreeMap<u32, Arc<File>>>,
}

struct Writer {
    number: u32,
    file: File,
    at: Position,
}

/// Contents that stood in a pack and not in the index.
pub(crate) type Adopted = Vec<(ContentHash, Place)>;

impl Packs {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir, writer: Mutex::new(None), readers: RwLock::default() }
    }

    /// The path of a pack.
    pub(crate) fn path(&self, number: u32) -> PathBuf {
        self.dir.join(format!("{number}.pack"))
    }

    /// Appends a content in one write, unless `known` finds it by now. `ends` tells where the index says that a pack ends, and is asked when this
    /// process looks for a pack to write to; what it finds there that the index lacks is given to `adopt`.
    pub(crate) fn append(
        &self,
        hash: &ContentHash,
        bytes: &[u8],
        known: impl Fn() -> bool,
        add: impl Fn(ContentHash, Place),
        ends: impl Fn(u32) -> Result<u64>,
    ) -> Result<()> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if known() {
            return Ok(());
        }
        if writer.as_ref().is_none_or(|writer| writer.at.offset > PACK_BYTES_MAX) {
            let (new, adopted) = self.take_up(&ends)?;
            adopted.into_iter().for_each(|(hash, place)| add(hash, place));
            *writer = Some(new);
        }
        let Some(writer) = writer.as_mut() else { return Ok(()) };
        let (mut at, mut frame) = (writer.at, Vec::with_capacity(frames::padded(32 + bytes.len())));
        at.push(&mut frame, KIND_CONTENT, |out| {
            out.extend_from_slice(&hash.0);
            out.extend_from_slice(bytes);
        });
        let start = writer.at.offset;
        if let Err(error) = writer.file.write_all_at(&frame, start) {
            // A full disk can take half a frame: it must not stand before the next one.
            let _ = writer.file.set_len(start);
            return Err(error).at("write", &self.path(writer.number));
        }
        writer.at = at;
        let offset = start + (HEAD_BYTES + 32) as u64;
        add(*hash, Place { pack: writer.number, offset, size: bytes.len() as u64 });
        Ok(())
    }

    /// A pack that nobody writes to and that has room, else a new one.
    fn take_up(&self, ends: &impl Fn(u32) -> Result<u64>) -> Result<(Writer, Adopted)> {
        let mut numbers = self.numbers()?;
        for &number in &numbers {
            if let Some(found) = self.try_take_up(number, ends)? {
                return Ok(found);
            }
        }
        loop {
            let number = numbers.last().map_or(1, |last| last.saturating_add(1));
            let path = self.path(number);
            match File::options().read(true).write(true).create_new(true).open(&path) {
                Ok(file) if sys::try_lock(&file, 0, 0).at("lock", &path)? => {
                    return Ok((begin(number, file).at("write", &path)?, Vec::new()));
                }
                // Another process was quicker to make it, or to take it up.
                Ok(_) => numbers.push(number),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => numbers.push(number),
                Err(error) => return Err(error).at("create", &path),
            }
        }
    }

    fn try_take_up(
        &self,
        number: u32,
        ends: &impl Fn(u32) -> Result<u64>,
    ) -> Result<Option<(Writer, Adopted)>> {
        let path = self.path(number);
        let Ok(file) = File::options().read(true).write(true).open(&path) else { return Ok(None) };
        if file.metadata().at("look at", &path)?.size() > PACK_BYTES_MAX
            || !sys::try_lock(&file, 0, 0).at("lock", &path)?
        {
            return Ok(None);
        }
        // Only now: whoever had the lock before has told the index all it will ever tell.
        let known = ends(number)?.max(HEADER_BYTES as u64);
        let size = file.metadata().at("look at", &path)?.size();
        let head = sys::read_from(&file, 0, HEADER_BYTES as u64).at("read", &path)?;
        let Some(salt) = frames::read_header(&head, MAGIC, number) else {
            return Ok(if size < HEADER_BYTES as u64 && known == HEADER_BYTES as u64 {
                Some((begin(number, file).at("write", &path)?, Vec::new()))
            } else {
                None
            });
        };
        if size < known || size - known > ADOPT_BYTES_MAX {
            return Ok(None);
        }
        let rest = sys::read_from(&file, known, ADOPT_BYTES_MAX).at("read", &path)?;
        let mut at = Position { offset: known, ..Position::start(salt, number, false) };
        let (found, good) = at.scan(&rest);
        if good < rest.len() {
            if at.frame_follows(rest.get(good..).unwrap_or_default()) {
                return Ok(None);
            }
            file.set_len(at.offset).at("cut the torn end of", &path)?;
        }
        Ok(Some((Writer { number, file, at }, contents(number, &found, &rest))))
    }

    fn numbers(&self) -> Result<Vec<u32>> {
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.dir).at("list", &self.dir)? {
            let name = entry.at("list", &self.dir)?.file_name();
            numbers.extend(name.to_str().and_then(|name| name.strip_suffix(".pack")?.parse::<u32>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// All contents of all packs, as far as each is whole: for an index that has lost its own list.
    pub(crate) fn rescan(&self, mut found: impl FnMut(ContentHash, Place)) -> Result<()> {
        for number in self.numbers()? {
            let file = self.reader(number)?;
            let bytes = sys::read_from(&file, 0, 2 * PACK_BYTES_MAX).at("read", &self.path(number))?;
            let Some(salt) = frames::read_header(&bytes, MAGIC, number) else { continue };
            let body = bytes.get(HEADER_BYTES..).unwrap_or_default();
            let (all, _) = Position::start(salt, number, false).scan(body);
            contents(number, &all, body).into_iter().for_each(|(hash, place)| found(hash, place));
        }
        Ok(())
    }

    /// The bytes at a place, unverified; fewer than it says when the pack ends before.
    pub(crate) fn read(&self, place: &Place) -> Result<Vec<u8>> {
        sys::read_from(&*self.reader(place.pack)?, place.offset, place.size)
            .at("read", &self.path(place.pack))
    }

    /// The open file of a pack.
    pub(crate) fn reader(&self, number: u32) -> Result<Arc<File>> {
        if let Some(file) = self.readers.read().unwrap_or_else(PoisonError::into_inner).get(&number) {
            return Ok(Arc::clone(file));
        }
        let path = self.path(number);
        let file = Arc::new(File::open(&path).at("open", &path)?);
        self.readers.write().unwrap_or_else(PoisonError::into_inner).insert(number, Arc::clone(&file));
        Ok(file)
    }

    /// The directory of the packs.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}

fn begin(number: u32, file: File) -> io::Result<Writer> {
    let salt = sys::random();
    file.set_len(0)?;
    if let Err(error) = file.write_all_at(&frames::header(MAGIC, number, salt), 0) {
        let _ = file.set_len(0);
        return Err(error);
    }
    Ok(Writer { number, file, at: Position::start(salt, number, false) })
}

fn contents(number: u32, found: &[frames::Frame], bytes: &[u8]) -> Adopted {
    let content = |frame: &frames::Frame| {
        let hash = bytes.get(frame.payload.start..frame.payload.start + 32)?.try_into().ok()?;
        let size = (frame.payload.len() as u64).checked_sub(32)?;
        Some((
            ContentHash(hash),
            Place { pack: number, offset: frame.offset + (HEAD_BYTES + 32) as u64, size },
        ))
    };
    found.iter().filter(|frame| frame.kind == KIND_CONTENT).filter_map(content).collect()
}
