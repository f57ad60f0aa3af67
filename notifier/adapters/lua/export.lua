-- Gives the outcomes that stand in the log after a place, each with the row of its delivery.
--
-- KEYS  1 log  STREAM of outcomes: d (delivery), s (the state that it came to)
-- ARGV  1 the place after which to read  2 how many at most  3 prefix of delivery keys
--
-- Returns place, delivery, state, row (field, value, …; empty where it is gone), place, …: a single
-- answer is read at once, where one for each row costs the reader four times as much.

local found = {}
for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])) do
  local said = {}
  for i = 1, #entry[2], 2 do said[entry[2][i]] = entry[2][i + 1] end
  local n = #found
  found[n + 1], found[n + 2], found[n + 3] = entry[1], said.d, said.s
  found[n + 4] = redis.call('HGETALL', ARGV[3] .. said.d)
end
return found
