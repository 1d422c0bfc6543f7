//! Numbers as one reads them.

/// A count with a comma between each three digits.
///
/// ```
/// assert_eq!([7, 999, 1000, 23550, 1234567].map(network3::thousands), ["7", "999", "1,000", "23,550", "1,234,567"]);
/// ```
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}
