-- Makes ready what was put off until now, and what a worker was hinted at and never claimed.
--
-- KEYS  1 later  ZSET  delivery -> when it may go (unix seconds)
--       2 hinted ZSET  delivery -> end of the hint's lease (unix seconds)
--       3 ready  ZSET  delivery -> urgency
-- ARGV  1 how many of each at most  2 now (unix seconds), from a look at the clocks that found
--         nothing wrong
--
-- Returns how many became ready.

local now = ARGV[2]
local woken = 0
for _, key in ipairs({ KEYS[1], KEYS[2] }) do
  local found = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, ARGV[1])
  for _, id in ipairs(found) do
    redis.call('ZREM', key, id)
    -- As urgent as the moment it waited for: it overtakes what was planned after that.
    redis.call('ZADD', KEYS[3], 'NX', now, id)
  end
  woken = woken + #found
end
return woken
