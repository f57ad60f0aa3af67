-- Notes that a page of the audit was looked at; the last one ends the walk.
--
-- KEYS  1 audit    HASH   as in turn.lua
--       2 reindex  STRING what asks for a walk in a hurry
--       3 counters HASH
--
-- ARGV  1 the cursor of the page  2 what its walk follows, or ''
--       3 the next cursor, or '' after the last page
--       4 conferences seen  5 of them mended
--
-- Returns 1, or 0 where somebody else was faster, or where something asks for another walk.

local walk = redis.call('HMGET', KEYS[1], 'cursor', 'asked')
if walk[1] ~= ARGV[1] or walk[2] ~= ARGV[2] then return 0 end

redis.call('HINCRBY', KEYS[3], 'index_checked', ARGV[4])
local seen = redis.call('HINCRBY', KEYS[1], 'seen', ARGV[4])
local mended = redis.call('HINCRBY', KEYS[1], 'mended', ARGV[5])
-- The next page of a walk in a hurry is anybody's at once.
if ARGV[2] ~= '' then redis.call('HDEL', KEYS[1], 'turn') end
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[1], 'cursor', ARGV[3])
  return 1
end
local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'last_asked', ARGV[2], 'last_began', redis.call('HGET', KEYS[1], 'began'),
  'last_ended', time[1], 'last_seen', seen, 'last_mended', mended)
redis.call('HDEL', KEYS[1], 'cursor')
-- What was asked for since then stays.
if ARGV[2] ~= '' and redis.call('GET', KEYS[2]) == ARGV[2] then redis.call('DEL', KEYS[2]) end
return 1
