//! The `bench` program: measures, prints tables in Markdown, and leaves the figures as JSON. `cargo xtask
//! bench` builds what it needs and runs it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bench::cold::binaries::usual_folders;
use bench::table::Section;
use bench::{Result, cold, growth, ledger, units, warm};
use clap::{Parser, ValueEnum};

/// Measures what Daypass costs and prints tables in Markdown.
///
/// Cold starts need the functions and the bare function as they are deployed:
/// `cargo xtask lambda` and `cargo build --release --package bench --no-default-features --bin hello`.
/// Everything else needs nothing. Stop other work on the machine before you believe a time.
#[derive(Parser)]
#[command(name = "bench", version)]
struct Options {
    /// Measures only these; all when left out. May be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
    /// Channels of the large table that growth is measured on.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1_000..=1_000_000))]
    channels: u32,
    /// Entries of the ledger that is proved.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    entries: u32,
    /// Cold starts of each function.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    starts: u32,
    /// Seconds of each warm measurement.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Where the built functions are, as `<name>/bootstrap` or `<name>`; target/lambda, then target/release when left out.
    #[arg(long)]
    binaries: Vec<PathBuf>,
    /// Where the figures go, a JSON file for each part.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench"))]
    out: PathBuf,
}

/// A part of the benchmark.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Size, first poll, first answer and memory of each built function.
    Cold,
    /// Latency and requests per second through the stack.
    Warm,
    /// Units, round trips and dollars of each operation.
    Units,
    /// The same with many more channels.
    Growth,
    /// Postings a second, and the nightly proof.
    Ledger,
}

/// In this order: counting units listens to every call, which costs time from then on.
const ALL: [Part; 5] = [Part::Cold, Part::Warm, Part::Growth, Part::Ledger, Part::Units];

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn run(options: &Options) -> Result<()> {
    let parts: Vec<Part> = ALL.into_iter().filter(|part| options.only.is_empty() || options.only.contains(part)).collect();
    let folders = if options.binaries.is_empty() { usual_folders() } else { options.binaries.clone() };
    for part in parts {
        let section = match part {
            Part::Cold => cold::run(&folders, options.starts as usize).await?,
            Part::Warm => warm::run(options.seconds).await?,
            Part::Units => units::run().await?,
            Part::Ledger => ledger::run(options.entries, options.seconds).await?,
            Part::Growth => growth::run(options.channels as usize, &folders).await?,
        };
        show(&section, &options.out)?;
    }
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the tables are what it is run for")]
fn show(section: &Section, folder: &Path) -> Result<()> {
    println!("{}", section.text);
    std::fs::create_dir_all(folder)?;
    let file = folder.join(format!("{}.json", section.name));
    std::fs::write(file, format!("{:#}\n", section.json))?;
    Ok(())
}

#[allow(clippy::print_stderr, reason = "the program's own words about what was in the way")]
fn failed(error: &bench::Error) -> ExitCode {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let chain: String = causes.map(|cause| format!(": {cause}")).collect();
    eprintln!("bench: {error}{chain}");
    ExitCode::FAILURE
}
