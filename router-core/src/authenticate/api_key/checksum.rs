//! The checksum of a key: it tells a slip of the pen from a key that nobody knows, and lets scanners of leaked secrets be sure. It is no secret.

/// Digits, capitals, small letters, as GitHub orders them in its tokens.
pub(super) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How many characters it has: 62⁶ is more than 2³².
pub(super) const LENGTH: usize = 6;

/// CRC-32 (IEEE 802.3) of `text` in base62, filled up with `0` in front. One text for one number.
pub(super) fn checksum(text: &str) -> [u8; LENGTH] {
    let mut number = crc32(text.as_bytes());
    let mut digits = [b'0'; LENGTH];
    for digit in digits.iter_mut().rev() {
        let value = usize::try_from(number % 62).unwrap_or(0);
        *digit = BASE62.get(value).copied().unwrap_or(b'0');
        number /= 62;
    }
    digits
}

/// Half a byte at a time: keys are short, and the table of whole bytes would be a kilobyte of wasm.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = table();
    let step = |crc: u32, half: u32| {
        let index = usize::try_from((crc ^ half) & 15).unwrap_or(0);
        (crc >> 4) ^ TABLE.get(index).copied().unwrap_or(0)
    };
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        let byte = u32::from(*byte);
        step(step(crc, byte & 15), byte >> 4)
    })
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse an index out of bounds")]
const fn table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut index = 0;
    let mut value = 0_u32;
    while index < 16 {
        let mut crc = value;
        let mut bit = 0;
        while bit < 4 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
        value += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_check_values() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms, and those of zlib's tests.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(b"The quick brown fox jumps over the lazy dog"), 0x414F_A339);
    }

    #[test]
    fn the_largest_number_has_six_digits() {
        // 4294967295 in base62.
        let mut number = u64::from(u32::MAX);
        let mut text = String::new();
        while number > 0 {
            text.insert(0, char::from(BASE62[(number % 62) as usize]));
            number /= 62;
        }
        assert_eq!(text, "4gfFC3");
        assert_eq!(&checksum(""), b"000000");
    }
}
