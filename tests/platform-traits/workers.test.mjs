// Workers, in the real workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cases } from "../workers-host/cases.mjs";
import { behind, caching } from "./cache.mjs";
import { atomic, counts, errands, naps, onePlace, places, probe, singleFlight } from "./promises.mjs";
import { Upstream } from "./upstream.mjs";

const said = [];
const cases = new Cases((message) => said.push(message));
let upstream;
const at = {};

before(async () => {
  const vars = { TIDEGATE_CONFIG: JSON.stringify({ routes: [{ name: "all", to: { respond: { body: "" } } }] }) };
  upstream = await Upstream.start();
  const limiter = { name: "LIMITER", namespace_id: "1", simple: { limit: 5, period: 60 } };
  await cases.start([
    { id: "bound", build: "test", vars, ratelimits: [limiter] },
    { id: "place", build: "test", vars: { TIDEGATE_CONFIG: onePlace(upstream) } },
    { id: "cache", build: "test", vars: { TIDEGATE_CONFIG: behind(upstream) } },
    { id: "unbound", build: "test", vars, without: ["TIDEGATE_ATOMIC"] },
  ]);
  for (const { id, port, error } of said) {
    if (error !== undefined) throw new Error(error);
    if (port !== undefined) at[id] = `http://127.0.0.1:${port}`;
  }
});

after(async () => {
  upstream.stop();
  await cases.stopAll();
});

const platform = () => at.bound;
atomic("workers", platform);
counts("workers", platform);
naps("workers", platform);
places("workers", () => at.place, () => upstream, { notices: true });
singleFlight("workers", platform, () => upstream, { spreads: false });
errands("workers", platform, () => upstream, { decodes: true });
caching("workers", () => at.cache, () => upstream);

test("workers: a head that is too long for a field is not stored", async () => {
  const headers = { "x-test-cache": "long head", "cf-connecting-ip": "127.0.0.1" };
  assert.match(await (await fetch(at.cache, { headers })).text(), /^failed its head has 1000[0-9]* bytes, and may have 16384$/);
});

test("workers: without its binding there is no atomic store", async () => {
  assert.equal(await probe(at.unbound, "claim 1000 k"), "absent");
  assert.equal(await probe(at.unbound, "count k 3,1,0,1,4000000000000,4000000000001,7,0,0,0,0,0,0,0"), "absent");
});

test("workers: a limiter lets pass what its binding allows, key by key", async () => {
  const ask = (key) => probe(at.bound, `within LIMITER ${key}`);
  for (const key of ["a", "b"]) {
    const asked = [];
    for (let time = 0; time < 11; time += 1) asked.push(await ask(key));
    assert.deepEqual(asked.slice(0, 5), Array(5).fill("within"));
    // One minute may end meanwhile and another begin, but not a third.
    assert.ok(asked.includes("beyond"), asked.join());
  }
});

test("workers: without its binding there is no limiter", async () => {
  assert.equal(await probe(at.unbound, "within LIMITER k"), "absent");
  // A binding of another kind is none either, nor is what every object has.
  assert.equal(await probe(at.bound, "within TIDEGATE_KV k"), "absent");
  assert.equal(await probe(at.bound, "within constructor k"), "absent");
});
