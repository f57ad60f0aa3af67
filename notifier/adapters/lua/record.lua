-- Writes how an attempt ended, if the claim is still the one that made it.
--
-- KEYS  1 delivery HASH
--       2 leases   ZSET  delivery -> end of the claim's lease (unix seconds)
--       3 later    ZSET  delivery -> when it may go (unix seconds)
--       4 ready    ZSET  delivery -> urgency
--       5 hinted   ZSET  delivery -> end of the hint's lease
--       6 counters HASH
--       7 log      STREAM of outcomes
--       8 untold   SET   marks of people whom nothing has reached yet
-- ARGV  1 id  2 token of the claim  3 new state
--       4 '' or when it may go again (unix seconds), by the clock of whoever tells us
--       5 '' or how long that is after the attempt (seconds)
--       6 '' or, where nobody came back from the attempt, the state in which it was found overdue
--       7 mark of the person, or '' where there is no conference
--       8 'tells' if this letter tells of the conference, 'removes' if it tells of a removal, or ''
--       9 how long sets of untold people are kept (seconds)
--      10 number of fields, then field, value each
--
-- A mail that was accepted is a fact and beats a lease that ran out: 'sent' is written whoever holds
-- the claim by now, unless the delivery is final. Returns 'recorded', 'late' or 'lost'.

local FINAL = { sent = true, failed = true, superseded = true, expired = true, skipped = true }
local row = redis.call('HMGET', KEYS[1], 'state', 'token', 'first')
local state, mine = row[1], row[2] == ARGV[2]
if not state or FINAL[state] then return 'lost' end
if not mine and ARGV[3] ~= 'sent' then return 'lost' end
if mine and state ~= 'sending' and state ~= 'in_data' and ARGV[3] ~= 'sent' then return 'lost' end
if ARGV[6] ~= '' then
  -- Between the look and this line its worker may have passed the fence, or renewed its lease.
  local ends = redis.call('ZSCORE', KEYS[2], ARGV[1])
  local over = ends and tonumber(ends) <= tonumber(redis.call('TIME')[1])
  if state ~= ARGV[6] or not over then return 'lost' end
end

-- Removals first: they are allowed in a Redis whose memory is full, and so is what follows them.
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[5], ARGV[1])
-- A late word knows nothing of what came after it: what was counted since then stays.
local COUNTED = { tries = true, crashes = true, doubts = true }
-- A million finished deliveries lie here, and an empty field costs ten bytes in each.
local said, empty = { 'state', ARGV[3] }, { 'first' }
for i = 11, 9 + 2 * tonumber(ARGV[10]), 2 do
  if COUNTED[ARGV[i]] and not mine then
    -- as it is
  elseif ARGV[i + 1] == '' then
    empty[#empty + 1] = ARGV[i]
  else
    said[#said + 1], said[#said + 2] = ARGV[i], ARGV[i + 1]
  end
end
redis.call('HDEL', KEYS[1], unpack(empty))
redis.call('HSET', KEYS[1], unpack(said))
if ARGV[4] ~= '' then
  -- A clock that is a day ahead puts nothing off by a day.
  local time = redis.call('TIME')
  local latest = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ARGV[5])
  local again = math.min(tonumber(ARGV[4]), latest)
  redis.call('ZADD', KEYS[3], string.format('%.3f', again), ARGV[1])
end
if ARGV[8] == 'tells' and ARGV[3] == 'sent' then
  -- Out already, unless this Redis has lost what its fence wrote.
  redis.call('SREM', KEYS[8], ARGV[7])
elseif row[3] and ARGV[3] ~= 'unknown' then
  -- The first letter came back: its person knows nothing yet. A doubt counts as told.
  redis.call('SADD', KEYS[8], ARGV[7])
  redis.call('EXPIRE', KEYS[8], ARGV[9])
elseif ARGV[8] == 'removes' and state == 'in_data' and ARGV[3] ~= 'sent' then
  -- Back on the list while it was on the wire, and it did not arrive: they never knew otherwise.
  redis.call('SREM', KEYS[8], ARGV[7])
end
redis.call('HINCRBY', KEYS[6], 'deliveries_' .. ARGV[3], 1)
if FINAL[ARGV[3]] or ARGV[3] == 'unknown' then
  redis.call('XADD', KEYS[7], '*', 'd', ARGV[1], 's', ARGV[3])
end
return mine and 'recorded' or 'late'
