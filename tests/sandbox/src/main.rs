//! The `sandbox` program: all pretended companies on fixed ports, for any client of the real ones.
//!
//! Prints where each listens, then serves until it is interrupted. With a data directory it goes
//! on where an earlier run ended, the clock included, and shows the mail it would have sent in
//! `mail.json` there.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sandbox::{Clock, PortPlan, Sandbox, SandboxConfig, SandboxError};

/// Who can sign in from the start: e-mail, password, whether staff.
const SEEDED: [(&str, &str, bool); 2] = [("admin@daypass.test", "admin-daypass", true), ("demo@daypass.test", "demo-daypass", false)];

/// Serves WHAPI, PayPal and a sign-in provider that pretend.
#[derive(Parser)]
#[command(name = "sandbox", version)]
struct Arguments {
    /// The first of four ports: WHAPI's manager, WHAPI's gate, PayPal, sign-in.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// Keep state here between runs; without it everything ends with the program.
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Where webhooks are sent: the product's base URL.
    #[arg(long, default_value = "http://127.0.0.1:3000")]
    public_url: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            let _ = writeln!(io::stderr(), "sandbox: {cause}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), SandboxError> {
    let clock = match &arguments.data_dir {
        Some(folder) => Clock::file(folder.join("clock.json"))?,
        None => Clock::new(),
    };
    let sandbox = Sandbox::start(SandboxConfig {
        clock,
        data_dir: arguments.data_dir,
        public_url: arguments.public_url,
        ports: PortPlan::From(arguments.port),
        ..SandboxConfig::default()
    })
    .await?;
    seed(&sandbox);
    announce(&sandbox, &mut io::stdout().lock())?;
    Ok(tokio::signal::ctrl_c().await?)
}

/// People to sign in as; those of an earlier run stay as they are.
fn seed(sandbox: &Sandbox) {
    for (email, password, admin) in SEEDED {
        if sandbox.oidc.subject_of(email).is_none() {
            let made = sandbox.oidc.create_user(email, password, admin);
            tracing::debug!(email, ?made, "seeded");
        }
    }
}

fn announce(sandbox: &Sandbox, out: &mut impl Write) -> io::Result<()> {
    let (whapi, oidc) = (&sandbox.whapi, &sandbox.oidc);
    writeln!(out, "WHAPI manager  {}", whapi.manager_url())?;
    writeln!(out, "WHAPI gate     {}", whapi.gate_url())?;
    writeln!(out, "PayPal         {}", sandbox.paypal.url())?;
    writeln!(out, "sign-in        {}  client {}", oidc.url(), oidc.client_id())?;
    for (email, password, _) in SEEDED {
        writeln!(out, "               {email}  {password}")?;
    }
    writeln!(out, "ready")?;
    out.flush()
}
