//! Times of a file, as text in Universal Time.

/// Seconds in a day.
pub const DAY: i64 = 86_400;
/// Days from 0000-03-01 to 1970-01-01 in the Gregorian calendar.
const DAYS_TO_EPOCH: i64 = 719_468;
/// Days in 400 years.
const DAYS_IN_ERA: i64 = 146_097;

/// Seconds since 1970-01-01 (negative ones before it) as `YYYY-MM-DDTHH:MM:SS`; `None` if the
/// year does not fit C's `struct tm`.
pub fn utc(seconds: u64) -> Option<String> {
    let seconds = seconds.cast_signed();
    let second = seconds.rem_euclid(DAY);
    let (year, month, day) = date(seconds.div_euclid(DAY));
    i32::try_from(year.checked_sub(1900)?).ok()?;
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    ))
}

/// Year, month and day of a day counted from 1970-01-01, which a number of seconds or of smaller
/// units led to: far from the ends of its range.
///
/// Years are counted from March, so that a leap day ends one: the day of the year then gives the
/// month by a line through the lengths of March to July, 153 days in five months.
pub fn date(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(DAYS_TO_EPOCH);
    let era = days.div_euclid(DAYS_IN_ERA);
    let day_of_era = days.rem_euclid(DAYS_IN_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn days_follow_the_calendar() {
        let shown = |seconds: i64| utc(seconds.cast_unsigned()).unwrap();
        assert_eq!(shown(0), "1970-01-01T00:00:00");
        assert_eq!(shown(-1), "1969-12-31T23:59:59");
        assert_eq!(shown(951_782_400), "2000-02-29T00:00:00");
        assert_eq!(shown(0x1234_5678), "1979-09-05T22:51:36");
        assert_eq!(shown(1 << 40), "36812-02-20T00:36:16");
        assert_eq!(utc(1 << 60), None);
    }
}
