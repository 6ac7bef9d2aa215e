//! Inputs made to crash, hang or swell: each gets an answer that a person can act on, within bounded memory.
//!
//! They are made here because no checked-in file should be so large, so deep or so odd.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Address space that a command gets, in KiB: an allocation beyond it fails, and the command with it.
const ADDRESS_SPACE: &str = "500000";
/// After this long a command hangs. Nothing here takes seconds; a busy machine may be slow.
const HANGS_AFTER: Duration = Duration::from_secs(240);

const HEAD: &str =
    "name = \"Hostile\"\nas_of = 2025-01-24\nperiod = { from = 2025-01-01, to = 2026-12-31 }\n";
const SITE: &str = "[[site]]\nname = \"hall\"\nonline = [{ on = 2025-12-31, power = \"5 MW\" }]\n";

/// Runs `gw` with bounded memory, and stops the test where it hangs.
fn gw(folder: &Path, arguments: &[&str]) -> Output {
    let limited = format!("ulimit -v {ADDRESS_SPACE}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, env!("CARGO_BIN_EXE_gw"), "--threads", "1"]).args(arguments);
    // Room that the allocator keeps for threads counts as address space, and says nothing about what is used.
    command.current_dir(folder).env("NO_COLOR", "1").env("MALLOC_ARENA_MAX", "1").stdin(Stdio::null());
    let (out, err) = (folder.join("stdout"), folder.join("stderr"));
    command.stdout(std::fs::File::create(&out).unwrap()).stderr(std::fs::File::create(&err).unwrap());
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > HANGS_AFTER {
            child.kill().unwrap();
            panic!("{arguments:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Output { status, stdout: std::fs::read(out).unwrap(), stderr: std::fs::read(err).unwrap() }
}

/// Checks that a scenario is refused with a few words that can be read and acted upon, plainly and as JSON.
fn assert_refused(name: &str, text: &[u8], arguments: &[&str], expected: &str) {
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("hostile.toml"), text).unwrap();
    assert_refused_at(here.path(), name, &[&["check", "hostile.toml"], arguments].concat(), 2, expected);
}

fn assert_refused_at(folder: &Path, name: &str, arguments: &[&str], code: i32, expected: &str) {
    let output = gw(folder, arguments);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{name}:\n{told}");
    assert!(!told.contains("panicked") && !told.contains("internal error"), "{name}:\n{told}");
    assert!(told.len() < 100_000, "{name} tells {} bytes", told.len());
    assert!(!told.contains(|c: char| c.is_control() && c != '\n'), "{name} steers the terminal");

    let output = gw(folder, &[arguments, &["--json"]].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = document["errors"].as_array().unwrap();
    assert!((1..=100).contains(&errors.len()), "{name}: {} errors", errors.len());
    let found = errors.iter().find(|error| error["message"].as_str().unwrap().contains(expected));
    let found = found.unwrap_or_else(|| panic!("{name} does not say `{expected}`:\n{told}"));
    assert!(found["help"].as_str().is_some_and(|help| !help.is_empty()), "{name} has no help: {found}");
}

fn repeated(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect()
}

#[test]
fn depth_is_bounded() {
    let deep = 10_000;
    let cases = [
        ("lists", format!("a = {}{}", "[".repeat(deep), "]".repeat(deep))),
        ("lists left open", format!("a = {}", "[".repeat(deep))),
        ("tables", format!("a = {}1{}", "{ a = ".repeat(deep), "}".repeat(deep))),
        ("dotted keys", format!("a{} = 1", ".a".repeat(deep))),
        ("headers", format!("[a{}]", ".a".repeat(deep))),
        ("lists of tables", format!("[[a{}]]", ".a".repeat(deep))),
    ];
    for (name, text) in cases {
        assert_refused(name, text.as_bytes(), &[], "nested too deep");
    }
}

#[test]
fn size_is_bounded() {
    assert_refused("fifty megabytes", &b"# filled\n".repeat(5_600_000), &[], "larger than 2 MiB");
    let here = tempfile::tempdir().unwrap();
    for device in ["/dev/zero", "/dev/urandom"] {
        assert_refused_at(here.path(), device, &["check", device], 2, "larger than 2 MiB");
    }
    std::fs::write(here.path().join("hostile.toml"), "extends = \"/dev/zero\"").unwrap();
    assert_refused_at(here.path(), "extends /dev/zero", &["check", "hostile.toml"], 2, "larger than 2 MiB");
}

#[test]
fn numbers_of_things_are_bounded() {
    let site = |index| SITE.replace("hall", &format!("hall-{index}"));
    let point = |_| "{ on = 2025-12-31, power = \"1 MW\" },".to_owned();
    let cases = [
        ("sites", format!("{HEAD}{}", repeated(501, site)), "there are 501 of `site`"),
        ("twenty thousand sites", format!("{HEAD}{}", repeated(20_000, site)), "a list has 20000 items"),
        (
            "points",
            format!("{HEAD}[[site]]\nname = \"a\"\nonline = [{}]", repeated(30_000, point)),
            "a list has 30000 items",
        ),
        (
            "keys",
            format!("{HEAD}{}", repeated(100_000, |index| format!("k{index}=1\n"))),
            "more than 5000 keys",
        ),
        ("sections", repeated(150_000, |index| format!("[a{index}]\n")), "more than 5000 keys"),
        (
            "purchases",
            format!(
                "{HEAD}{SITE}{}",
                repeated(400, |index| format!(
                    "[[purchase]]\nname = \"p{index}\"\nsystem = \"hgx-h100\"\nsite = \"hall\"\ngpus = 8\ndeliver = 2025\n"
                ))
            ),
            "more than 300 opening stocks and purchases",
        ),
        (
            "years of many sites",
            format!("{}{}", HEAD.replace("2026-12-31", "2100-12-31"), repeated(400, site)),
            "the plan is too large",
        ),
    ];
    for (name, text, expected) in cases {
        assert_refused(name, text.as_bytes(), &[], expected);
    }
}

#[test]
fn mistakes_without_number_are_told_up_to_a_hundred() {
    let syntax = "= =\n".repeat(500_000);
    assert_refused("syntax", syntax.as_bytes(), &[], "not valid TOML");
    let claims = repeated(500, |index| {
        format!(
            "[[claim]]\nname = \"c{index}\"\nsays = \"x\"\nvalue = \"buildout.gpu.owned\"\nat = 2025-12-31\nat_least = 3\n"
        )
    });
    let text = format!("{HEAD}{SITE}{claims}");
    assert_refused("claims", text.as_bytes(), &[], "there is no result `buildout.gpu.owned`");
}

#[test]
fn words_without_end_are_cut() {
    let long = "n".repeat(1_500_000);
    let system = |name: &str| {
        format!("{HEAD}{SITE}[[opening]]\nname = \"old\"\nsystem = \"{name}\"\nsite = \"hall\"\ngpus = 8\n")
    };
    let cases = [
        ("key", format!("{HEAD}{long} = 1"), "is not a field of a scenario"),
        ("name", format!("{HEAD}{}", SITE.replace("hall", &long)), "cannot stand in a path"),
        ("system", system(&long), "the catalogue has no system"),
        ("unit", format!("{HEAD}{}", SITE.replace("MW", &long)), "is not a unit for a power"),
        ("number", format!("{HEAD}{}", SITE.replace("5 MW", &"9".repeat(1_500_000))), "a unit is missing"),
        ("day", HEAD.replace("2025-01-24", &format!("\"{long}\"")), "is not a date"),
        (
            "period",
            format!(
                "{HEAD}[company]\nhistory = \"meta\"\nuntil = 2025\nrevenue = [{{ in = \"{long}\", value = 1 }}]"
            ),
            "is not a period",
        ),
        (
            "pattern",
            format!(
                "{HEAD}{SITE}[[correlation]]\nname = \"c\"\ncoefficient = 0.5\ninputs = [\"{}*\"]",
                "*.".repeat(500_000)
            ),
            "no input is called",
        ),
    ];
    for (name, text, expected) in cases {
        assert_refused(name, text.as_bytes(), &[], expected);
    }
}

#[test]
fn numbers_beyond_all_measure_are_refused() {
    let with = |section: &str| format!("{HEAD}{section}");
    let cases = [
        ("draws", with("[uncertainty]\nsamples = 1_000_000_000_000_000_000\n"), "out of its range"),
        ("no draws", with("[uncertainty]\nsamples = 0\n"), "out of its range"),
        ("infinite", with(&SITE.replace("\"5 MW\"", "1e400")), "is not a finite number"),
        ("not a number", with(&SITE.replace("\"5 MW\"", "nan")), "is not a finite number"),
        ("infinite text", with(&SITE.replace("5 MW", "inf MW")), "is not a power"),
        ("large text", with(&SITE.replace("5 MW", "1e400 MW")), "is too large"),
        ("integer", with(&SITE.replace("\"5 MW\"", "999999999999999999999999")), "is too large"),
        ("year", HEAD.replace("{ from = 2025-01-01, to = 2026-12-31 }", "999999999999"), "is not a period"),
        (
            "coefficient",
            with(&format!(
                "{SITE}[[correlation]]\nname = \"c\"\ninputs = [\"site.*.pue\"]\ncoefficient = 1.5\n"
            )),
            "out of its range",
        ),
        ("seed", with("[uncertainty]\nseed = -1\n"), "out of its range"),
    ];
    for (name, text, expected) in cases {
        assert_refused(name, text.as_bytes(), &[], expected);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let utf16: Vec<u8> = HEAD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_refused("UTF-16", &[&[0xff, 0xfe][..], &utf16].concat(), &[], "is not UTF-8");
    assert_refused("Latin-1", b"name = \"caf\xe9\"", &[], "is not UTF-8");
    assert_refused("half a character", b"name = \"\xf0\x9f\"", &[], "is not UTF-8");
    assert_refused("NUL", b"name = \"a\"\0\0\0", &[], "not valid TOML");
    assert_refused("a program", &std::fs::read("/bin/sh").unwrap()[..2000], &[], "is not UTF-8");
    assert_refused("nothing", b"", &[], "`name` is missing");
    assert_refused("carriage returns alone", HEAD.replace('\n', "\r").as_bytes(), &[], "not valid TOML");
}

#[test]
fn what_steers_a_terminal_or_misleads_is_refused() {
    let escapes = ["\\u001b[31m", "\\u009b31m", "\\u0007", "\\u0000", "\\r", "\\u202e", "\\u2066"];
    for escape in escapes {
        let site = SITE.replace("5 MW", &format!("5 MW{escape}"));
        for (place, text) in [
            ("name", HEAD.replace("Hostile", escape)),
            ("value", format!("{HEAD}{site}")),
            (
                "note",
                format!(
                    "{HEAD}{}",
                    SITE.replace("\"5 MW\"", &format!("{{ value = \"5 MW\", note = \"{escape}\" }}"))
                ),
            ),
            (
                "source",
                format!(
                    "{HEAD}[source.a]\ntitle = \"{escape}\"\npublisher = \"x\"\npublished = 2025-01-01\ngrade = \"primary\"\n"
                ),
            ),
            ("key", format!("{HEAD}\"{escape}\" = 1")),
        ] {
            assert_refused(&format!("{escape} in {place}"), text.as_bytes(), &[], "holds control characters");
        }
    }
    assert_refused("raw", format!("{HEAD}title = \"\u{1b}[31m\"").as_bytes(), &[], "not valid TOML");
    assert_refused(
        "raw turn",
        format!("{HEAD}title = \"\u{202e}\"").as_bytes(),
        &[],
        "holds control characters",
    );
}

#[test]
fn settings_are_held_to_the_same() {
    let text = format!("{HEAD}{SITE}");
    let deep = format!("{}a=1", "a.".repeat(30_000));
    let long = format!("site.hall.pue={}", "9".repeat(100_000));
    let lists = format!("site={}", "[".repeat(60_000));
    let cases = [
        (deep.as_str(), "more than 16 segments"),
        (long.as_str(), ""),
        (lists.as_str(), "`site` is a string"),
        ("=1", "empty segment"),
        ("a..b=1", "empty segment"),
        ("site.hall.pue", "a setting has no `=`"),
        ("site.other.pue=1.2", "`site` has no `other`"),
        ("site.hall.name.x=1", "there is nothing below it"),
        ("site.hall.pue=\u{1b}[31m", "holds control characters"),
        ("site.hall.pue=nan", "is not a value"),
        ("period=never", "is not a period"),
        ("\u{1b}[31m=1", "is not a field of a scenario"),
    ];
    for (setting, expected) in cases {
        let name: String = setting.chars().take(40).collect();
        assert_refused(&name, text.as_bytes(), &["--set", setting], expected);
    }
}

#[test]
fn chains_of_scenarios_are_bounded() {
    let here = tempfile::tempdir().unwrap();
    for index in 0..40 {
        let text = format!("extends = \"s{}.toml\"\n", index + 1);
        std::fs::write(here.path().join(format!("s{index}.toml")), text).unwrap();
    }
    assert_refused_at(here.path(), "chain", &["check", "s0.toml"], 2, "more than 16 deep");
    std::fs::write(here.path().join("s3.toml"), "extends = \"../s0.toml/../s0.toml\"").unwrap();
    std::fs::write(here.path().join("s4.toml"), "extends = \"s0.toml\"").unwrap();
    std::fs::write(here.path().join("s3.toml"), "extends = \"./x/../s4.toml\"").unwrap();
    assert_refused_at(here.path(), "circle", &["check", "s0.toml"], 2, "in a circle");
    std::fs::write(here.path().join("s0.toml"), "extends = \"s99.toml\"").unwrap();
    assert_refused_at(here.path(), "missing", &["check", "s0.toml"], 2, "there is no such file");
    // Two long lists laid over one another take no longer than they are long.
    let sites = repeated(4_900, |index| format!("[[site]]\nname = \"s{index}\"\ntitle = \"x\"\n"));
    std::fs::write(here.path().join("base.toml"), format!("{HEAD}{sites}")).unwrap();
    std::fs::write(here.path().join("over.toml"), format!("extends = \"base.toml\"\n{sites}")).unwrap();
    assert_refused_at(here.path(), "laid over", &["check", "over.toml"], 2, "there are 4900 of `site`");
}

#[test]
fn what_is_no_file_is_told_so() {
    let here = tempfile::tempdir().unwrap();
    assert_refused_at(here.path(), "folder", &["check", "."], 4, "it is a folder");
    let made = Command::new("mkfifo").arg(here.path().join("pipe.toml")).status().unwrap();
    assert!(made.success());
    for command in ["check", "run", "explain"] {
        assert_refused_at(here.path(), "pipe", &[command, "pipe.toml"], 4, "it is a named pipe");
    }
    std::fs::write(here.path().join("over.toml"), "extends = \"pipe.toml\"").unwrap();
    assert_refused_at(here.path(), "extends a pipe", &["check", "over.toml"], 2, "it is a named pipe");
    let odd = "no\u{1b}[31m\u{7}\u{202e}such.toml";
    let output = gw(here.path(), &["check", odd]);
    assert_eq!(output.status.code(), Some(4));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{told:?}");
}

#[test]
fn a_scenario_comes_through_a_pipe_of_the_shell() {
    let here = tempfile::tempdir().unwrap();
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/small.toml");
    let output = Command::new("sh")
        .args(["-c", "cat \"$1\" | \"$0\" check /dev/stdin", env!("CARGO_BIN_EXE_gw")])
        .arg(small)
        .current_dir(here.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn marks_of_byte_order_and_other_ends_of_lines_are_read() {
    let here = tempfile::tempdir().unwrap();
    let text = format!("{HEAD}{SITE}");
    for (name, bytes) in [
        ("mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("carriage returns", text.replace('\n', "\r\n").into_bytes()),
        ("no end", text.trim_end().into()),
    ] {
        std::fs::write(here.path().join("fine.toml"), bytes).unwrap();
        let output = gw(here.path(), &["check", "fine.toml"]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
