// Asks ical.js, node-ical and html-validate, a line of JSON at a time.
'use strict';

const readline = require('node:readline');
const ICAL = require('ical.js');
const nodeIcal = require('node-ical');
const { HtmlValidate } = require('html-validate');

const MOST = 60; // occurrences

// These rules are right for pages and wrong for mails: see the README beside this folder.
const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended'],
  rules: {
    'long-title': 'off',
    'no-conditional-comment': 'off',
    'no-inline-style': 'off',
    'prefer-native-element': 'off',
    'prefer-tbody': 'off',
  },
});

// ---- ical.js ------------------------------------------------------------------------------------

function readByIcalJs(text) {
  ICAL.TimezoneService.reset();
  const calendar = new ICAL.Component(ICAL.parse(text));
  for (const zone of calendar.getAllSubcomponents('vtimezone')) {
    ICAL.TimezoneService.register(zone);
  }
  return calendar;
}

function judgeByIcalJs(text) {
  try {
    const calendar = readByIcalJs(text);
    const found = [];
    if (calendar.name !== 'vcalendar') found.push(`it is a ${calendar.name}`);
    const events = calendar.getAllSubcomponents('vevent');
    if (events.length === 0) found.push('there is no event');
    for (const each of events) {
      const event = new ICAL.Event(each);
      if (!event.uid) found.push('an event without a UID');
      if (!event.startDate) found.push('an event without a start');
      else if (event.startDate.zone === ICAL.Timezone.localTimezone)
        found.push('an event that begins at another moment for everybody');
      for (const person of each.getAllProperties('attendee')) person.getFirstValue();
      if (event.isRecurring()) event.iterator().next();
    }
    return found;
  } catch (fault) {
    return [String(fault)];
  }
}

function expandByIcalJs(text) {
  const calendar = readByIcalJs(text);
  const parts = calendar.getAllSubcomponents('vevent').map((each) => new ICAL.Event(each));
  const master = parts.find((each) => !each.isRecurrenceException());
  for (const each of parts) if (each.isRecurrenceException()) master.relateException(each);
  if (!master.isRecurring()) return [master.startDate.toUnixTime()];
  const starts = [];
  const iterator = master.iterator();
  for (let next = iterator.next(); next && starts.length < MOST; next = iterator.next()) {
    starts.push(master.getOccurrenceDetails(next).startDate.toUnixTime());
  }
  return starts.sort((a, b) => a - b);
}

// ---- node-ical ----------------------------------------------------------------------------------

function eventsByNodeIcal(text) {
  return Object.values(nodeIcal.sync.parseICS(text)).filter((each) => each.type === 'VEVENT');
}

function judgeByNodeIcal(text) {
  try {
    const found = [];
    const events = eventsByNodeIcal(text);
    if (events.length === 0) found.push('there is no event');
    for (const event of events) {
      if (!(event.start instanceof Date) || Number.isNaN(event.start.valueOf()))
        found.push('an event without a start');
      if (event.end < event.start) found.push('an event that ends before it begins');
    }
    return found;
  } catch (fault) {
    return [String(fault)];
  }
}

function expandByNodeIcal(text) {
  const starts = [];
  for (const event of eventsByNodeIcal(text)) {
    const from = new Date(event.start.valueOf() - 864e5);
    const to = new Date(event.start.valueOf() + 864e5 * 400);
    for (const each of nodeIcal.expandRecurringEvent(event, { from, to })) {
      starts.push(each.start.valueOf() / 1000);
    }
  }
  return starts.sort((a, b) => a - b).slice(0, MOST);
}

// The offset of a zone (seconds) by the tables of this Node, at moments in seconds since 1970.
function offsets({ zone, moments }) {
  try {
    const clock = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    return moments.map((moment) => {
      const shown = clock.formatToParts(new Date(moment * 1000));
      const name = shown.find((part) => part.type === 'timeZoneName').value;
      const [, sign, hours, minutes, seconds] =
        /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name);
      const size = (hours || 0) * 3600 + (minutes || 0) * 60 + (seconds || 0) * 1;
      return sign === '-' ? -size : size;
    });
  } catch {
    return [];
  }
}

// ---- html-validate ------------------------------------------------------------------------------

function judgeHtml(text) {
  const { results } = validator.validateStringSync(text);
  return results.flatMap(({ messages }) =>
    messages.map((each) => `${each.line}:${each.column} ${each.message} (${each.ruleId})`),
  );
}

const ANSWERS = {
  'ical.js findings': judgeByIcalJs,
  'ical.js starts': expandByIcalJs,
  'node-ical findings': judgeByNodeIcal,
  'node-ical starts': expandByNodeIcal,
  'html-validate findings': judgeHtml,
};

// What the libraries think aloud is not an answer.
const answer = process.stdout.write.bind(process.stdout);
for (const level of ['log', 'info', 'warn', 'debug']) console[level] = () => {};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line);
  const given =
    question.ask === 'offsets'
      ? offsets(question)
      : ANSWERS[question.ask](Buffer.from(question.content, 'base64').toString('utf8'));
  answer(`${JSON.stringify(given)}\n`);
});
