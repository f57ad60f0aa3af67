-- Renews the leases of a worker that is alive and still on its way to the fence.
--
-- KEYS  1 leases  ZSET  delivery -> end of the claim's lease (unix seconds)
-- ARGV  1 lease (seconds)  2 prefix of delivery keys  3.. id, token of its claim each
--
-- Returns how many were renewed. Behind the fence another, longer lease runs.

local ends = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[1])
local ids, leases = {}, {}
for i = 3, #ARGV, 2 do
  local row = redis.call('HMGET', ARGV[2] .. ARGV[i], 'state', 'token')
  if row[1] == 'sending' and row[2] == ARGV[i + 1] then
    ids[#ids + 1] = ARGV[i]
    leases[#leases + 1], leases[#leases + 2] = ends, ARGV[i]
  end
end
if #ids > 0 then
  -- Removed first, which is allowed in a Redis whose memory is full, and so is what follows.
  redis.call('ZREM', KEYS[1], unpack(ids))
  redis.call('ZADD', KEYS[1], unpack(leases))
end
return #ids
