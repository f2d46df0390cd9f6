//! Lambda: environments of the real functions, each of which works on one invocation at a time and is thrown
//! away when it dies. What an environment remembers (tokens, secrets, connections) goes with it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use boot::{Boot, BootError, Env};
use net::SharedHttpClient;
use sandbox::Clock;

use crate::aws::{Cloud, CloudHttp};
use crate::dice::Dice;
use crate::life::{Doom, Life, Trap};
use crate::outside::Outside;
use crate::tally::Tally;

/// The longest that the gateway waits for a function.
const GATEWAY_WAITS: Duration = Duration::from_secs(29);
/// The last call at which an invocation may die by the weather.
const LAST_DEADLY_CALL: u64 = 16;

/// A function of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Function {
    /// Signs people up and knows them: its use case alone, without tokens.
    Authorizer,
    Admin,
    Channels,
    Qr,
    Checkout,
    PaypalWebhook,
    WhapiWebhook,
    Worker,
    Relay,
    Schedule,
}

impl Function {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::Authorizer,
        Self::Admin,
        Self::Channels,
        Self::Qr,
        Self::Checkout,
        Self::PaypalWebhook,
        Self::WhapiWebhook,
        Self::Worker,
        Self::Relay,
        Self::Schedule,
    ];

    /// The crate that it is built from.
    pub(crate) const fn crate_name(self) -> &'static str {
        match self {
            Self::Authorizer => "authorizer",
            Self::Admin => "admin",
            Self::Channels => "channels",
            Self::Qr => "qr",
            Self::Checkout => "paypal_checkout",
            Self::PaypalWebhook => "paypal_webhook",
            Self::WhapiWebhook => "whapi_webhook",
            Self::Worker => "worker",
            Self::Relay => "relay",
            Self::Schedule => "schedule",
        }
    }

    const fn is_behind_the_gateway(self) -> bool {
        !matches!(self, Self::Worker | Self::Relay | Self::Schedule)
    }
}

/// A function's code, as its main would have made it.
#[derive(Clone)]
pub(crate) enum Code {
    /// The use cases themselves.
    App(app::App),
    /// Routes.
    Routes(Router),
    Worker(worker::Handler),
    Relay(relay::Handler),
    Schedule(schedule::Handler),
}

/// What the template says of a function.
#[derive(Clone, Debug)]
pub(crate) struct Deployed {
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) timeout: Duration,
}

/// Why an invocation gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Its machine was gone.
    Died,
    /// It took longer than its timeout, or than the gateway waits.
    TimedOut,
}

struct Environment {
    code: Code,
    life: Arc<Mutex<Life>>,
}

/// All functions of one story.
pub(crate) struct Machine {
    cloud: Arc<Cloud>,
    outside: Outside,
    clock: Clock,
    deployed: BTreeMap<Function, Deployed>,
    idle: Mutex<BTreeMap<Function, Vec<Environment>>>,
    /// Where the ids of each environment come from.
    ids: Dice,
    dice: Dice,
    /// How many of a thousand invocations die.
    permille: Mutex<u32>,
    /// In which one of a function's invocations ends, where somebody has set one.
    traps: Mutex<BTreeMap<Function, Arc<Trap>>>,
    running: Mutex<usize>,
    invoked: AtomicUsize,
    tally: Tally,
}

/// What a machine is made from.
pub(crate) struct Parts {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) outside: Outside,
    pub(crate) clock: Clock,
    pub(crate) deployed: BTreeMap<Function, Deployed>,
    pub(crate) ids: Dice,
    pub(crate) dice: Dice,
    pub(crate) permille: u32,
    pub(crate) tally: Tally,
}

impl Machine {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { cloud, outside, clock, deployed, ids, dice, permille, tally } = parts;
        Self {
            cloud,
            outside,
            clock,
            deployed,
            idle: Mutex::default(),
            ids,
            dice,
            permille: Mutex::new(permille),
            traps: Mutex::default(),
            running: Mutex::new(0),
            invoked: AtomicUsize::new(0),
            tally,
        }
    }

    /// From now on nothing dies by the weather.
    pub(crate) fn calm(&self) {
        *lock(&self.permille) = 0;
    }

    /// One of that function's invocations ends in this trap.
    #[cfg(test)]
    pub(crate) fn set_trap(&self, function: Function, trap: &Arc<Trap>) {
        lock(&self.traps).insert(function, Arc::clone(trap));
    }

    /// How many invocations are running.
    pub(crate) fn running(&self) -> usize {
        *lock(&self.running)
    }

    /// How many invocations there were.
    pub(crate) fn invoked(&self) -> usize {
        self.invoked.load(Ordering::Relaxed)
    }

    /// The use cases outside of any invocation and any weather: for whoever puts a world together or looks at it.
    pub(crate) fn app(&self) -> app::App {
        self.boot(Function::Worker, None).app().unwrap()
    }

    /// Invokes a function.
    ///
    /// # Errors
    /// When it gave no answer.
    pub(crate) async fn invoke<R, F: Future<Output = R>>(&self, function: Function, call: impl FnOnce(Code) -> F) -> Result<R, Ended> {
        let environment = lock(&self.idle).get_mut(&function).and_then(Vec::pop);
        let environment = environment.unwrap_or_else(|| self.environment(function));
        let life = Life::new(self.fate(), lock(&self.traps).get(&function).cloned());
        *lock(&environment.life) = life.clone();
        let _running = Running::begin(&self.running);
        self.invoked.fetch_add(1, Ordering::Relaxed);
        self.tally.count(&format!("invocations: {}", function.crate_name()));
        let mut limit = self.deployed[&function].timeout;
        if function.is_behind_the_gateway() {
            limit = limit.min(GATEWAY_WAITS);
        }
        tokio::select! {
            biased;
            () = life.died() => {
                self.tally.count(&format!("{} died", function.crate_name()));
                Err(Ended::Died)
            }
            answer = call(environment.code.clone()) => {
                lock(&self.idle).entry(function).or_default().push(environment);
                Ok(answer)
            }
            () = tokio::time::sleep(limit) => {
                self.tally.count(&format!("{} timed out", function.crate_name()));
                Err(Ended::TimedOut)
            }
        }
    }

    fn fate(&self) -> Option<Doom> {
        let dies = self.dice.permille(*lock(&self.permille));
        let call = u32::try_from(self.dice.number(1, LAST_DEADLY_CALL)).unwrap_or(1);
        let before = self.dice.permille(500);
        dies.then_some(Doom { call, before })
    }

    fn environment(&self, function: Function) -> Environment {
        let life = Arc::new(Mutex::new(Life::default()));
        let code = self.code(function, &life).unwrap();
        Environment { code, life }
    }

    fn code(&self, function: Function, life: &Arc<Mutex<Life>>) -> Result<Code, BootError> {
        let boot = self.boot(function, Some(life));
        Ok(match function {
            Function::Authorizer => Code::App(boot.app()?),
            Function::Admin => Code::Routes(admin::router(&boot)?),
            Function::Channels => Code::Routes(channels::router(&boot)?),
            Function::Qr => Code::Routes(qr::router(&boot)?),
            Function::Checkout => Code::Routes(paypal_checkout::router(&boot)?),
            Function::PaypalWebhook => Code::Routes(paypal_webhook::router(&boot)?),
            Function::WhapiWebhook => Code::Routes(whapi_webhook::router(&boot)?),
            Function::Worker => Code::Worker(worker::handler(&boot)?),
            Function::Relay => Code::Relay(relay::handler(&boot)?),
            Function::Schedule => Code::Schedule(schedule::handler(&boot)?),
        })
    }

    fn boot(&self, function: Function, life: Option<&Arc<Mutex<Life>>>) -> Boot {
        let clock = self.clock.clone();
        let ids = self.ids.split("environment");
        let variables = self.deployed[&function].variables.clone();
        let http = CloudHttp { cloud: Arc::clone(&self.cloud), life: life.cloned() };
        Boot::new(Env::from_map(variables), app::Clock::from_fn(Arc::new(move || clock.now())))
            .with_aws_http(SharedHttpClient::new(http))
            .with_http(self.outside.http(life))
            .with_random(Arc::new(move || ids.bits()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Running<'a>(&'a Mutex<usize>);

impl<'a> Running<'a> {
    fn begin(running: &'a Mutex<usize>) -> Self {
        *lock(running) += 1;
        Self(running)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *lock(self.0) -= 1;
    }
}
