-- Takes the person out of deliveries; what became of them stays. What was still to leave does not.
--
-- KEYS  1 ready    ZSET  delivery -> urgency
--       2 later    ZSET  delivery -> when it may go
--       3 hinted   ZSET  delivery -> end of the hint's lease
--       4 leases   ZSET  delivery -> end of the claim's lease
--       5 counters HASH
--       6 log      STREAM of outcomes
-- ARGV  1 prefix of delivery keys  2 what stands in for the person's key  3 reason of what is stopped
--       4.. id, reason that may stay or '' each
--
-- Returns how many were stopped. A claim loses its token, so that the fence tells its worker that it
-- is lost; of what is behind the fence the answer is still recorded.

local OPEN = { pending = true, sending = true, unknown = true }
local now = redis.call('TIME')
local moment = string.format('%.3f', tonumber(now[1]) + tonumber(now[2]) / 1000000)
local stopped = 0
for i = 4, #ARGV, 2 do
  local id, why = ARGV[i], ARGV[i + 1]
  local key = ARGV[1] .. id
  local state = redis.call('HGET', key, 'state')
  if state then
    redis.call('HDEL', key, 'name', 'to', 'link', 'lang', 'zone', 'why', 'first', 'who', 'at', 'by')
    redis.call('HSET', key, 'key', ARGV[2])
    if OPEN[state] then
      for queue = 1, 4 do redis.call('ZREM', KEYS[queue], id) end
      redis.call('HDEL', key, 'token', 'from')
      redis.call('HSET', key, 'state', 'superseded', 'why', ARGV[3], 'updated', moment)
      redis.call('HINCRBY', KEYS[5], 'deliveries_superseded', 1)
      redis.call('XADD', KEYS[6], '*', 'd', id, 's', 'superseded')
      stopped = stopped + 1
    elseif why ~= '' then
      redis.call('HSET', key, 'why', why)
    end
  end
end
return stopped
