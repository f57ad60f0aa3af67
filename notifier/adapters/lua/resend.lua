-- Puts a finished delivery back into the queue, because a person asked for it.
--
-- KEYS  1 delivery HASH
--       2 ready    ZSET  delivery -> urgency
--       3 counters HASH
--       4 later    ZSET  delivery -> when it may go
--       5 log      STREAM of outcomes: what it came to before holds no longer
--       6 hinted   ZSET  delivery -> end of the hint's lease: of a doubt that is over
-- ARGV  1 id  2 the state that was seen  3 when (unix seconds)  4 its urgency
--       5.. field, value, ...: what it may have left to its notice when it was finished
--
-- Returns 1, or 0 if the delivery is not in that state any more.

if redis.call('HGET', KEYS[1], 'state') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'pending', 'tries', '0', 'crashes', '0', 'token', '',
           'updated', ARGV[3], 'why', 'asked for again', 'asked', '1', unpack(ARGV, 5))
-- What was accepted once goes again in the same words.
if ARGV[2] == 'sent' then redis.call('HINCRBY', KEYS[1], 'again', 1) end
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[6], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
redis.call('HINCRBY', KEYS[3], 'deliveries_resent', 1)
redis.call('XADD', KEYS[5], '*', 'd', ARGV[1], 's', 'pending')
return 1
