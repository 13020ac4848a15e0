// Runs the tests of npm `http-cache-tests` against one platform, and prints how many of each kind it passes beside what other caches published.
//
// node run.mjs PACKAGE PLATFORM [PEERS]: the folder of the package; native, workers or spin; the folder with published results.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { correct } from "./corrected.mjs";
import { start } from "./gateways.mjs";

const [, , folder, platform, peers] = process.argv;
const load = async (path) => import(pathToFileURL(resolve(folder, path)).href);

/** The suite's own origin server, on loopback. */
async function origin() {
  const [config, test, state] = await Promise.all(
    ["server/handle-config.mjs", "server/handle-test.mjs", "server/handle-state.mjs"].map(async (path) => (await load(path)).default),
  );
  const server = createServer((asked, answer) => {
    const [kind, ...segments] = new URL(asked.url, "http://origin.test").pathname.slice(1).split("/");
    const handle = { config, test, state }[kind];
    if (handle === undefined) {
      answer.statusCode = 404;
      answer.end();
    } else {
      handle(segments, asked, answer);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** As much of `fetch` as the suite uses, with nothing of its own in a request: a browser's would add fields and follow redirects. */
function fetch(url, { method = "GET", headers = [], body } = {}) {
  return new Promise((done, fail) => {
    const fields = {};
    for (const [name, value] of headers) (fields[name] ??= []).push(String(value));
    const asked = request(url, { method, headers: fields, agent: false }, (answer) => {
      const pieces = [];
      const lines = Object.entries(answer.headers).map(([name, value]) => [name, [value].flat().join(", ")]);
      const whole = new Promise((had) => {
        answer.on("data", (piece) => pieces.push(piece));
        answer.on("close", () => had(Buffer.concat(pieces).toString("utf8")));
      });
      const found = new Map(lines);
      done({
        status: answer.statusCode,
        statusText: answer.statusMessage,
        headers: {
          has: (name) => found.has(name.toLowerCase()),
          get: (name) => found.get(name.toLowerCase()) ?? null,
          forEach: (each) => found.forEach((value, name) => each(value, name)),
          [Symbol.iterator]: () => found[Symbol.iterator](),
        },
        text: () => whole,
      });
    });
    asked.on("error", fail);
    asked.end(body);
  });
}

const kinds = ["required", "optimal", "check"];
const { runTests, getResults } = await load("client/runner.mjs");
const suites = (await load("tests/index.mjs")).default;
const tests = suites.flatMap((suite) => suite.tests).filter((test) => test.browser_only !== true);
const corrected = correct(tests);
const only = process.env.TIDEGATE_CACHE_TEST;
const chosen = only === undefined ? suites : [{ name: only, id: only, tests: tests.filter((test) => test.id === only).map((test) => ({ ...test, dump: true })) }];

const server = await origin();
const gateway = await start(platform, `http://127.0.0.1:${server.address().port}`);
await runTests(chosen, fetch, false, gateway.base);
const results = getResults();
await gateway.stop();
server.closeAllConnections();
server.close();

/** How many tests of each kind are passed. */
function count(results) {
  const passes = (test) => results[test.id] === true;
  return kinds.map((kind) => {
    const all = tests.filter((test) => (test.kind ?? "required") === kind);
    return [all.filter(passes).length, all.length];
  });
}

const failed = tests.filter((test) => results[test.id] !== true && (test.kind ?? "required") !== "check");
for (const test of failed) {
  const why = results[test.id];
  if (only === undefined || test.id === only) console.log(`${test.kind ?? "required"} ${test.id}: ${why === undefined ? "not run" : why.join(": ")}`);
}
const row = (name, counts) => console.log(`${name.padEnd(24)}${counts.map(([passed, all]) => `${passed} of ${all}`.padEnd(16)).join("")}`);
console.log(`\n${corrected} tests are corrected by RFC 9111: see tests/cache-tests/corrected.mjs`);
console.log(`${"passed".padEnd(24)}${kinds.map((kind) => kind.padEnd(16)).join("")}`);
row(`tidegate on ${platform}`, count(results));
if (peers !== undefined) {
  for (const file of readdirSync(peers).sort()) {
    row(basename(file, ".json"), count(JSON.parse(readFileSync(join(peers, file), "utf8"))));
  }
}
if (process.env.TIDEGATE_CACHE_TESTS_RESULT) {
  const names = new Set(failed.map((test) => test.id));
  writeFileSync(process.env.TIDEGATE_CACHE_TESTS_RESULT, JSON.stringify({ platform, failed: [...names] }, null, 1));
}
process.exitCode = 0;
process.stdout.write("", () => process.exit());
