// Stored answers: the gateway beside a worker that does nothing but ask the Cache API, both in one workerd, asked in turn (A B A B) over several
// connections. Prints what each answers a second and the ratio. `cargo xtask bench workers-cache`.

import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { Miniflare } from "miniflare";
import { worker } from "./worker.mjs";

const ROUNDS = 12;
const REQUESTS = 2000;
const CONNECTIONS = 16;
const SIZES = [512, 16_384];

let asked = 0;
const upstream = createServer((incoming, response) => {
  asked += 1;
  const size = Number(incoming.url.split("/")[1]);
  response.setHeader("Cache-Control", "max-age=3600");
  response.setHeader("Content-Type", "text/plain");
  response.end("x".repeat(size));
}).listen(0, "127.0.0.1");
await once(upstream, "listening");
const base = `http://127.0.0.1:${upstream.address().port}`;

const config = JSON.stringify({
  cache: { rules: { all: {} }, status: false },
  upstreams: { u: { targets: [{ url: base }] } },
  routes: [{ name: "all", cache: "all", to: { upstream: "u" } }],
  respond: { access_log: "off" },
  reload: { interval: "0s" },
});

/** What an author who wants a cache and nothing else writes. */
const bare = `export default {
  async fetch(request, env, context) {
    const found = await caches.default.match(request);
    if (found) return found;
    const answer = await fetch("${base}" + new URL(request.url).pathname, request);
    context.waitUntil(caches.default.put(request, answer.clone()));
    return answer;
  },
};`;

const gateway = worker("gateway", { id: "gateway", vars: { TIDEGATE_CONFIG: config } });
const { compatibilityDate, compatibilityFlags } = gateway.config;
const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  cf: false,
  logRequests: false,
  telemetry: { enabled: false },
  workers: [
    gateway,
    {
      config: {
        name: "bare",
        compatibilityDate,
        compatibilityFlags,
        manifest: { mainModule: "main.js", modules: { "main.js": { type: "esm", contents: bare } } },
        env: {},
        exports: {},
      },
      dev: gateway.dev,
    },
  ],
});
await miniflare.ready;
const agents = {};
const ports = {};
for (const name of ["gateway", "bare"]) {
  ports[name] = Number((await miniflare.unsafeGetDirectURL(name)).port);
  agents[name] = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
}

async function ask(name, path) {
  const headers = { "cf-connecting-ip": "127.0.0.1", host: "bench.example" };
  const sent = request({ port: ports[name], host: "127.0.0.1", path, agent: agents[name], headers });
  sent.end();
  const [response] = await once(sent, "response");
  if (response.statusCode !== 200) throw new Error(`${name} answered ${response.statusCode}`);
  let size = 0;
  response.on("data", (piece) => (size += piece.length));
  await once(response, "end");
  return size;
}

/** Requests a second. */
async function measure(name, path, count) {
  const begun = process.hrtime.bigint();
  let left = count;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      await ask(name, path);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return (count * 1e9) / Number(process.hrtime.bigint() - begun);
}

const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];

for (const size of SIZES) {
  const path = `/${size}/a`;
  for (const name of ["gateway", "bare"]) {
    const found = await ask(name, path);
    if (found !== size) throw new Error(`${name} answered with ${found} bytes, expected ${size}`);
    await measure(name, path, REQUESTS);
  }
  const before = asked;
  const rounds = { gateway: [], bare: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of ["gateway", "bare"]) rounds[name].push(await measure(name, path, REQUESTS));
  }
  if (asked !== before) throw new Error(`the upstream was asked ${asked - before} times, expected hits only`);
  const ratios = rounds.gateway.map((own, round) => own / rounds.bare[round]);
  console.log(
    `${size} bytes: gateway ${median(rounds.gateway).toFixed(0)}/s, bare ${median(rounds.bare).toFixed(0)}/s; ratio ` +
      `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)} in ${ROUNDS} rounds)`,
  );
}
await miniflare.dispose();
upstream.close();
for (const agent of Object.values(agents)) agent.destroy();
