// The JavaScript side of the cache: what touches the Cache API and the bodies that go in and come out of it.

import { discard, edited, PIECE, pipe, within } from "./host.js";

/** The field in which the head of an item travels: of an answer that is stored, nothing else is left to the host's rules. */
const ITEM = "x-tidegate-item";

/** The field that tells where its body is, if that is not with it. */
const BODY = "x-tidegate-body";

/** Where an item is. The host is no one's, and the Cache API never asks it. */
function place(key) {
  return `https://tidegate.cache/${key}`;
}

/** The Cache API, where the host has one. */
function store() {
  return globalThis.caches?.default;
}

/** What is stored under a key: its head and the Response with its body; null for nothing, undefined where there is no Cache API. */
export async function find(key) {
  const response = await store()?.match(place(key));
  // What is not there is undefined to the host, too.
  if (response === undefined) return store() && null;
  const head = response.headers.get(ITEM) ?? "";
  const elsewhere = response.headers.get(BODY);
  if (elsewhere === null) return [head, response];
  discard(response);
  const body = await store().match(place(`${key}/${elsewhere}`));
  return body === undefined ? null : [head, body];
}

/** Stores a head and bytes for so many seconds. Whether there is a Cache API. */
export async function put(key, head, seconds, bytes) {
  await store()?.put(place(key), item(seconds, { [ITEM]: head }, bytes));
  return store() !== undefined;
}

/**
 * The same with a stream of a known length. Not every host notices that a stream broke off, and one keeps what had come. So the body has a place of its
 * own, and the head, which tells that place, is only stored when the body is whole.
 */
export async function putStream(key, head, seconds, stream, length) {
  if (store() === undefined) return false;
  const whole = new FixedLengthStream(length);
  const elsewhere = crypto.randomUUID();
  const put = store().put(place(`${key}/${elsewhere}`), item(seconds, {}, whole.readable));
  const ends = await Promise.allSettled([stream.pipeTo(whole.writable), put]);
  for (const { status, reason } of ends) if (status === "rejected") throw reason;
  await store().put(place(key), item(seconds, { [ITEM]: head, [BODY]: elsewhere }, null));
  return true;
}

/** What the Cache API is given. The bytes stand in it as they came, so it must not know of an encoding. */
function item(seconds, fields, body) {
  const headers = { ...fields, "cache-control": `public, max-age=${seconds}` };
  return new Response(body, { headers, encodeBody: "manual" });
}

/** Forgets what is stored under a key. Whether there is a Cache API. */
export async function forget(key) {
  await store()?.delete(place(key));
  return store() !== undefined;
}

/** Parts a body in two: the Response with one half, and the other half as a stream, or null if there is no body. */
export function part(response) {
  const { status, statusText, headers, body } = response;
  if (body === null) return [response, null];
  const [one, other] = body.tee();
  return [new Response(one, { status, statusText, headers, encodeBody: "manual" }), other];
}

/** All bytes of a stream, or undefined if they are more than `most`. `length` is the declared one, -1 for none. */
export async function gather(stream, length, most) {
  if (length < 0) return gatherUnknown(stream, most);
  // Done by the host without JavaScript between the pieces.
  const bytes = await new Response(stream).arrayBuffer();
  if (bytes.byteLength !== length) throw new Error(`${bytes.byteLength} of ${length} bytes came`);
  return new Uint8Array(bytes);
}

async function gatherUnknown(stream, most) {
  const reader = stream.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(PIECE);
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(buffer, size));
    if (done) return new Uint8Array(value?.buffer ?? buffer, 0, size);
    size += value.byteLength;
    if (size > most) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    buffer = value.buffer;
    if (size === buffer.byteLength) buffer = buffer.transfer(2 * size);
  }
}

/**
 * A stored answer: a status, fields as edits, and the body of a stored Response, from byte `first` on `length` bytes, or all of it where `first` is -1.
 * With it comes a promise that resolves when the body has ended. A body that is shorter than its fields say breaks off.
 */
export function give(status, edits, stored, [first, length]) {
  const headers = edited(undefined, edits);
  const sink = pipe(headers);
  const moved = first < 0 ? stored.body.pipeTo(sink.writable) : cut(stored.body, sink.writable, first, length);
  return [new Response(sink.readable, { status, headers, encodeBody: "manual" }), moved.catch(() => {})];
}

/** Moves `length` bytes from byte `first` on. */
async function cut(source, sink, first, length) {
  const reader = source.getReader({ mode: "byob" });
  const writer = sink.getWriter();
  let buffer = new ArrayBuffer(PIECE);
  let [skip, left] = [first, length];
  try {
    while (left > 0) {
      const { done, value } = await reader.read(new Uint8Array(buffer));
      if (done) throw new Error("what is stored is shorter than its part");
      const wanted = value.subarray(Math.min(skip, value.byteLength)).subarray(0, left);
      skip -= Math.min(skip, value.byteLength);
      left -= wanted.byteLength;
      if (wanted.byteLength > 0) await writer.write(wanted);
      buffer = value.buffer;
    }
    await writer.close();
    reader.cancel().catch(() => {});
  } catch (error) {
    reader.cancel(error).catch(() => {});
    writer.abort(error).catch(() => {});
    throw error;
  }
}

/** How long anybody leads. A request may be gone without a word, and then its promise never settles. */
const LONGEST = 60_000;

/** More requests than an isolate has under way at the same time. */
const MOST = 4096;

/** The requests that others wait for, by key, the oldest first: a promise of their end, and when they began. */
const leaders = new Map();

/** Takes the lead for a key, until what comes back is called; undefined where somebody leads. */
export function lead(context, key) {
  const since = Date.now();
  for (const [other, leader] of leaders) {
    if (isLeading(leader, since)) break;
    leaders.delete(other);
  }
  if (leaders.has(key)) return undefined;
  let release;
  const end = new Promise((resolve) => {
    release = resolve;
  });
  // The promise settles even if the client of this request leaves.
  context.waitUntil(end);
  const leader = { end, since };
  // Where there are too many, nobody waits for this one.
  if (leaders.size < MOST) leaders.set(key, leader);
  return () => {
    if (leaders.get(key) === leader) leaders.delete(key);
    release();
  };
}

/** A clock that is set back ends a lead as well. */
function isLeading({ since }, now) {
  return now >= since && now - since < LONGEST;
}

/** Until nobody leads for a key, at most so many milliseconds. Each request waits with a timer of its own. */
export async function follow(key, milliseconds) {
  const leader = leaders.get(key);
  const now = Date.now();
  if (leader === undefined || !isLeading(leader, now)) return;
  await within(leader.end, Math.min(milliseconds, leader.since + LONGEST - now));
}
