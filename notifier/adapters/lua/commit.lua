-- Writes steps one after the other; of each everything that it makes true, or nothing.
--
-- KEYS  1 events    STREAM  the inbox
--       2 seen      ZSET    event key -> when it was applied
--       3 due       ZSET    conference -> next reminder
--       4 spreading ZSET    notice to everyone -> since when
--       5 cursors   HASH    notice to everyone -> cursor
--       6 counters  HASH
--       7 notices   ZSET    notice -> when
--       8 conferences SET   ids
--       9 log       STREAM  of outcomes: those that are final from the start, or came back
--      10 suppressions ZSET digest of an address -> until when it gets no mail
--      11 their entries HASH digest of an address -> JSON
--      12 behind    ZSET    source of events -> when it last knew less than it did
--      13 settings  HASH    revision, tables
-- Further keys are named in full in the steps: conferences HASH (known, etag, version), their lists
-- HASH person key -> row, notices, deliveries and their indexes; one Redis, no cluster.
--
-- ARGV  1 list of steps (MessagePack); their fields are told in commitments.py
--       2 group  3 prefix of delivery keys  4 how long sets of untold people are kept (seconds)
--
-- Returns for each 'applied', 'duplicate' (event seen before; acknowledged now), 'gone' (not ours
-- any more), 'conflict' (the conference, the cursor or the settings moved on), or the fault that
-- it met; one that fails spoils no other. In each step reads come first: Redis isolates a script
-- but rolls nothing back.

local EVENTS, SEEN, DUE, SPREADING, CURSORS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local COUNTERS, NOTICES, CONFERENCES, LOG = KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local group, prefix, kept = ARGV[2], ARGV[3], ARGV[4]
local call = redis.call
local now = redis.call('TIME')
local seconds = tonumber(now[1]) + tonumber(now[2]) / 1000000
local revision = call('HGET', KEYS[13], 'revision') or '0'

-- What stands in one key for all steps is written behind the last of them: each command costs Redis
-- 2 µs besides its work, and a step for one person would need ten more. What is seen comes behind
-- what it means, and what is acknowledged last.
local seen, seen_now, noted, known = {}, {}, {}, {}
local due, counts, acknowledged, queues = {}, {}, {}, {}

local function add(list, ...)
  for i = 1, select('#', ...) do list[#list + 1] = (select(i, ...)) end
end

local function count(name, number) counts[name] = (counts[name] or 0) + number end

local function write_what_is_shared()
  local later, never = {}, {}
  for conference, moment in pairs(due) do
    if moment == '-' then add(never, conference) else add(later, moment, conference) end
  end
  if #known > 0 then call('SADD', CONFERENCES, unpack(known)) end
  if #never > 0 then call('ZREM', DUE, unpack(never)) end
  if #later > 0 then call('ZADD', DUE, unpack(later)) end
  if #noted > 0 then call('ZADD', NOTICES, unpack(noted)) end
  for queue, scored in pairs(queues) do call('ZADD', queue, unpack(scored)) end
  if #seen > 0 then call('ZADD', SEEN, unpack(seen)) end
  for name, number in pairs(counts) do call('HINCRBY', COUNTERS, name, number) end
  if #acknowledged > 0 then call('XACK', EVENTS, group, unpack(acknowledged)) end
end

-- Whoever was taken off the list believes to be on it until that has left; a doubt is no word. Of
-- another life of the conference that says nothing, and neither does what took nothing back.
local LEFT = { in_data = true, sent = true }
local NOTHING = { not_on_list = true, never_told = true }
local function knows_nothing(removal, key)
  if removal == '' then return true end
  local row = call('HMGET', removal, 'state', 'why', 'lives')
  local another_life = row[3] ~= call('HGET', key, 'lives')
  return not row[1] or another_life or LEFT[row[1]] or NOTHING[row[2]]
end

local function standing_already(people)
  local all = {}
  for i, person in ipairs(people) do all[i] = prefix .. person[1] end
  return call('EXISTS', unpack(all)) > 0
end

-- Deliveries that differ by their people only: what all of them need is written once for all.
local function plan(batch)
  local fields, shared = batch.shared, #batch.shared
  local waits = batch.state == 'pending'
  local look = standing_already(batch.people)
  local planned, marks, twice = {}, {}, {}
  local scored = queues[batch.queue] or {}
  for _, person in ipairs(batch.people) do
    local id = person[1]
    local key = prefix .. id
    if not twice[id] and (not look or call('EXISTS', key) == 0) then
      twice[id] = true
      local all = shared
      for i = 6, #person do
        all = all + 1
        fields[all] = person[i]
      end
      call('HSET', key, unpack(fields, 1, all))
      if person[2] ~= '' then call('RPUSH', person[2], person[3]) end
      planned[#planned + 1] = id
      if not waits then
        call('XADD', LOG, '*', 'd', id, 's', batch.state)
      else
        add(scored, batch.score, id)
        queues[batch.queue] = scored
      end
      if person[4] ~= '' and knows_nothing(person[5], key) then
        marks[#marks + 1] = person[4]
      end
    end
  end
  if #planned == 0 then return end
  call('RPUSH', batch.told, unpack(planned))
  count('deliveries_planned', #planned)
  if not waits then count('deliveries_' .. batch.state, #planned) end
  if #marks > 0 then
    call('SADD', batch.untold, unpack(marks))
    call('EXPIRE', batch.untold, kept)
  end
end

local function write(step)
  local entry, event, conference, slice = step.entry, step.event, step.conference, step.slice_of

  if entry and #call('XPENDING', EVENTS, group, entry, entry, 1) == 0 then return 'gone' end
  if event and (seen_now[event] or call('ZSCORE', SEEN, event)) then
    if entry then call('XACK', EVENTS, group, entry) end
    count('events_duplicate', 1)
    return 'duplicate'
  end
  if step.etag and (call('HGET', step.record or '', 'etag') or '0') ~= step.etag then
    return 'conflict'
  end
  if step.under and step.under ~= revision then return 'conflict' end
  if slice and (call('HGET', CURSORS, slice) or '') ~= (step.cursor or '') then
    return 'conflict'
  end

  if conference then
    local fields = {}
    if step.known then add(fields, 'known', step.known) end
    if step.next_etag then add(fields, 'etag', step.next_etag) end
    if #fields > 0 then call('HSET', step.record, unpack(fields)) end
    if step.known then add(known, conference) end
    if step.bump then call('HINCRBY', step.record, 'version', 1) end
    if step.due then due[conference] = step.due end
  end
  if step.counter then count(step.counter, 1) end
  if step.rows then call('HSET', step.members, unpack(step.rows)) end

  for _, notice in ipairs(step.notices or {}) do
    local id, key, text, spreads = unpack(notice)
    if call('SET', key, text, 'NX') then
      add(noted, seconds, id)
      if spreads then
        call('ZADD', SPREADING, seconds, id)
        call('HSET', CURSORS, id, '0')
      end
    end
  end

  for _, batch in ipairs(step.batches or {}) do plan(batch) end

  if step.suppressed then
    local digest, ends, text = unpack(step.suppressed)
    call('ZADD', KEYS[10], ends, digest)
    call('HSET', KEYS[11], digest, text)
  end

  if step.returned then
    local id, key, why = unpack(step.returned)
    -- That it was taken stays true; a bounce of what nobody knows, or of what was erased, is
    -- nothing.
    local row = call('HMGET', key, 'state', 'to')
    if row[1] == 'sent' and row[2] then
      call('HSET', key, 'why', why, 'updated', string.format('%.3f', seconds))
      call('XADD', LOG, '*', 'd', id, 's', 'sent')
    end
  end

  if slice then
    if step.next_cursor == '0' then
      call('ZREM', SPREADING, slice)
      call('HDEL', CURSORS, slice)
    else
      call('HSET', CURSORS, slice, step.next_cursor)
    end
  end

  if step.final and event then
    add(seen, seconds, event)
    seen_now[event] = true
    count('events_applied', 1)
    if step.behind then
      count('events_behind', 1)
      call('ZADD', KEYS[12], seconds, step.behind)
      call('ZREMRANGEBYRANK', KEYS[12], 0, -101) -- a source may be anything
    end
    if entry then add(acknowledged, entry) end
  end
  return 'applied'
end

local answers = {}
for i, step in ipairs(cmsgpack.unpack(ARGV[1])) do
  -- What comes later is later: notices are spread in the order in which they were decided.
  seconds = seconds + 0.000001
  local whole, answer = pcall(write, step)
  if not whole then
    -- A table in some versions, text in others, and with the end of a line in one.
    local fault = type(answer) == 'table' and answer.err or tostring(answer)
    answer = redis.error_reply((string.gsub(fault, '[\r\n]', ' ')))
  end
  answers[i] = answer
end
write_what_is_shared()
return answers
