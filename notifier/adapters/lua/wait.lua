-- Lets a worker wait at the door, unless Celery has something for it.
--
-- KEYS  1 door    ZSET  worker -> until when it waits (unix seconds)
--       2 hinted  ZSET  delivery -> end of the hint's lease
--       3 bell    LIST  what this worker is told
--       4.. queues of Celery that carry no hints (LIST)
-- ARGV  1 worker  2 for how long (seconds)
--
-- Returns 1, or 0 where a hint or another task is on its way: each needs a worker that is free.

if redis.call('ZCARD', KEYS[2]) > 0 then return 0 end
for i = 4, #KEYS do
  if redis.call('LLEN', KEYS[i]) > 0 then return 0 end
end
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now) -- they died here
redis.call('DEL', KEYS[3]) -- what was told when it had left
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1
