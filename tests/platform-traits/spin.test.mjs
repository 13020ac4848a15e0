// Spin's component, in wasmtime, with a real Redis.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { atomic, counts, errands, naps, onePlace, places, probe, singleFlight } from "./promises.mjs";
import { Redis, Spin } from "./spin.mjs";
import { Upstream } from "./upstream.mjs";

let redis, spin, upstream;
const at = {};

before(async () => {
  upstream = await Upstream.start();
  redis = await Redis.start();
  spin = new Spin();
  at.bound = await spin.start("bound", { tidegate_redis: redis.address });
  // Equal jobs meet in one instance, so there is room in it for all of them.
  at.roomy = await spin.start("roomy", {}, { max_instance_reuse: 1000, max_instance_concurrency: 100 });
  at.place = await spin.start("place", { tidegate_redis: redis.address, tidegate_config: onePlace(upstream) });
  at.unbound = await spin.start("unbound", { tidegate_redis: "" });
});

after(async () => {
  upstream.stop();
  await spin?.stop();
  await redis?.stop();
});

atomic("spin", () => at.bound);
counts("spin", () => at.bound);
naps("spin", () => at.bound);
places("spin", () => at.place, () => upstream, { notices: false });
singleFlight("spin", () => at.roomy, () => upstream, { spreads: true });
errands("spin", () => at.bound, () => upstream, { decodes: false });

/** Looks at a count. */
const look = "count k 3,5,0,1,4000000000000,4000000000001,7,0,0,0,0,0,0,0";

test("spin: without an address there is no atomic store", async () => {
  assert.equal(await probe(at.unbound, "claim 1000 k"), "absent");
  assert.equal(await probe(at.unbound, look), "absent");
  assert.equal(await probe(at.roomy, "claim 1000 k"), "absent");
});

test("spin: a Redis that went away is a failure, never a claim", async () => {
  const own = await Redis.start();
  const gateway = await spin.start("own", { tidegate_redis: own.address });
  assert.equal(await probe(gateway, "claim 1000000 k"), "claimed");
  await own.stop();
  assert.equal(await probe(gateway, "claim 1000000 k"), "failed");
  assert.equal(await probe(gateway, "claim 1000000 k"), "failed");
  assert.equal(await probe(gateway, look), "failed");
});

test("spin: a Redis that has forgotten the scripts is told them again", async () => {
  const own = await Redis.start();
  const gateway = await spin.start("forgetful", { tidegate_redis: own.address });
  assert.match(await probe(gateway, look), /^1,0,5,/);
  await own.ask("SCRIPT FLUSH");
  assert.match(await probe(gateway, look), /^1,0,5,/);
  await own.stop();
});

test("spin: the host brings no limiter", async () => {
  assert.equal(await probe(at.bound, "within LIMITER k"), "absent");
});
