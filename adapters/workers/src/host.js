// The JavaScript side of the adapter: what has to touch the host's own objects. Nothing here decides; it takes texts
// and numbers, and says what happened. A crossing between Wasm and JavaScript costs more than a short text does, so a
// head crosses as one text, its parts separated by line ends: no method, URL, field name or value can hold one.
// Bodies stay on this side and are piped by the host itself; their bytes never enter Wasm.

/** Method, URL, and the name and value of each field. */
export function requestHead(request) {
  return withFields(`${request.method}\n${request.url}`, request.headers);
}

/**
 * The client's certificate as a structured field (RFC 9440), if Cloudflare has verified it and does not know it as
 * revoked; else an empty text. Larger ones than 10 KB are not handed out.
 */
export function clientCertificate(request) {
  const shown = request.cf?.tlsClientAuth;
  if (shown?.certVerified !== "SUCCESS" || shown.certRevoked !== "0") return "";
  return typeof shown.certRFC9440 === "string" ? shown.certRFC9440 : "";
}

/** The country that Cloudflare sees the client in, in its own two signs; else an empty text. */
export function clientCountry(request) {
  return String(request.cf?.country ?? "");
}

/** Status, and the name and value of each field. */
export function responseHead(response) {
  return withFields(`${response.status}`, response.headers);
}

function withFields(text, headers) {
  // Repeated fields come joined, but for Set-Cookie, of which each has its turn.
  for (const [name, value] of headers) text += `\n${name}\n${value}`;
  return text;
}

/** A copy of `headers` with edits: a line for each, `-name`, or `=name` or `+name` and the value on the next line. */
export function edited(headers, edits) {
  const copy = new Headers(headers);
  const lines = edits.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const name = lines[at].slice(1);
    switch (lines[at][0]) {
      case "-": copy.delete(name); break;
      case "=": copy.set(name, lines[at += 1]); break;
      case "+": copy.append(name, lines[at += 1]); break;
    }
  }
  return copy;
}

/**
 * Asks an upstream. Resolves to its Response, or to a text: a word for what went wrong, a line end, what the host says.
 *
 * The limits, in this order: the declared length of the body, -1 for none; how many bytes a body without one may have;
 * then milliseconds, Infinity for none: from the end of the body to the head of the answer, between two pieces of its
 * body, and for the whole exchange.
 */
export async function ask(request, url, method, edits, body, [length, most, headMs, idleMs, totalMs]) {
  const controller = new AbortController();
  let answered = false;
  let ended;
  const end = (word) => {
    if (ended !== undefined) return;
    ended = word;
    controller.abort(new Error(word));
  };
  request.signal.addEventListener("abort", () => end("client"));
  const total = timer(end, totalMs, "total");
  let head;
  const sent = () => {
    if (!answered) head = timer(end, headMs, "first-byte");
  };
  const broken = () => {
    if (!answered) end("client");
  };
  try {
    const init = { method, headers: edited(request.headers, edits), redirect: "manual", signal: controller.signal };
    // Without this the host would decode an encoded body as soon as anything reads it.
    init.encodeResponseBody = "manual";
    if (method === "GET" || method === "HEAD") {
      if (!(await isEmpty(body, length))) {
        clearTimeout(total);
        return `denied\nWorkers cannot send a body with ${method}`;
      }
      sent();
    } else {
      init.body = outgoing(body, length, most, { sent, broken, end });
    }
    return kept(await fetch(url, init), controller.signal, end, idleMs, total);
  } catch (error) {
    clearTimeout(total);
    return `${ended ?? (error instanceof TypeError ? "denied" : "unknown")}\n${error?.message ?? error}`;
  } finally {
    answered = true;
    clearTimeout(head);
  }
}

function timer(end, milliseconds, word) {
  return milliseconds < Infinity ? setTimeout(end, milliseconds, word) : undefined;
}

/** Whether there is no body. One without a declared length has to be looked at. */
async function isEmpty(body, length) {
  if (body == null || length === 0) return true;
  if (length > 0 || !(body instanceof ReadableStream)) return false;
  const reader = body.getReader();
  const { done } = await reader.read();
  if (!done) await reader.cancel();
  return done;
}

/** The body for `fetch`. Calls `sent` when the upstream has taken all of it, `broken` when the client ends it early. */
function outgoing(body, length, most, { sent, broken, end }) {
  if (!(body instanceof ReadableStream)) {
    sent();
    return body;
  }
  if (length >= 0) {
    // Piped by the host without JavaScript between the pieces. Why it breaks is told by `fetch`.
    const whole = new FixedLengthStream(length);
    body.pipeTo(whole.writable).then(sent, () => {});
    return whole.readable;
  }
  let size = 0;
  const counted = new IdentityTransformStream();
  const take = async (reading) => {
    const piece = await reading.catch((error) => {
      // `fetch` would wait for the rest for ever.
      broken();
      throw error;
    });
    size += piece.value?.byteLength ?? 0;
    if (size > most) {
      // An error in the stream alone could pass for its end.
      end("too-large");
      throw new Error("too-large");
    }
    return piece;
  };
  pump(body, counted.writable, take).then(sent, () => {});
  return counted.readable;
}

/** The answer, if the host can pass it on, with the deadlines kept for its body. */
function kept(response, signal, end, idleMs, total) {
  const { status, statusText, headers, body } = response;
  if ((status < 200 || status > 599) && response.webSocket == null) {
    clearTimeout(total);
    discard(response);
    return `protocol\nthe upstream answered with status ${status}`;
  }
  if (body === null || (total === undefined && idleMs === Infinity)) {
    clearTimeout(total);
    return response;
  }
  // The host passes a body on by itself when the handler is done, and drops its timers. Moving it here keeps both.
  const watched = pipe(headers);
  const moved = idleMs < Infinity ? pump(body, watched.writable, unlessIdle) : body.pipeTo(watched.writable, { signal });
  const done = () => clearTimeout(total);
  moved.then(done, done);
  return new Response(watched.readable, { status, statusText, headers, encodeBody: "manual" });

  async function unlessIdle(reading) {
    const idle = timer(end, idleMs, "idle");
    return reading.finally(() => clearTimeout(idle));
  }
}

/** What a body can be piped through without losing its declared length. */
export function pipe(headers) {
  const length = headers.get("content-length") ?? "";
  return /^\d+$/.test(length) ? new FixedLengthStream(Number(length)) : new IdentityTransformStream();
}

/** Pieces of this size cost a tenth of what the host's own of 4 KiB do: 1.5 ms of CPU a mebibyte. */
export const PIECE = 65536;

/** Moves a body piece by piece; each reading of one goes through `take`. What breaks it breaks the sink, too. */
async function pump(source, sink, take) {
  const reader = source.getReader({ mode: "byob" });
  const writer = sink.getWriter();
  let buffer = new ArrayBuffer(PIECE);
  try {
    for (;;) {
      const { done, value } = await take(reader.read(new Uint8Array(buffer)));
      if (done) break;
      await writer.write(value);
      buffer = value.buffer;
    }
    await writer.close();
  } catch (error) {
    reader.cancel(error).catch(() => {});
    writer.abort(error).catch(() => {});
    throw error;
  }
}

/**
 * Asks on the gateway's own behalf. Resolves to the head of the answer and its bytes, or to a text as `ask` does. Nothing
 * between here and the server may answer from a cache: an answer may be about one client only.
 */
export async function errand(url, method, fields, body, [totalMs, most]) {
  const signal = AbortSignal.timeout(totalMs);
  const init = { method, headers: edited(undefined, fields), body, redirect: "manual", cache: "no-store", signal };
  try {
    const response = await fetch(url, init);
    const bytes = response.body === null ? new Uint8Array() : await read(response.body, most);
    if (bytes.byteLength > most) return `protocol\nthe answer is longer than ${most} bytes`;
    return [responseHead(response), bytes];
  } catch (error) {
    const word = signal.aborted ? "total" : error instanceof TypeError ? "denied" : "unknown";
    return `${word}\n${error?.message ?? error}`;
  }
}

/** How old work may be that is still waited for: the request it belongs to may have ended without it, and then nothing ever settles. */
const OLDEST = 10_000;

/** The work that is under way in this isolate, by key: a promise of bytes, and when it began. */
const flights = new Map();

/** Whether such work can still be waited for. */
export function isUnderWay(key) {
  return Date.now() - (flights.get(key)?.since ?? -Infinity) < OLDEST;
}

/** Keeps the promise of work until it settles. */
export function takeOff(key, work) {
  const flight = { work, since: Date.now() };
  for (const [other, { since }] of flights) if (flight.since - since >= OLDEST) flights.delete(other);
  flights.set(key, flight);
  const off = () => {
    if (flights.get(key) === flight) flights.delete(key);
  };
  work.then(off, off);
}

/** The bytes of the work under this key, or undefined. */
export async function land(key) {
  const flight = flights.get(key);
  return flight && within(flight.work, Math.max(0, flight.since + OLDEST - Date.now()));
}

/** What work comes to, or undefined if it fails or takes longer. Each request waits with a timer of its own. */
export async function within(work, milliseconds) {
  let nap;
  const late = new Promise((resolve) => {
    nap = setTimeout(resolve, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(nap);
  }
}

/** Resolves after so many milliseconds. */
export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

const RSA = "RSASSA-PKCS1-v1_5";

/** How WebCrypto calls the algorithms of RFC 7518 and RFC 8037 that have a public key. */
const ALGORITHMS = {
  RS256: { name: RSA, hash: "SHA-256" },
  RS384: { name: RSA, hash: "SHA-384" },
  RS512: { name: RSA, hash: "SHA-512" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
  PS384: { name: "RSA-PSS", hash: "SHA-384", saltLength: 48 },
  PS512: { name: "RSA-PSS", hash: "SHA-512", saltLength: 64 },
  ES256: { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" },
  ES384: { name: "ECDSA", hash: "SHA-384", namedCurve: "P-384" },
  ES512: { name: "ECDSA", hash: "SHA-512", namedCurve: "P-521" },
  EdDSA: { name: "Ed25519" },
};

/** Imported keys, those used last at the end. More than a gateway's issuers have; each takes about a kilobyte. */
const keys = new Map();
const MOST_KEYS = 256;

/** Whether such a key is here. */
export function knowsKey(algorithm, thumbprint) {
  return keys.has(algorithm + thumbprint);
}

/** Whether it is a signature of the key. A key that is not known is imported and kept; one that cannot be throws. */
export async function verify(algorithm, thumbprint, jwk, message, signature) {
  const name = algorithm + thumbprint;
  let key = keys.get(name);
  if (key === undefined) {
    key = await crypto.subtle.importKey("jwk", JSON.parse(jwk), ALGORITHMS[algorithm], false, ["verify"]);
    if (keys.size >= MOST_KEYS) keys.delete(keys.keys().next().value);
  } else {
    keys.delete(name);
  }
  keys.set(name, key);
  return crypto.subtle.verify(ALGORITHMS[algorithm], key, signature, message);
}

/** The hash of bytes. */
export async function digest(name, bytes) {
  return new Uint8Array(await crypto.subtle.digest(name, bytes));
}

/** Keeps a request going should its client leave. What comes back is called when that is no longer needed. */
export function keep(context) {
  let done;
  context.waitUntil(new Promise((resolve) => {
    done = resolve;
  }));
  return done;
}

/** The Durable Objects of this binding, if there are some. */
export function objects(env, binding) {
  return typeof env[binding]?.idFromName === "function" ? env[binding] : undefined;
}

/** What the object of this name says to a question. It stands in a body: a URL would have to end somewhere. */
export async function decide(objects, name, question, milliseconds) {
  const object = objects.get(objects.idFromName(name));
  const init = { method: "POST", body: question, signal: AbortSignal.timeout(milliseconds) };
  const response = await object.fetch("https://atomic.invalid/", init);
  return response.text();
}

/** The question that an object was asked. */
export function question(request) {
  return request.text();
}

/** Whether the limiter of this binding lets a key pass; undefined where there is no such limiter. */
export async function limit(env, binding, key) {
  if (typeof env[binding]?.limit !== "function") return undefined;
  const { success } = await env[binding].limit({ key });
  return success === true;
}

/** An upstream's answer with edits of its fields, body untouched. */
export function pass(response, edits) {
  const { status, statusText, body, webSocket } = response;
  return new Response(body, { status, statusText, headers: edited(response.headers, edits), webSocket, encodeBody: "manual" });
}

/**
 * The same, and a promise that resolves when the body has ended, whole or not. The host pipes it as before; a body costs nothing more for it. A
 * WebSocket counts as ended at once, as the host passes it on unseen.
 */
export function passWatched(response, edits) {
  const { status, statusText, headers, body } = response;
  if (body === null) return [pass(response, edits), Promise.resolve()];
  const watched = pipe(headers);
  const ended = body.pipeTo(watched.writable).catch(() => {});
  const init = { status, statusText, headers: edited(headers, edits), encodeBody: "manual" };
  return [new Response(watched.readable, init), ended];
}

/** An answer made by the gateway. Its fields come as edits. */
export function make(status, edits, bytes) {
  const body = bytes.byteLength === 0 ? null : bytes;
  return new Response(body, { status, headers: edited(undefined, edits), encodeBody: "manual" });
}

/** Lets go of an answer that nobody will read: unread, it would hold one of the few connections of its request. */
export function discard(response) {
  response.body?.cancel().catch(() => {});
  response.webSocket?.close();
}

/** The first bytes of a stream: one more than `most` if there are more. */
export async function read(stream, most) {
  const reader = stream.getReader();
  const pieces = [];
  let size = 0;
  while (size <= most) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.byteLength;
  }
  if (size > most) reader.cancel().catch(() => {});
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes.subarray(0, Math.min(size, most + 1));
}

/** A variable or secret as text. Other bindings, and what objects have by nature, are none. */
export function variable(env, name) {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  switch (typeof value) {
    case "string": return value;
    case "number": case "boolean": return String(value);
    case "object": return isData(value) ? JSON.stringify(value) : undefined;
  }
}

/** A table of wrangler.toml comes as an object. */
function isData(value) {
  return value !== null && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype);
}

/** The namespace of this binding, if there is one. */
export function namespace(env, binding) {
  return typeof env[binding]?.get === "function" ? env[binding] : undefined;
}

/** The bytes of a value, or undefined. */
export async function load(namespace, key, cacheTtl) {
  const value = await namespace.get(key, { type: "arrayBuffer", cacheTtl });
  return value === null ? undefined : new Uint8Array(value);
}

/** Stores bytes, for so many seconds unless that is undefined. */
export async function store(namespace, key, bytes, expirationTtl) {
  await namespace.put(key, bytes, { expirationTtl });
}

export async function forget(namespace, key) {
  await namespace.delete(key);
}

export function log(line) {
  console.log(line);
}

export function milliseconds() {
  return Date.now();
}

export function monotonic() {
  return performance.now();
}

export function fill(bytes) {
  crypto.getRandomValues(bytes);
}
