/* Runs before the scripts of each page: a clock for countdowns that a test can push forward, a ledger of what the
   content policy refused, what was asked of our server, and answers that a test gives in its place, kept over loads
   of the page. */
(() => {
  const now = performance.now.bind(performance);
  let ahead = 0;
  performance.now = () => now() + ahead;
  window.timePasses = (ms) => { ahead += ms; };

  window.refusedByPolicy = [];
  addEventListener("securitypolicyviolation", (event) => window.refusedByPolicy.push(`${event.violatedDirective} ${event.blockedURI}`));

  const instead = (method, path) => {
    try {
      const answers = JSON.parse(localStorage.getItem("test.answers") ?? "[]");
      return answers.find((one) => one.method === method && one.path === path);
    } catch { return null; }
  };
  const ask = window.fetch;
  window.asked = [];
  window.fetch = (input, init = {}) => {
    const [method, path] = [init.method ?? "GET", new URL(input, location.href).pathname];
    window.asked.push({ method, path, key: init.headers?.["idempotency-key"] ?? null });
    const given = instead(method, path);
    if (!given) return ask(input, init);
    if (given.never) return new Promise((_, refuse) => init.signal?.addEventListener("abort", () => refuse(init.signal.reason)));
    const headers = { "content-type": "application/problem+json", ...given.headers };
    return Promise.resolve(new Response(JSON.stringify(given.body), { status: given.status, headers }));
  };
})();
