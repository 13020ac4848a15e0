//! Stub until the calendar is there.
#[derive(Clone, Copy, Debug)]
pub enum Period { Day }
impl Period { pub fn from_word(_: &str) -> Option<Self> { None } }
#[derive(Clone, Debug)]
pub struct Zone;
impl Zone { pub fn parse(_: &str) -> Result<Self, String> { Ok(Self) } }
#[derive(Clone, Debug)]
pub struct Calendar;
impl Calendar {
    pub fn new(_: Period, _: Zone) -> Self { Self }
    pub fn bounds(&self, _: u64) -> [u64; 4] { [0, 1, 2, 3] }
    pub fn seconds(&self) -> u64 { 86400 }
}
