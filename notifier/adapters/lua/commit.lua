-- Writes everything that one step makes true, or nothing.
--
-- KEYS  1 events    STREAM  the inbox
--       2 seen      ZSET    event key -> when it was applied
--       3 conference HASH   known, etag, version
--       4 members   HASH    person key -> row
--       5 due       ZSET    conference -> next reminder
--       6 spreading ZSET    notice to everyone -> since when
--       7 cursors   HASH    notice to everyone -> cursor
--       8 counters  HASH
--       9 notices   ZSET    notice -> when
--      10 conferences SET   ids
--      11 log       STREAM  of outcomes: those that are final from the start, or came back
--      12 suppressions ZSET digest of an address -> until when it gets no mail
--      13 their entries HASH digest of an address -> JSON
--      14 behind    ZSET    source of events -> when it last knew less than it did
--      15 settings  HASH    revision, tables
-- Further keys (notices, deliveries, their indexes) are named in ARGV in full: one Redis, no cluster.
--
-- ARGV  1 group  2 entry id or ''  3 event key or ''  4 conference id or ''  5 expected etag or ''
--       6 known or ''  7 '1' raises version  8 due: '' leaves, '-' removes, or unix seconds
--       9 '1' if this is the last slice of its event
--      10 notice that this is a slice of, or ''  11 expected cursor  12 next cursor
--      13 the etag that this write leaves, or ''
--      14 its source, if that knows less than it did, or ''
--      15 a counter that this write raises, or ''
--      16 the revision of the settings by which `due` was found, or ''
--      17 number of rows, then key, row each
--         number of notices, then id, key, JSON, '1' if it is to be spread each
--         how long sets of untold people are kept (seconds)
--         number of deliveries, then id, key, key of its notice's list, state, the ZSET
--         that it waits in (ready or later), its score there,
--         index key or '', index entry, number of fields, then field, value each,
--         then '' or, for a first letter, the set of untold people, the mark of its person there,
--         and '' or the key of the delivery that took this person off the list before
--         number of addresses to suppress, then digest, until (unix seconds), JSON each
--         number of mails that came back, then id and key of their delivery, reason each
--
-- Returns 'applied', 'duplicate' (event seen before; acknowledged now), 'gone' (not ours any more)
-- or 'conflict' (the conference, the cursor or the settings moved on). Reads come first: Redis
-- isolates a script but rolls nothing back.

local group, entry, event, conference = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local now = redis.call('TIME')
local seconds = tonumber(now[1]) + tonumber(now[2]) / 1000000

if entry ~= '' and #redis.call('XPENDING', KEYS[1], group, entry, entry, 1) == 0 then
  return 'gone'
end
if event ~= '' and redis.call('ZSCORE', KEYS[2], event) then
  if entry ~= '' then redis.call('XACK', KEYS[1], group, entry) end
  redis.call('HINCRBY', KEYS[8], 'events_duplicate', 1)
  return 'duplicate'
end
if ARGV[5] ~= '' and (redis.call('HGET', KEYS[3], 'etag') or '0') ~= ARGV[5] then
  return 'conflict'
end
if ARGV[8] ~= '' and ARGV[16] ~= '' and (redis.call('HGET', KEYS[15], 'revision') or '0') ~= ARGV[16]
then
  return 'conflict'
end
local slice = ARGV[10]
if slice ~= '' and (redis.call('HGET', KEYS[7], slice) or '') ~= ARGV[11] then
  return 'conflict'
end

local at = 17
local function take()
  at = at + 1
  return ARGV[at - 1]
end

if conference ~= '' then
  if ARGV[6] ~= '' then
    redis.call('HSET', KEYS[3], 'known', ARGV[6])
    redis.call('SADD', KEYS[10], conference)
  end
  if ARGV[13] ~= '' then redis.call('HSET', KEYS[3], 'etag', ARGV[13]) end
  if ARGV[7] == '1' then redis.call('HINCRBY', KEYS[3], 'version', 1) end
  if ARGV[8] == '-' then
    redis.call('ZREM', KEYS[5], conference)
  elseif ARGV[8] ~= '' then
    redis.call('ZADD', KEYS[5], ARGV[8], conference)
  end
end
if ARGV[15] ~= '' then redis.call('HINCRBY', KEYS[8], ARGV[15], 1) end

for _ = 1, tonumber(take()) do
  local key, row = take(), take()
  redis.call('HSET', KEYS[4], key, row)
end

for _ = 1, tonumber(take()) do
  local id, key, text, spreads = take(), take(), take(), take()
  if redis.call('SET', key, text, 'NX') then
    redis.call('ZADD', KEYS[9], seconds, id)
    if spreads == '1' then
      redis.call('ZADD', KEYS[6], seconds, id)
      redis.call('HSET', KEYS[7], id, '0')
    end
  end
end

-- Whoever was taken off the list believes to be on it until that has left; a doubt is no word. Of
-- another life of the conference that says nothing, and neither does what took nothing back.
local LEFT = { in_data = true, sent = true }
local NOTHING = { not_on_list = true, never_told = true }
local function knows_nothing(removal, key)
  if removal == '' then return true end
  local row = redis.call('HMGET', removal, 'state', 'why', 'lives')
  local another_life = row[3] ~= redis.call('HGET', key, 'lives')
  return not row[1] or another_life or LEFT[row[1]] or NOTHING[row[2]]
end

local kept = take()
for _ = 1, tonumber(take()) do
  local id, key, list, state, queue, score = take(), take(), take(), take(), take(), take()
  local index, index_entry, fields = take(), take(), tonumber(take())
  local row = at
  at = at + 2 * fields
  local untold = take()
  local mark, removal
  if untold ~= '' then mark, removal = take(), take() end
  if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, unpack(ARGV, row, row + 2 * fields - 1))
    redis.call('RPUSH', list, id)
    if index ~= '' then redis.call('RPUSH', index, index_entry) end
    if state == 'pending' then redis.call('ZADD', queue, score, id) end
    redis.call('HINCRBY', KEYS[8], 'deliveries_planned', 1)
    if state ~= 'pending' then
      redis.call('HINCRBY', KEYS[8], 'deliveries_' .. state, 1)
      redis.call('XADD', KEYS[11], '*', 'd', id, 's', state)
    elseif untold ~= '' and knows_nothing(removal, key) then
      redis.call('SADD', untold, mark)
      redis.call('EXPIRE', untold, kept)
    end
  end
end

for _ = 1, tonumber(take()) do
  local digest, ends, text = take(), take(), take()
  redis.call('ZADD', KEYS[12], ends, digest)
  redis.call('HSET', KEYS[13], digest, text)
end

for _ = 1, tonumber(take()) do
  local id, key, why = take(), take(), take()
  -- That it was taken stays true; a bounce of what nobody knows, or of what was erased, is nothing.
  local row = redis.call('HMGET', key, 'state', 'to')
  if row[1] == 'sent' and row[2] then
    redis.call('HSET', key, 'why', why, 'updated', string.format('%.3f', seconds))
    redis.call('XADD', KEYS[11], '*', 'd', id, 's', 'sent')
  end
end

if slice ~= '' then
  if ARGV[12] == '0' then
    redis.call('ZREM', KEYS[6], slice)
    redis.call('HDEL', KEYS[7], slice)
  else
    redis.call('HSET', KEYS[7], slice, ARGV[12])
  end
end

if ARGV[9] == '1' and event ~= '' then
  redis.call('ZADD', KEYS[2], seconds, event)
  redis.call('HINCRBY', KEYS[8], 'events_applied', 1)
  if ARGV[14] ~= '' then
    redis.call('HINCRBY', KEYS[8], 'events_behind', 1)
    redis.call('ZADD', KEYS[14], seconds, ARGV[14])
    redis.call('ZREMRANGEBYRANK', KEYS[14], 0, -101) -- a source may be anything
  end
  if entry ~= '' then redis.call('XACK', KEYS[1], group, entry) end
end
return 'applied'
