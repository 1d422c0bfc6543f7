//! What a file is, by its first bytes: for the message when it is not what was wanted.

/// How many bytes of a file [`kind`] wants to see: a tar archive says at byte 257 what it is.
pub const FIRST: usize = 512;

/// What begins in a way of its own.
const KINDS: [(&[u8], &str); 18] = [
    (b"\x1f\x8b\x08", "a file compressed with gzip"),
    (b"BZh", "a file compressed with bzip2"),
    (b"\xfd7zXZ\0", "a file compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "a file compressed with zstd"),
    (b"PK\x03\x04", "a zip archive (or a .npz of NumPy): unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it"),
    (b"Rar!\x1a\x07", "a rar archive: unpack it"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself: `git lfs pull` gets that"),
    (b"/annex/objects/", "a pointer of git-annex, not the file itself: `git annex get` gets that"),
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"\x93NUMPY", "an array of NumPy (.npy)"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"PAR1", "a Parquet file"),
];

/// What a file is that begins so, for people; `None` when these bytes say nothing.
///
/// ```
/// use network3::data::kind::kind;
/// assert!(kind(b"<!DOCTYPE html><title>403 Forbidden</title>").unwrap().starts_with("a web page"));
/// assert!(kind(b"PK\x03\x04").unwrap().starts_with("a zip archive"));
/// assert_eq!(kind(b"\0\0\x08\x03"), None);
/// ```
pub fn kind(first: &[u8]) -> Option<&'static str> {
    let first = &first[..first.len().min(FIRST)];
    if let Some((_, what)) = KINDS.iter().find(|(begin, _)| first.starts_with(begin)) {
        return Some(what);
    }
    match *first {
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => return Some("a BMP picture"),
        [0x80, 2..=5, 1..=255, ..] => return Some("a pickle of Python"),
        _ => {}
    }
    if first.get(257..262) == Some(b"ustar") {
        return Some("a tar archive: unpack it");
    }
    if first.get(..4) == Some(b"RIFF") && first.get(8..12) == Some(b"WEBP") {
        return Some("a WebP picture");
    }
    if first.get(4..8) == Some(b"ftyp") {
        return Some("a HEIC or AVIF picture, or a film");
    }
    // Text, maybe after the mark that some editors put first, and space.
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start().to_ascii_lowercase();
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word.as_bytes()));
    if begins(&["<!doctype html", "<html", "<head", "<body"]) {
        Some("a web page: what should have been downloaded was not")
    } else if begins(&["<?xml", "<svg", "<error"]) {
        Some("XML: the server's message that there is no such file, maybe")
    } else if begins(&["{", "["]) && is_text(&text) {
        Some("JSON")
    } else if text.contains(&b',') && is_text(&text) {
        Some("a table as text (CSV)")
    } else if !text.is_empty() && is_text(&text) {
        Some("text")
    } else {
        None
    }
}

/// Is it all signs that one can read?
fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|&b| b >= b' ' || b.is_ascii_whitespace()) && bytes.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_called_by_its_name() {
        let tar = [&[b'a'; 257][..], b"ustar\0"].concat();
        for (first, word) in [
            (&b"  \r\n<HTML><head>"[..], "web page"),
            (b"\xef\xbb\xbf<!doctype HTML>", "web page"),
            (b"<?xml version='1.0'?><Error><Code>NoSuchKey", "XML"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "Git LFS"),
            (b"label,1x1,1x2\n5,0,0\n", "CSV"),
            (b"{\"a\": 1}", "JSON"),
            (b"Not found\n", "text"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
            (b"\0\0\0\x18ftypheic", "HEIC"),
            (&tar, "tar"),
            (b"BM\x36\x30\0\0\0\0\0\0\x36", "BMP"),
            (b"\x80\x04\x95\x10", "pickle"),
        ] {
            assert!(kind(first).unwrap_or_default().contains(word), "{:?} for {word}", kind(first));
        }
        KINDS.iter().for_each(|(begin, what)| assert_eq!(kind(begin), Some(*what), "hidden by one before it"));
        // The last two are how safetensors begin whose headers are that long.
        for nothing in [
            &b""[..],
            b"   ",
            b"\0\0\x08\x03",
            b"\xff\xfe\0\0",
            &[200; 600],
            b"BM\0\0\0\0\0\0{",
            b"\x80\x02\0\0\0\0\0\0{",
        ] {
            assert_eq!(kind(nothing), None, "{nothing:?}");
        }
    }
}
