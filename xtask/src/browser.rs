//! The report in a real browser: nothing overlaps, nothing is cut off, in light, dark, narrow and on paper.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::Outcome;
use crate::command::{cargo, has, install_with_apt, root, run};

/// Measures the page and writes what it finds as text into the title, where `--dump-dom` shows it.
const PROBE: &str = include_str!("browser_probe.js");

/// Widths of the window: a desktop and a telephone.
const WIDTHS: [u32; 2] = [1280, 420];

/// Scenarios whose reports and comparison are rendered.
const SCENARIOS: [&str; 3] = ["meta-2025", "meta-2025-hindsight", "stargate-2025"];

/// Draws: a page looks the same with a tenth of them.
const SAMPLES: &str = "1000";

/// Renders the reports of shipped scenarios and their comparison, and reads what the probe found.
pub fn check() -> Result<Outcome> {
    let Some(browser) = browser() else {
        return Ok(Outcome::Skipped("there is no Chromium and it cannot be installed".to_owned()));
    };
    let folder = tempfile::tempdir().context("a folder for pages")?;
    for scenario in SCENARIOS {
        let out = folder.path().join(scenario);
        run(cargo()
            .args(["run", "--quiet", "--release", "--", "run", "--quiet", "--samples", SAMPLES, "--out"])
            .arg(&out)
            .arg(root().join("scenarios").join(format!("{scenario}.toml")))
            .stdout(Stdio::null()))?;
        check_page(&browser, folder.path(), scenario, &out.join("report.html"))?;
    }
    let page = folder.path().join("comparison.html");
    run(cargo()
        .args(["run", "--quiet", "--release", "--", "compare", "--quiet"])
        .args(SCENARIOS.map(|scenario| root().join("scenarios").join(format!("{scenario}.toml"))))
        .arg("--html")
        .arg(&page)
        .stdout(Stdio::null()))?;
    check_page(&browser, folder.path(), "their comparison", &page)?;
    Ok(Outcome::Passed)
}

/// Probes a page at every width and in both schemes, and prints it.
fn check_page(browser: &str, folder: &Path, name: &str, page: &Path) -> Result<()> {
    let text = std::fs::read_to_string(page).context("the page")?;
    let probed = folder.join("probed.html");
    std::fs::write(&probed, format!("{text}<script>{PROBE}</script>")).context("the probed page")?;
    for width in WIDTHS {
        for scheme in ["0", "1"] {
            let findings = probe(browser, folder, &probed, width, scheme)?;
            if !findings.is_empty() {
                bail!("{name} at {width} pixels, scheme {scheme}:\n{}", findings.join("\n"));
            }
        }
    }
    print(browser, folder, page)?;
    println!("{name}: nothing overlaps or is cut off, in light and dark, wide and narrow; it prints");
    Ok(())
}

fn browser() -> Option<String> {
    let find = || {
        ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find(|name| has(name))
            .map(str::to_owned)
    };
    find().or_else(|| install_with_apt(&["chromium", "fonts-dejavu-core"]).then(find).flatten())
}

fn command(browser: &str, folder: &Path) -> Command {
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .stderr(Stdio::null());
    command
}

/// What the probe complains about, a line each.
fn probe(browser: &str, folder: &Path, page: &Path, width: u32, scheme: &str) -> Result<Vec<String>> {
    let output = command(browser, folder)
        .arg(format!("--window-size={width},2000"))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg("--dump-dom")
        .arg(format!("file://{}", page.display()))
        .output()
        .context("cannot start the browser")?;
    let document = String::from_utf8_lossy(&output.stdout);
    let found = document.split("<!--probe:").nth(1).and_then(|rest| rest.split(":probe-->").next());
    let Some(found) = found else { bail!("the browser did not run the probe on {}", page.display()) };
    Ok(found.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// Prints the report.
fn print(browser: &str, folder: &Path, page: &Path) -> Result<()> {
    let paper = folder.join("paper.pdf");
    let status = command(browser, folder)
        .arg("--no-pdf-header-footer")
        .arg(format!("--print-to-pdf={}", paper.display()))
        .arg(format!("file://{}", page.display()))
        .stdout(Stdio::null())
        .status()
        .context("cannot start the browser")?;
    let printed = std::fs::read(&paper).context("the browser printed nothing")?;
    if !status.success() || !printed.starts_with(b"%PDF") {
        bail!("the browser could not print {}", page.display());
    }
    std::fs::remove_file(&paper).context("the printed report")
}
