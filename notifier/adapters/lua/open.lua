-- Lets deliveries leave this Redis for as long as its process lives: somebody has looked at it.
--
-- KEYS  1 pass       STRING the process that was looked at
--       2 quarantine HASH   since, reason, point
--       3 ledger     HASH   id, before
-- ARGV  1 process (run_id)  2 the id of the ledger that was seen, or '' if there was none
--       3 the id of a new one
--
-- Returns 1, or 0 if it is closed or has changed since it was looked at.

if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local id = redis.call('HGET', KEYS[3], 'id') or ''
if id ~= ARGV[2] then return 0 end
-- A removal first: it is allowed in a Redis whose memory is full, and so is what follows it.
redis.call('DEL', KEYS[1])
if id == '' then redis.call('HSET', KEYS[3], 'id', ARGV[3]) end
redis.call('SET', KEYS[1], ARGV[1])
return 1
