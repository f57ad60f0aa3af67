// The letter that all peers send, for those on Node: see letter.py.
import { readFileSync } from "node:fs";

const given = JSON.parse(readFileSync(process.env.PEERS_LETTER, "utf8"));

export const server = { host: "127.0.0.1", port: given.port, secure: false, ignoreTLS: true };

export function addresses(count, name) {
  return Array.from({ length: Number(count) }, (_, at) => `${name}-${at}@example.org`);
}

export function letter(address) {
  return {
    from: given.sender,
    to: `Anna Lena Müller <${address}>`,
    subject: given.subject,
    text: given.text,
    html: given.html,
    icalEvent: { method: "REQUEST", content: given.calendar },
  };
}

export function timed(took) {
  console.log(JSON.stringify(took));
}
