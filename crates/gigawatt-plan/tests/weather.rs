//! EPW files and monthly normals: what is read, what is filled in, and what is told of mistakes.

use gigawatt_plan::text::{Diagnostic, Diagnostics, Severity, SourceId, SourceMap, Span};
use gigawatt_plan::weather::{Air, HOURS, Normals, Weather, read_epw, read_normals};
use proptest::prelude::*;

const DAYS: [usize; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const HEADER: &str = "LOCATION,Monroe Regional,LA,USA,TMY3,722486,32.52,-92.03,-6.0,24.0\n\
DESIGN CONDITIONS,0\n\
TYPICAL/EXTREME PERIODS,0\n\
GROUND TEMPERATURES,0\n\
HOLIDAYS/DAYLIGHT SAVINGS,Yes,0,0,0\n\
COMMENTS 1,\"made, for a test\"\n\
COMMENTS 2\n\
DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31\n";
/// Lines before the rows.
const LINES: usize = 8;

/// A row of an hour, with `values` for dry bulb, dew point, relative humidity and pressure.
fn row(month: usize, day: usize, hour: usize, values: &str) -> String {
    format!(
        "1995,{month},{day},{hour},60,?9?9?9,{values},9999,9999,340,0,0,0,0,0,0,9999,180,3.1,5,5,9999,99999,9,999999999,99,0.05,0,99,0.2,0.0,1.0"
    )
}

/// The lines of a whole file; its temperatures follow the hour of the year.
fn lines(leap: bool) -> Vec<String> {
    let mut lines: Vec<String> = HEADER.lines().map(str::to_owned).collect();
    let mut number = 0_usize;
    for (month, days) in DAYS.iter().enumerate() {
        for day in 1..=days + usize::from(leap && month == 1) {
            for hour in 1..=24 {
                let dry = 10.0 + f64::from(u16::try_from(number % 200).unwrap_or(0)) * 0.1;
                lines.push(row(month + 1, day, hour, &format!("{dry:.1},5.0,60,101100")));
                number += 1;
            }
        }
    }
    lines
}

/// The line of an hour of a year without 29 February, from 0.
fn line_of(month: usize, day: usize, hour: usize) -> usize {
    LINES + (DAYS[..month - 1].iter().sum::<usize>() + day - 1) * 24 + hour - 1
}

fn read(text: &str) -> (Option<Weather>, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::default();
    let named_at = Span { source: SourceId(0), start: 0, end: 0 };
    let weather = read_epw(SourceId(0), "monroe.epw", text, named_at, &mut diagnostics);
    (weather, diagnostics.into_sorted())
}

/// What is told of a file, with the characters that each diagnostic points at.
fn told(lines: &[String]) -> Vec<String> {
    let text = lines.join("\n");
    let (weather, diagnostics) = read(&text);
    assert!(weather.is_none() || diagnostics.iter().all(|one| one.severity == Severity::Warning));
    let place = |diagnostic: &Diagnostic| {
        let span = diagnostic.labels[0].span;
        text[span.start as usize..span.end as usize].to_owned()
    };
    diagnostics.iter().map(|one| format!("{} @ {}", one.message, place(one))).collect()
}

#[test]
fn a_year_is_read_with_place_and_clock() {
    let (weather, diagnostics) = read(&lines(false).join("\r\n"));
    let weather = weather.expect("a year");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert_eq!((weather.hours.len(), weather.utc_offset, weather.filled), (HOURS, -21_600, 0));
    assert_eq!(weather.place, "Monroe Regional, LA, USA (monroe.epw)");
    assert!((weather.hours[3].dry_bulb - 10.3).abs() < 1e-12);
    assert_eq!(weather.hours[3], Air::new(10.3, 5.0, 101_100.0));
}

#[test]
fn a_leap_year_has_24_hours_more_unless_the_header_leaves_them_out() {
    let mut leap = lines(true);
    assert_eq!(read(&leap.join("\n")).0.expect("a leap year").hours.len(), 8784);
    leap[4] = leap[4].replace("Yes", "No");
    let without = read(&leap.join("\n")).0.expect("a year without its leap day");
    assert_eq!(without.hours.len(), HOURS);
}

#[test]
fn humidity_comes_from_the_dew_point_else_from_the_relative_humidity() {
    let mut file = lines(false);
    file[LINES] = row(1, 1, 1, "20.0,99.9,50,101325");
    file[LINES + 1] = row(1, 1, 2, "20.0,9.3,999,999999");
    let weather = read(&file.join("\n")).0.expect("a year");
    let [first, second, ..] = weather.hours.as_slice() else { panic!("hours") };
    // Half of the saturation at 20 °C has its dew at 9.3 °C and a wet bulb of 13.8 °C.
    assert!((first.dew_point - 9.27).abs() < 0.02 && (first.wet_bulb - 13.78).abs() < 0.01, "{first:?}");
    assert!((second.wet_bulb - first.wet_bulb).abs() < 0.05, "{second:?}");
    // 24 m above the sea.
    assert!((second.pressure - 101_037.0).abs() < 5.0, "{second:?}");
}

#[test]
fn a_few_missing_hours_are_filled_straight_and_a_warning_tells_it() {
    let mut file = lines(false);
    for hour in 10..13 {
        file[line_of(7, 1, hour)] = row(7, 1, hour, "99.9,99.9,999,101000");
    }
    file[line_of(7, 1, 9)] = row(7, 1, 9, "20.0,10.0,50,101000");
    file[line_of(7, 1, 13)] = row(7, 1, 13, "28.0,14.0,50,101000");
    let (weather, diagnostics) = read(&file.join("\n"));
    let weather = weather.expect("a year");
    let at = line_of(7, 1, 10) - LINES;
    let filled: Vec<f64> = weather.hours[at..at + 3].iter().map(|air| air.dry_bulb).collect();
    assert_eq!(filled, [22.0, 24.0, 26.0]);
    assert_eq!((weather.filled, diagnostics.len()), (3, 1));
    assert_eq!(diagnostics[0].message, "values of 3 hours are missing and were filled in");
}

#[test]
fn a_long_gap_is_not_filled() {
    let mut file = lines(false);
    for hour in 1..=7 {
        file[line_of(7, 1, hour)] = row(7, 1, hour, "99.9,99.9,999,101000");
    }
    let told = told(&file);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("the dry bulb is missing in this row and the 6 behind it @ 1995,7,1,1,"),
        "{told:?}"
    );
}

#[test]
fn mistakes_are_told_together_at_their_characters() {
    let mut file = lines(false);
    file[line_of(3, 1, 5)] = row(3, 1, 5, "12;3,5.0,60,101100");
    file[line_of(3, 2, 5)] = row(13, 2, 5, "12.3,5.0,60,101100");
    file[line_of(3, 3, 5)] = row(3, 3, 5, "12.3,5.0,140,101100");
    file[line_of(3, 4, 5)] = row(3, 4, 5, "12.3,5.0,60,1011");
    file[line_of(3, 5, 5)] = "1995,3,5,5,60".to_owned();
    file[line_of(3, 6, 5)] = row(2, 30, 5, "NaN,5.0,60,101100");
    assert_eq!(
        told(&file),
        [
            "`12;3` is not a number, expected the dry bulb in °C @ 12;3",
            "month `13`, day `2` and hour `5` are no hour of a year @ 13,2,5",
            "the relative humidity is 140, expected 0 to 110 % @ 140",
            "the pressure is 1011, expected 31000 to 120000 Pa @ 1011",
            "the row has 5 fields, expected 35 @ 1995,3,5,5,60",
            "month `2`, day `30` and hour `5` are no hour of a year @ 2,30,5",
            "`NaN` is not a number, expected the dry bulb in °C @ NaN",
        ]
    );
}

#[test]
fn gaps_repeats_and_short_years_are_told() {
    let mut gap = lines(false);
    gap.drain(line_of(5, 1, 3)..line_of(5, 1, 6));
    assert_eq!(told(&gap), ["3 hours before this row are missing @ 5,1,6"]);

    let mut twice = lines(false);
    twice.insert(line_of(5, 1, 3), twice[line_of(5, 1, 3)].clone());
    assert_eq!(told(&twice), ["the hour has two rows @ 5,1,3"]);

    let mut short = lines(false);
    short.truncate(line_of(12, 31, 1));
    assert_eq!(
        told(&short),
        ["the year ends here after 8736 rows, expected month 12, day 31, hour 24 @ 12,30,24"]
    );

    let mut late = lines(false);
    late.drain(LINES..line_of(1, 1, 3));
    assert_eq!(told(&late), ["the year starts here, expected month 1, day 1, hour 1 @ 1,1,3"]);

    let mut turned = lines(false);
    turned.swap(line_of(5, 1, 3), line_of(5, 1, 4));
    assert_eq!(told(&turned), ["the row lies before the one above it @ 5,1,3"]);

    let header: Vec<String> = HEADER.lines().map(str::to_owned).collect();
    assert_eq!(read(&header.join("\n")).1[0].message, "the file has a header and no rows");
}

#[test]
fn a_clock_with_daylight_saving_is_recognised() {
    let mut file = lines(false);
    file.insert(line_of(11, 3, 2), file[line_of(11, 3, 2)].clone());
    file.remove(line_of(3, 10, 3));
    let told = told(&file);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("follow a clock with daylight saving") && told[0].ends_with("@ 3,10,4"),
        "{told:?}"
    );
}

#[test]
fn wrong_headers_are_told_by_line() {
    let mut file = lines(false);
    file[0] = "LOCATION,Monroe,LA,USA,TMY3,722486,132.52,-92.03,six,24.0".to_owned();
    file.remove(3);
    let told = told(&file);
    assert_eq!(told[0], "the latitude is 132.52, expected -90 to 90 @ 132.52");
    assert_eq!(told[1], "`six` is not the time zone @ six");
    assert_eq!(
        told[2],
        "line 4 is `HOLIDAYS/DAYLIGHT SAVINGS`, expected GROUND TEMPERATURES @ HOLIDAYS/DAYLIGHT SAVINGS"
    );

    let mut half_hours = lines(false);
    half_hours[7] = "DATA PERIODS,2,4,Data,Sunday,1/1,12/31".to_owned();
    assert_eq!(
        self::told(&half_hours),
        ["the file has `2` data periods, expected 1 @ 2", "the file has `4` rows an hour, expected 1 @ 4"]
    );

    assert_eq!(read("time,price\n1,2\n").1[0].message, "this is not the start of an EPW file");
    assert_eq!(read("").1[0].message, "the file is empty");
}

fn normals(text: &str) -> (Option<Normals>, Vec<String>) {
    let mut diagnostics = Diagnostics::default();
    let named_at = Span { source: SourceId(0), start: 0, end: 0 };
    let normals = read_normals(SourceId(0), text, 24.0, named_at, &mut diagnostics);
    let all = diagnostics.into_sorted().into_iter();
    let place = |span: Span| text[span.start as usize..span.end as usize].to_owned();
    (normals, all.map(|one| format!("{} @ {}", one.message, place(one.labels[0].span))).collect())
}

fn twelve() -> String {
    let rows = (1..=12).map(|month| format!("{month},{},{},{}\n", 15 + month, 4 + month, month));
    format!("month,high,low,dew_point\n{}", rows.collect::<String>())
}

#[test]
fn monthly_normals_are_read_and_their_mistakes_told() {
    let (read, told) = normals(&twelve());
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(read.expect("normals").months[6].high, 22.0);
    let broken =
        twelve().replace("3,18,7,3", "3,7,18,3").replace("5,20,9,5", "5,hot,9,5").replace("8,23", "18,23");
    let (read, told) = normals(&broken);
    assert!(read.is_none());
    assert_eq!(
        told,
        ["`high` is below `low` @ 7", "`hot` is not a temperature @ hot", "`18` is not a month @ 18"]
    );
    let (_, told) = normals("month,high,low,dewpoint\n1,2,3,4\n");
    assert_eq!(told, ["the file has no column `dew_point` @ month,high,low,dewpoint"]);
    let (_, told) = normals(&twelve().replace("12,27,16,12\n", ""));
    assert_eq!(told, ["there are no normals for month 12 @ 11,26,15,11"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_file_makes_reading_fail_without_a_word(
        line in 0_usize..8768, at in 0_usize..60, put in "[0-9,.é\"\n -]{0,3}",
    ) {
        let mut file = lines(false);
        let at = at.min(file[line].len());
        let end = (at + 1).min(file[line].len());
        file[line].replace_range(at..end, &put);
        let text = file.join("\n");
        let (weather, diagnostics) = read(&text);
        prop_assert!(weather.is_some() || !diagnostics.is_empty());
        let mut sources = SourceMap::default();
        sources.add("monroe.epw", text.as_str());
        for label in diagnostics.iter().flat_map(|one| &one.labels) {
            prop_assert!(text.get(label.span.start as usize..label.span.end as usize).is_some());
        }
        if let Some(weather) = weather {
            prop_assert!(weather.hours.iter().all(|air| air.wet_bulb.is_finite() && air.wet_bulb <= air.dry_bulb + 1e-9));
        }
    }
}
