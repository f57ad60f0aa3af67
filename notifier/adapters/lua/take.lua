-- Gives the most urgent ready deliveries to whoever will hint a worker at them.
--
-- KEYS  1 ready   ZSET  delivery -> urgency
--       2 hinted  ZSET  delivery -> end of the hint's lease (unix seconds)
--       3 roads   HASH  road -> breaker (JSON); a road that works has no field
--       4 pass    STRING the process of Redis that somebody has looked at
--       5 door    ZSET  worker that waits for work -> until when (unix seconds)
--       6 settings HASH revision, tables
-- ARGV  1 how many at most  2 how many may be hinted at one time  3 lease (seconds)
--       4 prefix of delivery keys  5 how many roads there are  6 prefix of bells (LIST)
--       7 how long a bell is kept (seconds)  8 for how many deliveries one worker at the door is
--         rung, and 9 how many are left to it  10 'look' where it is to look in the queue, and only
--         what is left by all is given here; or 'leave' where it is to go, for hints will come
--
-- Who is to look is told the revision of the settings in force, and who is to go, 'leave'.
--
-- Returns id, kind, crashes ('' for none), id, kind, crashes, ...

if redis.call('GET', KEYS[4]) ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then
  return false
end
-- While no road works, as many as those that are tried have room for: often none.
local function allowance(most)
  local allowed = 0
  for road = 0, tonumber(ARGV[5]) - 1 do
    local breaker = redis.call('HGET', KEYS[3], road)
    if not breaker then return most end
    breaker = cjson.decode(breaker)
    allowed = allowed + breaker.room
    if breaker.policy then break end
  end
  return math.min(most, allowed)
end

local room = allowance(tonumber(ARGV[2])) - redis.call('ZCARD', KEYS[2])
local count = math.min(tonumber(ARGV[1]), room)
local ready = redis.call('ZCARD', KEYS[1])
count = math.min(count, ready)
if count <= 0 then return {} end
local time = redis.call('TIME')

-- Those who came last are the most surely alive.
local most = math.ceil(count / ARGV[8])
local waiting = redis.call(
  'ZRANGE', KEYS[5], '+inf', time[1] + time[2] / 1e6, 'BYSCORE', 'REV', 'LIMIT', 0, most
)
local looks = ARGV[10] == 'look'
local word = looks and (redis.call('HGET', KEYS[6], 'revision') or '0') or ARGV[10]
for _, worker in ipairs(waiting) do
  redis.call('ZREM', KEYS[5], worker)
  redis.call('LPUSH', ARGV[6] .. worker, word)
  redis.call('EXPIRE', ARGV[6] .. worker, ARGV[7])
end
if looks then
  count = math.min(count, ready - #waiting * ARGV[9])
  if count <= 0 then return {} end
end

local popped = redis.call('ZPOPMIN', KEYS[1], count)
local ends = tonumber(time[1]) + tonumber(ARGV[3])
local found = {}
for i = 1, #popped, 2 do
  local id = popped[i]
  -- What cannot be read is no work for anybody, and may not take the others with it.
  local legible, row = pcall(redis.call, 'HMGET', ARGV[4] .. id, 'kind', 'crashes')
  if legible and row[1] then
    redis.call('ZADD', KEYS[2], ends, id)
    found[#found + 1] = id
    found[#found + 1] = row[1]
    found[#found + 1] = row[2] or ''
  end
end
return found
