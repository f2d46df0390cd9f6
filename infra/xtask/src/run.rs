//! Runs programs: beside us with a time limit, read along, or in our place.

use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What went wrong, and what to do about it.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// How often to look whether a program has ended.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long what a program wrote last may take to arrive once it has ended.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(5);

#[allow(clippy::print_stdout, reason = "what a person reads")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}

#[allow(clippy::print_stderr, reason = "what a person reads when it goes wrong")]
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}

/// Whether somebody watches: then programs may use colours.
pub(crate) fn is_watched() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs to the end; what it writes is shown as it comes.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Outcome {
    let name = shown(command);
    let child = command.stdin(Stdio::null()).spawn();
    finish(&name, child.map_err(|cause| format!("{name} does not start: {cause}"))?, limit)
}

/// Runs to the end without showing anything, and gives what it wrote to standard output.
pub(crate) fn ask(command: &mut Command) -> Outcome<String> {
    let name = shown(command);
    let output = command.stdin(Stdio::null()).output().map_err(|cause| format!("{name} does not start: {cause}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    Err(format!("{name} ended with {}: {} {}", output.status, text(&output.stdout), text(&output.stderr)))
}

/// Runs to the end, shows what it writes, and gives the lines that `keep` asks for, without colours.
pub(crate) fn listen(command: &mut Command, limit: Duration, keep: fn(&str) -> bool) -> (Outcome, Vec<String>) {
    let name = shown(command);
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(cause) => return (Err(format!("{name} does not start: {cause}")), Vec::new()),
    };
    let kept = Arc::new(Mutex::new(Vec::new()));
    let out = child.stdout.take().map(|pipe| pass_on(pipe, io::stdout, keep, kept.clone()));
    let err = child.stderr.take().map(|pipe| pass_on(pipe, io::stderr, keep, kept.clone()));
    let ended = finish(&name, child, limit);
    let (waits_since, readers) = (Instant::now(), [out, err]);
    while waits_since.elapsed() < LAST_WORDS_WITHIN && readers.iter().flatten().any(|reader| !reader.is_finished()) {
        thread::sleep(LOOK_EVERY);
    }
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (ended, kept)
}

fn pass_on<W: Write + 'static>(
    pipe: impl Read + Send + 'static,
    to: fn() -> W,
    keep: fn(&str) -> bool,
    kept: Arc<Mutex<Vec<String>>>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let (mut reader, mut line) = (BufReader::new(pipe), Vec::new());
        while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let _ = to().write_all(&line);
            let text = plain(&String::from_utf8_lossy(&line));
            if keep(&text) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            }
            line.clear();
        }
    })
}

/// A line without colours and without its end.
fn plain(line: &str) -> String {
    let mut parts = line.trim_end().split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, after)| after));
    }
    plain
}

fn finish(name: &str, mut child: Child, limit: Duration) -> Outcome {
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{name} ended with {status}")),
            Ok(None) if began.elapsed() < limit => thread::sleep(LOOK_EVERY),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{name} was ended after {} s", limit.as_secs()));
            }
            Err(cause) => return Err(format!("{name}: {cause}")),
        }
    }
}

/// Becomes that program, so that Ctrl-C, signals and the exit code are its own.
#[cfg(unix)]
pub(crate) fn exec(command: &mut Command) -> Outcome<ExitCode> {
    use std::os::unix::process::CommandExt;
    let cause = command.exec();
    Err(format!("{} does not start: {cause}", shown(command)))
}

/// Runs that program and ends as it does.
#[cfg(not(unix))]
pub(crate) fn exec(command: &mut Command) -> Outcome<ExitCode> {
    let status = command.status().map_err(|cause| format!("{} does not start: {cause}", shown(command)))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_off_a_line() {
        assert_eq!(
            plain("\u{1b}[32;1m     Summary\u{1b}[0m [  12.3s] \u{1b}[1m32\u{1b}[0m tests run\n"),
            "     Summary [  12.3s] 32 tests run"
        );
    }

    #[test]
    fn a_program_that_goes_on_for_too_long_is_ended() {
        let ended = run(Command::new("sleep").arg("60"), Duration::from_millis(120));
        assert!(ended.unwrap_err().contains("was ended"));
    }

    #[test]
    fn the_lines_asked_for_are_kept_and_the_failure_is_told() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let (ended, kept) = listen(&mut command, Duration::from_secs(20), |line| line.contains("tw"));
        assert_eq!(kept, ["two"]);
        assert!(ended.unwrap_err().contains("exit status: 3"));
    }
}
