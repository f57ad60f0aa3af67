-- Claims deliveries for one worker: whoever comes second gets nothing.
--
-- KEYS  1 hinted  ZSET  delivery -> end of the hint's lease
--       2 leases  ZSET  delivery -> end of the claim's lease (unix seconds)
--       3 ready   ZSET  delivery -> urgency
--       4 pass    STRING the process of Redis that somebody has looked at
--       5 roads   HASH  road -> breaker (JSON); a road that works has no field
-- ARGV  1 token  2 lease (seconds)  3 prefix of delivery keys
--       4 how many of the most urgent ready ones besides  5 how many of those workers may hold and
--         be hinted at together, where the rate is limited, or ''  6 how many roads there are  7.. ids
--
-- Of those besides, what a worker died with is left to a hint, under which it goes alone.
-- Returns for each claimed delivery its id and its fields as one flat list, or a fault.

if redis.call('GET', KEYS[4]) ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then
  return false
end
local ends = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2])
local claimed = {}

local function claims(id, due)
  local key = ARGV[3] .. id
  local row = redis.call('HMGET', key, 'state', 'token')
  -- The client may send a command twice: the same token is the same worker asking again.
  local again = row[1] == 'sending' and row[2] == ARGV[1]
  if again or due and (row[1] == 'pending' or row[1] == 'unknown') then
    redis.call('HSET', key, 'state', 'sending', 'token', ARGV[1])
    redis.call('ZADD', KEYS[2], ends, id)
    claimed[#claimed + 1] = { id, redis.call('HGETALL', key) }
  end
end

-- Only what is due stands in one of these two: a doubled hint may not hurry what was put off.
for i = 7, #ARGV do
  local due = redis.call('ZREM', KEYS[1], ARGV[i]) + redis.call('ZREM', KEYS[3], ARGV[i]) > 0
  -- A fault of one row spoils no other: its lease, or its hint's, decides.
  pcall(claims, ARGV[i], due)
end

-- While no road works, as many as those that are tried have room for: often none.
local function allowance(most)
  local allowed = 0
  for road = 0, tonumber(ARGV[6]) - 1 do
    local breaker = redis.call('HGET', KEYS[5], road)
    if not breaker then return most end
    breaker = cjson.decode(breaker)
    allowed = allowed + breaker.room
    if breaker.policy then break end
  end
  return math.min(most, allowed - redis.call('ZCARD', KEYS[1]))
end

local more = tonumber(ARGV[4])
if more > 0 then more = allowance(more) end
if more > 0 and ARGV[5] ~= '' then
  local held = redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2])
  more = math.min(more, tonumber(ARGV[5]) - held)
end
if more > 0 then
  local popped = redis.call('ZPOPMIN', KEYS[3], more)
  for i = 1, #popped, 2 do
    local id = popped[i]
    local well, crashes = pcall(redis.call, 'HGET', ARGV[3] .. id, 'crashes')
    if well and crashes then
      redis.call('ZADD', KEYS[3], popped[i + 1], id)
    elseif well then
      pcall(claims, id, true)
    end
  end
end
return claimed
