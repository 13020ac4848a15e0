// What every platform promises of stored answers, whichever way it keeps them.

import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { LARGE } from "./upstream.mjs";

/** The configuration of a gateway that does all this with answers of `upstream`. */
export function behind(upstream) {
  return JSON.stringify({
    upstreams: { behind: { targets: [{ url: upstream.base }] } },
    routes: [{ name: "all", to: { upstream: "behind" } }],
  });
}

/** The promises of stored answers and of requests that wait for each other. The largest body that is stored has `largest` bytes. */
export function caching(name, platform, upstream, { largest = LARGE.length } = {}) {
  const large = LARGE.subarray(0, largest);
  /** The answer to what is asked of the cache, its bytes as they came; `broken` if it broke off. */
  const ask = (asked) =>
    new Promise((resolve, reject) => {
      send(asked).on("error", reject).on("response", (answer) => {
        const pieces = [];
        const { statusCode: status, headers } = answer;
        const end = (broken) => () => resolve({ status, headers, bytes: Buffer.concat(pieces), broken });
        answer.on("data", (piece) => pieces.push(piece)).on("end", end(false)).on("error", end(true));
      });
    });
  const send = (asked) => request(platform(), { headers: { "x-test-cache": asked, "cf-connecting-ip": "127.0.0.1" } }).end();
  /** Leaves, and not by an orderly close: that could mean only that the client has sent all it wants to. */
  const leave = (client) => {
    const left = new Promise((resolve) => client.on("error", () => {}).on("close", resolve));
    client.socket.resetAndDestroy();
    return left;
  };
  const told = async (asked) => (await ask(asked)).bytes.toString();
  const found = (key) => told(`find ${key}`);
  /** Until what was sent before is certainly inside: a later request has been answered. */
  const arrived = async () => {
    for (let round = 0; round < 3; round += 1) await found("nothing");
  };
  /** Passes an answer on, until it is stored or not. */
  const pass = async (key, path, { most = 100_000, how = "pass" } = {}) => {
    const passed = await ask(`${how} ${key} ${most} ${path}`);
    assert.equal(await told(`wait ${key}`), "done");
    return passed;
  };

  test(`${name}: what is stored is found until it is forgotten`, async () => {
    assert.equal(await found("a"), "nothing");
    assert.equal(await told("store a 3600 hello"), "done");
    assert.equal(await found("a"), "item 5 - -");
    const given = await ask("give a");
    assert.deepEqual([given.status, given.headers["content-length"], String(given.bytes)], [200, "5", "hello"]);
    assert.equal(given.headers["x-name"], "stored");
    assert.equal(await told("store a 3600 other-words"), "done");
    assert.equal(String((await ask("give a")).bytes), "other-words");
    assert.equal(await told("forget a"), "done");
    assert.equal(await found("a"), "nothing");
    assert.equal(await told("forget a"), "done");
  });

  test(`${name}: what is stored is let go of when its time is over`, async () => {
    assert.equal(await told("store long 3600 x"), "done");
    assert.equal(await told("store short 1 x"), "done");
    while ((await found("short")) !== "nothing");
    assert.equal(await found("long"), "item 1 - -");
  });

  test(`${name}: the way to variants has no body`, async () => {
    assert.equal(await told("way w"), "done");
    assert.equal(await found("w"), "way");
  });

  test(`${name}: an answer is stored on its way, with its length or without`, async () => {
    for (const [path, length, expected] of [
      ["/long", "5000", "x".repeat(5000)],
      ["/pieces", undefined, "x".repeat(5000) + "y".repeat(5000)],
      ["/redirect", undefined, ""],
      ["/nothing", undefined, "nothing here"],
    ]) {
      const passed = await pass(`passed${path}`, path);
      assert.equal(String(passed.bytes), expected);
      if (length !== undefined) assert.equal(passed.headers["content-length"], length);
      assert.equal(await found(`passed${path}`), `item ${expected.length} - -`);
      const given = await ask(`give passed${path}`);
      assert.deepEqual([given.status, given.broken, String(given.bytes)], [passed.status, false, expected], path);
      assert.equal(given.headers["content-length"], String(expected.length));
    }
  });

  test(`${name}: an answer without a body is stored`, async () => {
    assert.equal((await pass("gone", "/gone")).status, 204);
    assert.equal(await found("gone"), "item 0 - -");
    assert.equal((await ask("give gone")).status, 204);
  });

  test(`${name}: an encoded body is stored as it came`, async () => {
    const passed = await pass("gzip", "/gzip");
    const given = await ask("give gzip");
    for (const { headers, bytes } of [passed, given]) {
      assert.equal(headers["content-encoding"], "gzip");
      assert.equal(gunzipSync(bytes).length, 1_000_000);
    }
    assert.deepEqual(given.bytes, passed.bytes);
  });

  test(`${name}: a large answer is stored as well`, async () => {
    const passed = await pass("large", `/large/${largest}`, { most: 2 * LARGE.length });
    assert.equal(passed.headers["content-length"], String(largest));
    assert.ok(passed.bytes.equals(large));
    assert.equal(await found("large"), `item ${largest} - -`);
    assert.ok((await ask("give large")).bytes.equals(large));
    const first = largest - (largest % 10) - 19;
    const part = await ask(`give large ${first} 12`);
    assert.deepEqual([String(part.bytes), part.headers["content-length"]], ["123456789012", "12"]);
  });

  test(`${name}: a part is exactly the bytes that are asked for`, async () => {
    await pass("whole", "/pieces");
    for (const [first, length, expected] of [
      [0, 1, "x"], [4998, 4, "xxyy"], [9999, 1, "y"], [0, 10_000, "x".repeat(5000) + "y".repeat(5000)],
    ]) {
      const part = await ask(`give whole ${first} ${length}`);
      assert.deepEqual([part.status, part.broken, String(part.bytes)], [206, false, expected]);
      assert.equal(part.headers["content-length"], String(length));
    }
  });

  test(`${name}: an entity tag is made of the body`, async () => {
    await pass("tagged", "/text", { how: "tag" });
    // The first half of the SHA-256 of `text`.
    assert.equal(await found("tagged"), 'item 4 "982d9e3eb996f559e633f4d194def376" -');
  });

  test(`${name}: what just fits is stored, and what is longer goes by`, async () => {
    for (const [path, length] of [["/long", 5000], ["/pieces", 10_000]]) {
      await pass(`fits${path}`, path, { most: length });
      assert.equal(await found(`fits${path}`), `item ${length} - -`);
      const passed = await pass(`beyond${path}`, path, { most: length - 1 });
      assert.equal(passed.bytes.length, length);
      assert.equal(await found(`beyond${path}`), "nothing");
    }
  });

  test(`${name}: an answer that breaks off is not stored, and leaves what was stored before`, async () => {
    for (const path of ["/broken", "/broken-pieces", "/broken-large"]) {
      assert.ok((await pass(`broke${path}`, path, { most: 2 * LARGE.length })).broken, path);
      assert.equal(await found(`broke${path}`), "nothing");
      assert.equal(await told(`store kept${path} 3600 before`), "done");
      await pass(`kept${path}`, path, { most: 2 * LARGE.length });
      assert.equal(String((await ask(`give kept${path}`)).bytes), "before");
    }
  });

  test(`${name}: an answer for nobody is stored as well, or it is told why not`, async () => {
    for (const [path, length] of [["/long", 5000], ["/pieces", 10_000], ["/gone", 0]]) {
      assert.equal(await told(`whole nobody${path} ${length} ${path}`), "done");
      assert.equal(await found(`nobody${path}`), `item ${length} - -`);
    }
    for (const path of ["/broken", "/broken-pieces"]) {
      assert.match(await told(`whole nobody${path} 100000 ${path}`), /^failed /);
      assert.equal(await found(`nobody${path}`), "nothing");
    }
    for (const path of ["/long", "/pieces"]) {
      assert.equal(await told(`whole much${path} 4999 ${path}`), "failed the body is longer than 4999 bytes");
      assert.equal(await found(`much${path}`), "nothing");
    }
  });

  test(`${name}: a stored body is stored anew under another head`, async () => {
    for (const [path, body] of [["/pieces", "x".repeat(5000) + "y".repeat(5000)], [`/large/${largest}`, String(large)]]) {
      await pass(`renewed${path}`, path, { most: 2 * LARGE.length });
      const given = await ask(`renew renewed${path} new`);
      assert.deepEqual([given.status, given.headers["x-mark"]], [200, "new"]);
      assert.ok(String(given.bytes) === body);
      // It is stored behind the answer, and nothing says when.
      const renewed = `item ${body.length} - new`;
      for (let asked = 0; asked < 1000 && (await found(`renewed${path}`)) !== renewed; asked += 1);
      assert.equal(await found(`renewed${path}`), renewed);
      assert.ok(String((await ask(`give renewed${path}`)).bytes) === body);
    }
  });

  test(`${name}: of equal requests one leads, and the others go on when it is done`, async () => {
    const leader = told("lead crowd /flight");
    await upstream().arrival();
    const followers = Array.from({ length: 8 }, () => told("lead crowd /flight"));
    await arrived();
    // Another key has another leader.
    assert.equal(await told("lead other /text"), "led");
    upstream().release();
    assert.equal(await leader, "led");
    assert.deepEqual(await Promise.all(followers), Array(8).fill("followed"));
    assert.equal(await told("lead crowd /text"), "led");
  });

  test(`${name}: whoever leads may leave, and the others go on`, async () => {
    const leader = send("lead left /flight");
    await upstream().arrival();
    const followers = Array.from({ length: 4 }, () => told("lead left /flight"));
    await arrived();
    await leave(leader);
    assert.deepEqual(await Promise.all(followers), Array(4).fill("followed"));
    upstream().release();
    assert.equal(await told("lead left /text"), "led");
  });

  test(`${name}: a client that leaves early lets nobody wait, and what is stored then is whole`, async () => {
    const leader = send("pass early 1000 /halves");
    await once(leader, "response");
    await leave(leader);
    await arrived();
    upstream().release();
    assert.equal(await told("wait early"), "done");
    const stored = await found("early");
    assert.match(stored, /^(nothing|item 8 - -)$/);
    if (stored !== "nothing") assert.equal(String((await ask("give early")).bytes), "halfhalf");
  });
}
