//! Durations as people say them. It knows no clock.

/// Microseconds as `35 ms`, `0.1 s`, `12.3 s`, `2 m 05 s`, `1 h 02 m`.
pub(crate) fn shown(duration_us: u64) -> String {
    if duration_us < 100_000 {
        return format!("{} ms", duration_us / 1000);
    }
    let tenths = duration_us.saturating_add(50_000) / 100_000;
    let seconds = tenths / 10;
    match seconds {
        0..60 => format!("{}.{} s", seconds, tenths % 10),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn as_people_say_them() {
        for (us, text) in [
            (0, "0 ms"),
            (99_999, "99 ms"),
            (100_000, "0.1 s"),
            (12_345_678, "12.3 s"),
            (59_950_000, "1 m 00 s"),
            (125_000_000, "2 m 05 s"),
            (3_720_000_000, "1 h 02 m"),
            (u64::MAX, "5124095576 h 01 m"),
        ] {
            assert_eq!(shown(us), text, "{us}");
        }
    }
}
