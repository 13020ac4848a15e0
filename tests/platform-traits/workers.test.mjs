// Workers, in the real workerd.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cases } from "../workers-host/cases.mjs";
import { atomic, errands, probe, singleFlight } from "./promises.mjs";
import { Upstream } from "./upstream.mjs";

const said = [];
const cases = new Cases((message) => said.push(message));
let upstream;
const at = {};

before(async () => {
  const vars = { TIDEGATE_CONFIG: JSON.stringify({ routes: [{ name: "all", to: { respond: { body: "" } } }] }) };
  upstream = await Upstream.start();
  await cases.start([
    { id: "bound", build: "test", vars },
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
singleFlight("workers", platform, () => upstream, { spreads: false });
errands("workers", platform, () => upstream, { decodes: true });

test("workers: without its binding there is no atomic store", async () => {
  assert.equal(await probe(at.unbound, "claim 1000 k"), "absent");
});
