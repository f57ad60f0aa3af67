-- Renews the leases of a worker that is alive and still on its way to the fence.
--
-- KEYS  1 leases  ZSET  delivery -> end of the claim's lease (unix seconds)
-- ARGV  1 token  2 lease (seconds)  3 prefix of delivery keys  4.. ids
--
-- Returns how many were renewed. Behind the fence another, longer lease runs.

local ends = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2])
local renewed = 0
for i = 4, #ARGV do
  local row = redis.call('HMGET', ARGV[3] .. ARGV[i], 'state', 'token')
  if row[1] == 'sending' and row[2] == ARGV[1] then
    renewed = renewed + 1
    -- Removed first, which is allowed in a Redis whose memory is full, and so is what follows.
    redis.call('ZREM', KEYS[1], ARGV[i])
    redis.call('ZADD', KEYS[1], ends, ARGV[i])
  end
end
return renewed
