// Serves the case runner: one JSON object a line in, one a line out. README.md says which.

import { createInterface } from "node:readline";
import { Cases } from "./cases.mjs";

const cases = new Cases(say);

function say(message) {
  process.stdout.write(JSON.stringify(message) + "\n");
}

const commands = {
  start: (wanted) => cases.start([wanted]),
  batch: (wanted) => cases.start(wanted),
  set: ({ id, key, value }) => cases.set(id, key, value),
  delete: ({ id, key }) => cases.delete(id, key),
  stop: ({ id }) => cases.stop(id),
};

async function obey(line) {
  let message;
  try {
    message = JSON.parse(line);
  } catch (why) {
    return say({ error: `not JSON: ${why.message}: ${line.slice(0, 80)}` });
  }
  const [name, ...others] = Object.keys(message ?? {});
  if (!Object.hasOwn(commands, name ?? "") || others.length > 0) {
    return say({ error: `expected one of ${Object.keys(commands).join(", ")}: ${line.slice(0, 80)}` });
  }
  try {
    await commands[name](message[name]);
  } catch (why) {
    say({ id: message[name]?.id ?? null, error: String(why?.stack ?? why) });
  }
}

say({ ready: true });

// Lines are obeyed as they come, not one after the other: a slow start must not hold up its neighbours.
const running = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === "") continue;
  const work = obey(line).finally(() => running.delete(work));
  running.add(work);
}
await Promise.all(running);
await cases.stopAll();
