-- Makes ready what was put off until now, and what a worker was hinted at and never claimed.
--
-- KEYS  1 later  ZSET  delivery -> when it may go (unix seconds)
--       2 hinted ZSET  delivery -> end of the hint's lease (unix seconds)
--       3 ready  ZSET  delivery -> urgency
-- ARGV  1 how many of each at most  2 now (unix seconds), from a look at the clocks that found
--         nothing wrong  3 prefix of delivery keys
--       4.. kind, how far ahead of their deadlines its deliveries stand in the queue (seconds) each
--
-- Returns how many became ready.

local now = tonumber(ARGV[2])
local moment = string.format('%.3f', now)
local ahead = {}
for i = 4, #ARGV, 2 do ahead[ARGV[i]] = tonumber(ARGV[i + 1]) end

-- As urgent as the moment it waited for: it overtakes what was planned after that. What is useless
-- soon keeps the place that it had (`urgency.py`).
local function urgency(id)
  local row = redis.call('HMGET', ARGV[3] .. id, 'kind', 'until')
  local early = row[1] and row[2] and ahead[row[1]]
  return early and string.format('%.3f', math.min(now, tonumber(row[2]) - early)) or moment
end

-- Read first, then written in as few commands as Lua has room for on its stack: 4 µs for each, where
-- a command for each takes 16.
local TOGETHER = 1000
local woken = 0
for _, key in ipairs({ KEYS[1], KEYS[2] }) do
  local found = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, ARGV[1])
  local scored = {}
  for i, id in ipairs(found) do
    -- What cannot be read may not keep the others waiting.
    local legible, answer = pcall(urgency, id)
    scored[2 * i - 1], scored[2 * i] = legible and answer or moment, id
  end
  if #found > 0 then redis.call('ZREMRANGEBYRANK', key, 0, #found - 1) end
  for at = 1, #scored, 2 * TOGETHER do
    redis.call('ZADD', KEYS[3], 'NX', unpack(scored, at, math.min(at + 2 * TOGETHER - 1, #scored)))
  end
  woken = woken + #found
end
return woken
