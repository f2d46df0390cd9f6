//! The checks, in the order in which they run: the quick ones first, the tests last. Checks after `build` use
//! what it built, with the features of the whole workspace, so that nothing is built twice.

use std::process::Command;
use std::time::Duration;

use crate::project::{Project, find};
use crate::run::{self, Outcome};
use crate::server::Server;
use crate::{browser, python};

/// Cold builds on two slow cores.
const BUILD_WITHIN: Duration = Duration::from_secs(3600);
/// All tests, once built.
const TESTS_WITHIN: Duration = Duration::from_secs(1800);
/// A check that only reads.
const READ_WITHIN: Duration = Duration::from_secs(300);
/// Calling a running stack as its document allows: half a minute or two where nothing else runs; the scripts
/// end what takes longer than they know by themselves.
const CALLS_WITHIN: Duration = Duration::from_secs(420);
/// Where the providers' own descriptions are looked for.
const DESCRIPTIONS: &str = "../shared/providers/specs";
const NEXTEST_CONFIG: &str = "infra/xtask/nextest.toml";

/// One check.
pub(crate) struct Step {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) what: &'static str,
    /// Which checks it needs.
    pub(crate) needs: &'static [&'static str],
    /// Does it. Lines to be repeated at the very end are added to the last words.
    pub(crate) run: fn(&Project, &mut Vec<String>) -> Outcome,
}

/// All checks.
pub(crate) const STEPS: [Step; 11] = [
    Step { name: "format", what: "the code is formatted", needs: &[], run: |project, _| format(project) },
    Step {
        name: "python",
        what: "the tools of infra/python are installed",
        needs: &[],
        run: |project, _| python::ready(project, "requirements.txt"),
    },
    Step { name: "browser", what: "Chromium, its driver and npm are installed", needs: &[], run: |project, _| browser::ready(project) },
    Step { name: "cfn", what: "cfn-lint has nothing against the template", needs: &["python"], run: |project, _| cfn_lint(project) },
    Step { name: "sam", what: "SAM can deploy the template", needs: &["python"], run: |project, _| sam(project) },
    Step { name: "clippy", what: "no warnings", needs: &[], run: |project, _| clippy(project) },
    Step { name: "build", what: "programs and tests are built", needs: &[], run: |project, _| build(project) },
    Step { name: "openapi", what: "infra/openapi.json is what the functions say", needs: &["build"], run: |project, _| openapi(project) },
    Step {
        name: "api",
        what: "our API answers as its document says (schemathesis)",
        needs: &["python", "build"],
        run: |project, _| api(project),
    },
    Step {
        name: "vendors",
        what: "the sandbox answers as the providers' descriptions say (schemathesis)",
        needs: &["python", "build"],
        run: |project, _| vendors(project),
    },
    Step { name: "tests", what: "all tests", needs: &["browser", "build"], run: tests },
];

fn cargo(project: &Project, arguments: &[&str]) -> Command {
    let mut cargo = project.cargo(arguments);
    if run::is_watched() {
        cargo.env("CARGO_TERM_COLOR", "always");
    }
    cargo
}

fn has_nextest() -> bool {
    find("cargo-nextest").is_some()
}

fn format(project: &Project) -> Outcome {
    remedied(run::run(&mut cargo(project, &["fmt", "--all", "--check"]), READ_WITHIN), "cargo fmt --all")
}

fn clippy(project: &Project) -> Outcome {
    run::run(&mut cargo(project, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]), BUILD_WITHIN)
}

fn build(project: &Project) -> Outcome {
    let mut build = if has_nextest() {
        cargo(project, &["nextest", "run", "--config-file", NEXTEST_CONFIG, "--workspace", "--no-run"])
    } else {
        cargo(project, &["test", "--workspace", "--no-run"])
    };
    run::run(&mut build, BUILD_WITHIN)
}

fn tests(project: &Project, last_words: &mut Vec<String>) -> Outcome {
    let mut tests = if has_nextest() {
        cargo(project, &["nextest", "run", "--config-file", NEXTEST_CONFIG, "--workspace", "--no-fail-fast"])
    } else {
        cargo(project, &["test", "--workspace", "--no-fail-fast"])
    };
    tests.envs(browser::variables().into_iter().flatten());
    let (outcome, kept) = run::listen(&mut tests, TESTS_WITHIN, is_last_word);
    last_words.extend(kept);
    outcome
}

/// Whether a line sums up a run of tests: nextest's one line, or one of each test program.
fn is_last_word(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("Summary [") || line.starts_with("test result: ") && !line.contains(" 0 passed; 0 failed")
}

fn openapi(project: &Project) -> Outcome {
    run::run(project.command(project.built("openapi")).arg("--check"), READ_WITHIN)
}

fn cfn_lint(project: &Project) -> Outcome {
    run::run(project.command(python::tool(project, "cfn-lint")).arg("template.yaml"), READ_WITHIN)
}

fn sam(project: &Project) -> Outcome {
    let mut sam = project.command(python::tool(project, "sam"));
    sam.args(["validate", "--lint", "--template", "template.yaml", "--region", "us-east-1"]);
    run::run(sam.env("SAM_CLI_TELEMETRY", "0"), READ_WITHIN)
}

fn api(project: &Project) -> Outcome {
    let server = Server::start(project, "api")?;
    call(project, "api.py", &server, "infra/openapi.json")
}

fn vendors(project: &Project) -> Outcome {
    if !project.root.join(DESCRIPTIONS).is_dir() {
        run::say(&format!("nothing to compare with: there is no {DESCRIPTIONS}"));
        return Ok(());
    }
    let server = Server::start(project, "vendors")?;
    call(project, "vendors.py", &server, DESCRIPTIONS)
}

fn call(project: &Project, script: &str, server: &Server, documents: &str) -> Outcome {
    let mut python = project.command(python::tool(project, "python"));
    python.arg(format!("infra/python/{script}")).args([&server.url, documents]);
    run::run(&mut python, CALLS_WITHIN)
}

fn remedied(outcome: Outcome, remedy: &str) -> Outcome {
    outcome.map_err(|cause| format!("{cause}. Run: {remedy}"))
}
