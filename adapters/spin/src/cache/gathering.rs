//! A body that is gathered piece by piece until it is whole. All that an instance gathers at once has a limit.

use std::cell::Cell;

use bytes::Bytes;

/// The most bytes that all bodies on their way take together: twice the largest one. An instance may have as little as 128 MiB for everything.
const ROOM: u64 = 16 * 1024 * 1024;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

/// A part of the room, until it is dropped.
struct Room(u64);

impl Room {
    fn take(&mut self, bytes: u64) -> Result<(), String> {
        let taken = TAKEN.get().saturating_add(bytes);
        if taken > ROOM {
            return Err("as many bodies are being stored at once as the instance has room for".to_owned());
        }
        TAKEN.set(taken);
        self.0 = self.0.saturating_add(bytes);
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        TAKEN.set(TAKEN.get().saturating_sub(self.0));
    }
}

/// A body that is on its way.
pub(crate) struct Gathering {
    bytes: Vec<u8>,
    declared: Option<u64>,
    most: u64,
    room: Room,
}

/// A body that came whole. It takes its room until it is dropped.
pub(crate) struct Gathered {
    pub(crate) bytes: Bytes,
    _room: Room,
}

impl Gathering {
    /// Nothing has come yet of a body of at most `most` bytes, and exactly `declared` ones if that is told.
    ///
    /// # Errors
    /// Why it cannot be gathered.
    pub(crate) fn begin(declared: Option<u64>, most: u64) -> Result<Self, String> {
        let mut room = Room(0);
        let mut bytes = Vec::new();
        if let Some(declared) = declared {
            if declared > most {
                return Err(too_long(most));
            }
            room.take(declared)?;
            bytes.reserve_exact(usize::try_from(declared).map_err(|_| too_long(most))?);
        }
        Ok(Self { bytes, declared, most, room })
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// Why it cannot be gathered.
    pub(crate) fn add(&mut self, piece: &[u8]) -> Result<(), String> {
        let length = (self.bytes.len() as u64).saturating_add(piece.len() as u64);
        match self.declared {
            Some(declared) if length > declared => return Err(other_length(declared, length)),
            // Its room was taken at the beginning.
            Some(_) => {}
            None if length > self.most => return Err(too_long(self.most)),
            None => self.room.take(piece.len() as u64)?,
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// The body has ended as it should.
    ///
    /// # Errors
    /// It is not as long as was said.
    pub(crate) fn finish(self) -> Result<Gathered, String> {
        let length = self.bytes.len() as u64;
        match self.declared.filter(|declared| *declared != length) {
            Some(declared) => Err(other_length(declared, length)),
            None => Ok(Gathered { bytes: self.bytes.into(), _room: self.room }),
        }
    }
}

fn too_long(most: u64) -> String {
    format!("the body is longer than {most} bytes")
}

fn other_length(declared: u64, found: u64) -> String {
    format!("the body should have {declared} bytes and has {found}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn gathered(declared: Option<u64>, most: u64, pieces: &[&[u8]]) -> Result<Bytes, String> {
        let mut gathering = Gathering::begin(declared, most)?;
        for piece in pieces {
            gathering.add(piece)?;
        }
        gathering.finish().map(|gathered| gathered.bytes)
    }

    #[test]
    fn what_comes_whole_is_what_was_sent() {
        assert_eq!(gathered(None, 4, &[b"ab", b"", b"cd"]), Ok("abcd".into()));
        assert_eq!(gathered(Some(4), 4, &[b"ab", b"cd"]), Ok("abcd".into()));
        assert_eq!(gathered(None, 0, &[]), Ok("".into()));
    }

    #[test]
    fn what_is_too_long_or_not_as_long_as_was_said_is_none() {
        let too_long = Err("the body is longer than 3 bytes".to_owned());
        assert_eq!(gathered(None, 3, &[b"ab", b"cd"]), too_long);
        assert_eq!(gathered(Some(4), 3, &[]), too_long);
        assert_eq!(gathered(Some(4), 4, &[b"abc"]), Err("the body should have 4 bytes and has 3".to_owned()));
        assert_eq!(gathered(Some(2), 4, &[b"abc"]), Err("the body should have 2 bytes and has 3".to_owned()));
        assert_eq!(gathered(Some(u64::MAX), 4, &[]), Err("the body is longer than 4 bytes".to_owned()));
    }

    #[test]
    fn all_that_is_on_its_way_has_one_limit_and_gives_its_room_back() {
        let one = Gathering::begin(Some(8 * MIB), 8 * MIB).unwrap();
        let mut other = Gathering::begin(None, 8 * MIB).unwrap();
        let piece = vec![0; 8 * 1024 * 1024];
        other.add(&piece).unwrap();
        let full = Err("as many bodies are being stored at once as the instance has room for".to_owned());
        assert_eq!(gathered(Some(1), 1, &[b"a"]), full);
        assert_eq!(gathered(None, 1, &[b"a"]), full);
        // A body that is being written still takes its room.
        let whole = other.finish().unwrap();
        assert_eq!(gathered(None, 1, &[b"a"]), full);
        drop(whole);
        assert_eq!(gathered(None, 1, &[b"a"]), Ok("a".into()));
        drop(one);
        assert!(Gathering::begin(Some(16 * MIB), 16 * MIB).is_ok());
    }
}
