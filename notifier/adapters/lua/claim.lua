-- Claims deliveries for one worker: whoever comes second gets nothing.
--
-- KEYS  1 hinted  ZSET  delivery -> end of the hint's lease
--       2 leases  ZSET  delivery -> end of the claim's lease (unix seconds)
--       3 ready   ZSET  delivery -> urgency
--       4 pass    STRING the process of Redis that somebody has looked at
-- ARGV  1 token  2 lease (seconds)  3 prefix of delivery keys  4.. ids
--
-- Returns for each claimed delivery its id and its fields as one flat list.

if redis.call('GET', KEYS[4]) ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then
  return false
end
local ends = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2])
local claimed = {}
for i = 4, #ARGV do
  local id = ARGV[i]
  local key = ARGV[3] .. id
  local row = redis.call('HMGET', key, 'state', 'token')
  -- Only what is due stands in one of these two: a doubled hint may not hurry what was put off.
  local due = redis.call('ZREM', KEYS[1], id) + redis.call('ZREM', KEYS[3], id) > 0
  -- The client may send a command twice: the same token is the same worker asking again.
  local again = row[1] == 'sending' and row[2] == ARGV[1]
  if again or due and (row[1] == 'pending' or row[1] == 'unknown') then
    redis.call('HSET', key, 'state', 'sending', 'token', ARGV[1])
    redis.call('ZADD', KEYS[2], ends, id)
    claimed[#claimed + 1] = { id, redis.call('HGETALL', key) }
  end
end
return claimed
