// What every platform promises, whichever way it keeps it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { test } from "node:test";

/** Asks the gateway at `base` to try a trait. */
export async function probe(base, asked, init = {}) {
  const headers = { "x-test-probe": asked, "cf-connecting-ip": "127.0.0.1" };
  const response = await fetch(base, { headers, ...init });
  return response.text();
}

// JSON.parse rounds the largest lifetime, so the table is read as text there.
const table = readFileSync(new URL("./claims.json", import.meta.url), "utf8").replace(/: (\d{17,})/g, ': "$1"');

/** The promises of the atomic store. `platform()` gives where the gateway is. */
export function atomic(name, platform) {
  test(`${name}: claims have the outcomes of the table`, async () => {
    for (const { key, lifetime_ms, outcome, after_ms } of JSON.parse(table)) {
      let found;
      do {
        found = await probe(platform(), `claim ${lifetime_ms} ${name}:${key}`);
      } while (after_ms !== undefined && found === "taken");
      assert.equal(found, outcome, `${key} for ${lifetime_ms} ms`);
    }
  });

  test(`${name}: of a thousand claims at once exactly one succeeds`, async () => {
    const asked = Array.from({ length: 20 }, () => probe(platform(), `claims 50 ${name}:contested`));
    const outcomes = (await Promise.all(asked)).flatMap((line) => line.split(" "));
    const counted = Object.groupBy(outcomes, (outcome) => outcome);
    assert.deepEqual([counted.claimed?.length, counted.taken?.length], [1, 999], Object.keys(counted).join());
  });
}

const counted = JSON.parse(readFileSync(new URL("./counts.json", import.meta.url), "utf8"));

/** What the numbers of an answer mean (`router_core::limit::owner::Said`). */
function said(text) {
  assert.match(text, /^\d+(,\d+){7}$/);
  const [verdict, detail, remaining, next_ms, full_ms, granted, until_ms, now_ms] = text.split(",").map(Number);
  return { verdict: ["refused", "admitted", "over", "never"][verdict], detail, remaining, next_ms, full_ms, granted, until_ms, now_ms };
}

/** The rules of the tests, as an owner is told them. Their windows last longer than a test, whenever that is. */
const FAR_MS = 4e12;
const window = (quota) => [3, quota, 0, 1, FAR_MS, FAR_MS + 1];
const slots = (most) => [6, most, 3_600_000, 0, 0, 0];

/** Questions by these rules (`router_core::limit::owner::Ask`). */
const charge = (rule, cost = 1) => [...rule, 1, cost, 0, 0, 0, 0, 0, 0].join();
const metered = (rule, cost) => [...rule, 1, cost, 1, 0, 0, 0, 0, 0].join();
const lease = (rule, cost, want) => [...rule, 2, cost, want, 3_600_000, 1, 0, 0, 0].join();
const look = (rule) => [...rule, 7, 0, 0, 0, 0, 0, 0, 0].join();

/** The promises of counts. */
export function counts(name, platform) {
  const count = async (key, ask) => said(await probe(platform(), `count limit/${name}/${key} ${ask}`));
  const batch = async (...asked) => {
    const told = asked.map(([key, ask]) => `limit/${name}/${key};${ask}`).join("|");
    return (await probe(platform(), `batch ${told}`)).split("|").map(said);
  };
  const left = async (key, rule) => (await count(key, look(rule))).remaining;
  const all = (times, one) => Promise.all(Array.from({ length: times }, one));
  const admitted = (told) => told.filter(({ verdict }) => verdict === "admitted").length;

  test(`${name}: counts stand as the table says`, async () => {
    for (const { key, ask, ...expected } of counted) {
      const found = await count(`table-${key}`, ask.join());
      for (const [name, value] of Object.entries(expected)) assert.equal(found[name], value, `${name} of ${key} ${ask}`);
    }
  });

  test(`${name}: of 64 clients at once exactly the quota is admitted`, async () => {
    for (let round = 0; round < 10; round += 1) {
      const quota = 6 * round + 5;
      const told = await all(64, () => count(`contested-${round}`, charge(window(quota))));
      assert.equal(admitted(told), quota);
      // Each saw what the one before left.
      const remaining = told.filter(({ verdict }) => verdict === "admitted").map((one) => one.remaining);
      assert.deepEqual(remaining.sort((one, other) => one - other), Array.from({ length: quota }, (_, left) => left));
    }
  });

  test(`${name}: of many questions of one request at once exactly the quota is admitted`, async () => {
    const told = await probe(platform(), `counts 50 limit/${name}/one-request ${charge(window(20))}`);
    assert.equal(admitted(told.split(" ").map(said)), 20);
  });

  test(`${name}: a question about several keys takes all or nothing`, async () => {
    const [large, small] = [window(5), window(1)];
    for (let round = 0; round < 10; round += 1) {
      const keys = [`large-${round}`, `small-${round}`];
      const both = () => batch([keys[0], charge(large, 2)], [keys[1], charge(small)]);
      assert.deepEqual((await both()).map((one) => [one.verdict, one.remaining]), [["admitted", 3], ["admitted", 0]]);
      // Whatever would have been admitted is still told so, and nothing of it is taken.
      assert.deepEqual((await both()).map((one) => [one.verdict, one.remaining]), [["admitted", 3], ["refused", 0]]);
      assert.deepEqual([await left(keys[0], large), await left(keys[1], small)], [3, 0]);
    }
  });

  test(`${name}: whatever was taken beside a refusal is given back: slots, leases and what is metered`, async () => {
    const [quota, none] = [window(5), window(1)];
    const asked = (round) => [
      [`none-${round}`, charge(none)],
      [`slots-${round}`, charge(slots(2))],
      [`lease-${round}`, lease(quota, 1, 4)],
      [`metered-${round}`, metered(quota, 7)],
      [`looked-${round}`, look(quota)],
    ];
    for (let round = 0; round < 5; round += 1) {
      await count(`none-${round}`, charge(none));
      const told = await batch(...asked(round));
      assert.deepEqual(told.map(({ verdict }) => verdict), ["refused", "admitted", "admitted", "over", "admitted"]);
      assert.deepEqual(told.map(({ remaining }) => remaining), [0, 2, 5, 5, 5]);
      assert.deepEqual(told.map(({ granted }) => granted), [0, 0, 0, 0, 0]);
      const still = [[`slots-${round}`, slots(2)], [`lease-${round}`, quota], [`metered-${round}`, quota]];
      assert.deepEqual(await Promise.all(still.map(([key, rule]) => left(key, rule))), [2, 5, 5]);
    }
  });

  test(`${name}: of 64 questions at once about several keys never more are admitted than each key has`, async () => {
    const [one, other, wide] = [window(20), window(10), window(1000)];
    for (let round = 0; round < 5; round += 1) {
      const keys = [`one-${round}`, `other-${round}`, `wide-${round}`];
      const told = await all(64, () => batch([keys[0], charge(one)], [keys[1], charge(other)], [keys[2], charge(wide)]));
      const through = told.filter((answers) => admitted(answers) === answers.length).length;
      assert.ok(through <= 10, `${through} of 10`);
      const remaining = await Promise.all([left(keys[0], one), left(keys[1], other), left(keys[2], wide)]);
      assert.deepEqual(remaining, [20 - through, 10 - through, 1000 - through]);
    }
  });

  test(`${name}: a long question is answered like a short one`, async () => {
    const asked = Array.from({ length: 32 }, (_, index) => [`${"long".repeat(50)}-${index}`, charge(window(index + 1))]);
    const told = await batch(...asked);
    assert.deepEqual(told.map(({ remaining }) => remaining), asked.map((_, index) => index));
  });
}

/** The configuration of a gateway that passes one request at a time to `upstream`. */
export function onePlace(upstream) {
  return JSON.stringify({
    upstreams: { behind: { targets: [{ url: upstream.base }] } },
    limit: { limits: { one: { algorithm: "concurrency", quota: 1, key: [], hold: "1h", accuracy: "exact" } } },
    routes: [{ name: "all", limit: ["one"], to: { upstream: "behind" } }],
  });
}

/**
 * The promises of places that are held while an answer is under way, for the gateway of `onePlace`. A host that does not say when a client leaves
 * (`notices`) holds the place until the upstream has answered.
 */
export function places(name, platform, upstream, { notices }) {
  const fields = { "cf-connecting-ip": "127.0.0.1" };
  const status = async (path) => {
    const response = await fetch(platform() + path, { headers: fields });
    await response.arrayBuffer().catch(() => {});
    return response.status;
  };
  /** Until the place is free: it is given back behind the answer, and nothing says when. */
  const free = async () => {
    for (let asked = 0; asked < 1000; asked += 1) if ((await status("/text")) === 200) return;
    assert.fail("the place is never free");
  };
  /** Takes the place for a path that does not end: until its head has come, or else until the upstream has been asked. */
  const take = async (path, { head }) => {
    for (;;) {
      const client = request(platform() + path, { headers: fields, agent: false }).on("error", () => {}).end();
      const answered = new Promise((resolve) => client.on("response", (response) => resolve(response.on("error", () => {}))));
      const first = await Promise.race(head ? [answered] : [answered, upstream().arrival()]);
      if (first?.statusCode !== 429) return client;
      first.resume();
    }
  };

  test(`${name}: a place is free when the answer has ended, whole or broken`, async () => {
    for (const path of ["/text", "/long", "/gzip", "/nothing", "/broken"]) {
      await status(path);
      await free();
    }
  });

  for (const [when, path, head] of [["the body is under way", "/endless", true], ["the upstream thinks", "/flight", false]]) {
    test(`${name}: a place is held while ${when}, and free when the client has left`, { skip: !notices }, async () => {
      await free();
      const client = await take(path, { head });
      assert.equal(await status("/text"), 429);
      // Not an orderly close: that could mean only that the client has sent all it wants to.
      const left = new Promise((resolve) => client.on("close", resolve));
      client.socket.resetAndDestroy();
      await left;
      await free();
      upstream().release();
    });
  }
}

/** The promises of the gateway's naps. */
export function naps(name, platform) {
  test(`${name}: a nap is not shorter than it was to be`, async () => {
    for (const milliseconds of [0, 1, 2, 30]) assert.equal(await probe(platform(), `sleep ${milliseconds}`), "slept");
  });
}

/**
 * The promises of equal jobs. They hold within an instance. Where a host spreads requests over instances as it likes (`spreads`), a test that
 * speaks of several requests can only promise that all of them get a result.
 */
export function singleFlight(name, platform, upstream, { spreads }) {
  test(`${name}: equal jobs at once are done once`, async () => {
    const before = upstream().asked;
    const told = probe(platform(), `flights 9 once ${upstream().base}`);
    await upstream().arrival();
    upstream().release();
    assert.deepEqual((await told).split("\n"), Array(9).fill(`200 flight ${before + 1}`));
    assert.equal(upstream().asked, before + 1);
  });

  test(`${name}: a job that comes later is done anew`, async () => {
    const before = upstream().asked;
    const later = probe(platform(), `flight once ${upstream().base}`);
    await upstream().arrival();
    upstream().release();
    assert.equal(await later, `200 flight ${before + 1}`);
  });

  test(`${name}: equal jobs of several requests all get a result`, async () => {
    const before = upstream().asked;
    const leader = probe(platform(), `flight several ${upstream().base}`);
    await upstream().arrival();
    const followers = Array.from({ length: 8 }, () => probe(platform(), `flight several ${upstream().base}`));
    all(await settle(upstream(), platform(), [leader, ...followers]), before, upstream().asked);
  });

  test(`${name}: whoever began the work may leave, and the others still get its result`, async () => {
    const before = upstream().asked;
    const leaving = new AbortController();
    const leader = probe(platform(), `flight left ${upstream().base}`, { signal: leaving.signal });
    await upstream().arrival();
    const followers = Array.from({ length: 4 }, () => probe(platform(), `flight left ${upstream().base}`));
    await arrived(platform());
    leaving.abort();
    await assert.rejects(leader, { name: "AbortError" });
    all(await settle(upstream(), platform(), followers), before, upstream().asked);
    // The followers can still do work of their own afterwards.
    assert.equal(await probe(platform(), `fetch ${upstream().base} /text 5000 100`), "200 text");
  });

  function all(told, before, asked) {
    for (const line of told) assert.match(line, /^200 flight [0-9]+$/);
    if (!spreads) {
      assert.equal(asked, before + 1);
      assert.deepEqual(new Set(told), new Set([`200 flight ${before + 1}`]));
    }
  }
}

/** What all of them are told, once they are inside and the upstream answers. */
async function settle(upstream, base, told) {
  await arrived(base);
  upstream.flows = true;
  upstream.release();
  const lines = await Promise.all(told);
  upstream.flows = false;
  return lines;
}

/** Until what was sent before is certainly inside: a later request has been answered. */
async function arrived(base) {
  for (let round = 0; round < 3; round += 1) await probe(base, "nothing");
}

/** The promises of the gateway's own questions. */
export function errands(name, platform, upstream, { decodes }) {
  const ask = (path, milliseconds = 5000, most = 1000) =>
    probe(platform(), `fetch ${upstream().base} ${path} ${milliseconds} ${most}`);

  test(`${name}: an errand brings the whole answer, whatever its status`, async () => {
    assert.equal(await ask("/text"), "200 text");
    assert.equal(await ask("/nothing"), "404 nothing here");
  });

  test(`${name}: an errand follows no redirect`, async () => {
    assert.match(await ask("/redirect"), /^302 /);
  });

  test(`${name}: an answer that is too long is a failure, and one that just fits is not`, async () => {
    assert.equal(await ask("/long", 5000, 4999), "failed protocol");
    assert.match(await ask("/long", 5000, 5000), /^200 x{5000}$/);
  });

  test(`${name}: an answer that does not come or end in time is a failure`, async () => {
    assert.equal(await ask("/silent", 50), "failed timeout_total");
    assert.equal(await ask("/endless", 50), "failed timeout_total");
  });

  test(`${name}: an answer that breaks off is a failure`, async () => {
    assert.match(await ask("/broken"), /^failed /);
  });

  test(`${name}: a small answer that decodes to a large one is cut as well`, async () => {
    assert.match(await ask("/gzip", 5000, 10_000), decodes ? /^failed protocol$/ : /^200 /);
  });
}
