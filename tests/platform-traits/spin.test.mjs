// Spin's component, in wasmtime, with a real Redis.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { behind, caching } from "./cache.mjs";
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
  const cache = { tidegate_config: behind(upstream) };
  // Those that wait for each other meet in one instance as well.
  const room = { max_instance_reuse: 10_000, max_instance_concurrency: 100 };
  at.inRedis = await spin.start("in redis", { ...cache, tidegate_redis: redis.address }, room);
  at.inKv = await spin.start("in kv", cache, { ...room, key_value_stores: ["default"] });
  at.storeless = await spin.start("storeless", cache, room);
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
caching("spin with redis", () => at.inRedis, () => upstream, { largest: 8_000_000 });
caching("spin with kv", () => at.inKv, () => upstream, { largest: 900_000 });

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

/** What is said to what is asked of a cache. */
async function told(gateway, asked) {
  return (await fetch(gateway, { headers: { "x-test-cache": asked } })).text();
}

test("spin: without Redis and without a key-value store nothing is stored, and answers pass", async () => {
  assert.equal(await told(at.storeless, "find k"), "absent");
  assert.equal(await told(at.storeless, "store k 10 x"), "absent");
  assert.equal(await told(at.storeless, "forget k"), "absent");
  assert.equal(await told(at.storeless, "pass k 10000 /long"), "x".repeat(5000));
  assert.equal(await told(at.storeless, "whole k 10000 /long"), "absent");
});

test("spin: a Redis that went away is a failure of the store, and answers pass", async () => {
  const own = await Redis.start();
  const gateway = await spin.start("own cache", { tidegate_redis: own.address, tidegate_config: behind(upstream) });
  assert.equal(await told(gateway, "store k 1000 x"), "done");
  await own.stop();
  assert.match(await told(gateway, "find k"), /^failed /);
  assert.match(await told(gateway, "store k 1000 x"), /^failed /);
  assert.equal(await told(gateway, "pass k 10000 /long"), "x".repeat(5000));
});

test("spin: what is too large for its store is not stored, and passes", async () => {
  for (const [gateway, largest] of [[at.inRedis, 8 * 1024 * 1024], [at.inKv, 1_000_000]]) {
    const length = largest - 100;
    assert.match(await told(gateway, `whole large 100000000 /large/${length}`), /take more than the store's/);
    assert.equal((await told(gateway, `pass large 100000000 /large/${largest + 1}`)).length, largest + 1);
    assert.equal(await told(gateway, "wait large"), "done");
    assert.equal(await told(gateway, "find large"), "nothing");
  }
});
