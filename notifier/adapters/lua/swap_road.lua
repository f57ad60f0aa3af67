-- Writes how a road stands, if it still stands as it was looked at.
--
-- KEYS  1 roads  HASH  road -> breaker (JSON); a road that works has no field
-- ARGV  1 road  2 the breaker that was seen, or ''  3 the new one, or '' for a road that works
--
-- Returns 1, or 0 if somebody else was first: look again.

if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
-- Removed before it is written: a Redis that is full lets a script go on that began so.
redis.call('HDEL', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1
