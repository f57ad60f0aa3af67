// BullMQ with nodemailer: jobs in Redis, workers that send them through a pool.
import { Queue, Worker } from "bullmq";
import IORedis from "ioredis";
import { createTransport } from "nodemailer";
import { addresses, letter, server, timed } from "./letter.mjs";

// Jobs that travel together: its manual advises addBulk, and warns of very large ones.
const BATCH = 1000;
// Jobs side by side, as many as the pool has connections.
const CONCURRENCY = 20;

const connection = new IORedis(process.env.PEERS_REDIS, { maxRetriesPerRequest: null });
const done = { removeOnComplete: true };
const [verb, count, name] = process.argv.slice(2);

if (verb === "send") {
  const transport = createTransport({
    ...server, pool: true, maxConnections: CONCURRENCY, maxMessages: Infinity,
  });
  const worker = new Worker("mails", (job) => transport.sendMail(letter(job.data.address)), {
    connection, concurrency: CONCURRENCY,
  });
  worker.on("error", (error) => console.error(error.message));
} else {
  const queue = new Queue("mails", { connection });
  const to = addresses(count, name);
  if (verb === "hand") {
    const took = [];
    for (const address of to) {
      const began = performance.now();
      await queue.add("mail", { address }, done);
      took.push(performance.now() - began);
    }
    timed(took);
  } else {
    for (let at = 0; at < to.length; at += BATCH) {
      const batch = to.slice(at, at + BATCH);
      await queue.addBulk(batch.map((address) => ({ name: "mail", data: { address }, opts: done })));
    }
  }
  await queue.close();
  connection.disconnect();
}
