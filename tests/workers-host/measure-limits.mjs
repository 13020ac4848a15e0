// What a limit adds to the latency of a request: two gateways in one workerd, one without and one with it, asked in turn (A B A B), each by one client
// that waits for every answer. Prints medians and their ratio for each accuracy. `cargo xtask bench workers-limits`.

import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { Cases } from "./cases.mjs";

const ROUNDS = 12;
const REQUESTS = 400;
const WARM_UP = 300;

/** A gateway in front of `upstream`, with this limit or with none. */
function config(upstream, limit) {
  const limits = limit === undefined ? {} : { limits: { l: limit }, default: ["l"] };
  return JSON.stringify({
    limit: limits,
    upstreams: { u: { targets: [{ url: upstream }] } },
    routes: [{ name: "all", to: { upstream: "u" } }],
    respond: { access_log: "off" },
    reload: { interval: "0s" },
  });
}

const quota = { quota: 1_000_000_000, window: "60s", key: ["address"] };
const contests = {
  leased: { ...quota, accuracy: "leased" },
  local: { ...quota, accuracy: "local" },
  exact: { ...quota, accuracy: "exact" },
};

const upstream = createServer((_, response) => response.end("x".repeat(512))).listen(0, "127.0.0.1");
await once(upstream, "listening");
const base = `http://127.0.0.1:${upstream.address().port}`;

const said = [];
const cases = new Cases((message) => said.push(message));
await cases.start([
  { id: "none", vars: { TIDEGATE_CONFIG: config(base) } },
  ...Object.entries(contests).map(([id, limit]) => ({ id, vars: { TIDEGATE_CONFIG: config(base, limit) } })),
]);
const ports = {};
for (const { id, port, error } of said) {
  if (error !== undefined) throw new Error(`${id}: ${error}`);
  if (port !== undefined) ports[id] = port;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Microseconds of each of so many requests. */
async function measure(id, count) {
  const times = [];
  for (let index = 0; index < count; index += 1) {
    const begun = process.hrtime.bigint();
    const headers = { "cf-connecting-ip": "127.0.0.1" };
    const asked = request({ port: ports[id], host: "127.0.0.1", agent, headers });
    asked.end();
    const [response] = await once(asked, "response");
    if (response.statusCode !== 200) throw new Error(`${id} answered ${response.statusCode}`);
    response.resume();
    await once(response, "end");
    times.push(Number(process.hrtime.bigint() - begun) / 1000);
  }
  return times;
}

const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];

for (const id of Object.keys(ports)) await measure(id, WARM_UP);
for (const id of Object.keys(contests)) {
  const medians = { none: [], limited: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    medians.none.push(median(await measure("none", REQUESTS)));
    medians.limited.push(median(await measure(id, REQUESTS)));
  }
  const ratios = medians.limited.map((limited, round) => limited / medians.none[round]);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  console.log(
    `${id}: ${median(medians.none).toFixed(0)} us without, ${median(medians.limited).toFixed(0)} us with; ` +
      `ratio ${median(ratios).toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)} in ${ROUNDS} rounds)`,
  );
}
await cases.stopAll();
upstream.close();
agent.destroy();
