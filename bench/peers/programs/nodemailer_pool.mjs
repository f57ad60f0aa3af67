// nodemailer with its pool, and nothing else: the queue is in the memory of the process.
import { createTransport } from "nodemailer";
import { addresses, letter, server, timed } from "./letter.mjs";

const transport = createTransport({ ...server, pool: true, maxConnections: 20, maxMessages: Infinity });
const [verb, count, name] = process.argv.slice(2);
const took = [];
const sent = addresses(count, name).map((address) => {
  const began = performance.now();
  const promise = transport.sendMail(letter(address));
  took.push(performance.now() - began);
  return promise;
});
if (verb === "hand") timed(took);
await Promise.all(sent);
transport.close();
