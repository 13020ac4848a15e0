// What every platform promises, whichever way it keeps it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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
