// How much faster WebCrypto verifies than portable code does in Wasm: both in one run inside of workerd, with the test build.
// Read the ratios. The times are of one machine, and workerd here lets its clock go on while it computes, as Cloudflare does not.

import { Cases } from "./cases.mjs";

const ALGORITHMS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  ES384: { name: "ECDSA", hash: "SHA-384", namedCurve: "P-384" },
  ES512: { name: "ECDSA", hash: "SHA-512", namedCurve: "P-521" },
  EdDSA: { name: "Ed25519" },
};

/** As long as the signed part of an ordinary token. */
const MESSAGE = crypto.getRandomValues(new Uint8Array(500));

let port;
const cases = new Cases((message) => {
  if (message.error) throw new Error(message.error);
  port ??= message.port;
});
const routes = [{ name: "all", to: { respond: { body: "" } } }];
await cases.start([{ id: "measure", build: "test", vars: { TIDEGATE_CONFIG: JSON.stringify({ routes }) } }]);

console.log("algorithm  WebCrypto  portable  ratio");
for (const [name, algorithm] of Object.entries(ALGORITHMS)) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const jwk = Buffer.from(JSON.stringify({ ...(await crypto.subtle.exportKey("jwk", publicKey)), key_ops: undefined, alg: undefined }));
  const signature = Buffer.from(await crypto.subtle.sign(algorithm, privateKey, MESSAGE));
  const words = [jwk, Buffer.from(MESSAGE), signature].map((bytes) => bytes.toString("base64url"));
  const headers = { "x-test-measure": [name, ...words].join(" "), "cf-connecting-ip": "127.0.0.1" };
  // The first run warms up what compiles while it runs.
  await fetch(`http://127.0.0.1:${port}/`, { headers });
  const told = await (await fetch(`http://127.0.0.1:${port}/`, { headers })).text();
  const [host, portable] = told.split(" ").map(Number);
  if (!(host > 0)) throw new Error(`${name}: ${told}`);
  const columns = [`${host.toFixed(0)} µs`, `${portable.toFixed(0)} µs`, `${(portable / host).toFixed(1)}x`];
  console.log(name.padEnd(9), ...columns.map((text, at) => text.padStart([10, 9, 6][at])));
}
await cases.stopAll();
