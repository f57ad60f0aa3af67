-- Gives the most urgent ready deliveries to whoever will hint a worker at them.
--
-- KEYS  1 ready   ZSET  delivery -> urgency
--       2 hinted  ZSET  delivery -> end of the hint's lease (unix seconds)
-- ARGV  1 how many at most  2 how many may be hinted at one time  3 lease (seconds)
--       4 prefix of delivery keys
--
-- Returns id, kind, crashes ('' for none), id, kind, crashes, ...

local room = tonumber(ARGV[2]) - redis.call('ZCARD', KEYS[2])
local count = math.min(tonumber(ARGV[1]), room)
if count <= 0 then return {} end
local popped = redis.call('ZPOPMIN', KEYS[1], count)
local ends = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[3])
local found = {}
for i = 1, #popped, 2 do
  local id = popped[i]
  local row = redis.call('HMGET', ARGV[4] .. id, 'kind', 'crashes')
  if row[1] then
    redis.call('ZADD', KEYS[2], ends, id)
    found[#found + 1] = id
    found[#found + 1] = row[1]
    found[#found + 1] = row[2] or ''
  end
end
return found
