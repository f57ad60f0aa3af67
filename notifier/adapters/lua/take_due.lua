-- Gives what is due to one process at a time, so that no two work through the same conferences.
--
-- KEYS  1 due  ZSET   conference -> next reminder (unix seconds)
--       2 turn STRING token of whoever works through what is due, for as long as its lease runs
-- ARGV  1 now (unix seconds)  2 how many at most  3 token  4 lease (milliseconds)
--
-- Returns conferences, the longest overdue first; none while somebody else is at it. The last batch
-- needs no lease: what is left is few. For speed only: what two do all the same is decided by the
-- etag of each conference.

local holder = redis.call('GET', KEYS[2])
local left = redis.call('PTTL', KEYS[2])
-- A lease that ends later than any can was given before the clock went back: its holder is gone.
if holder and holder ~= ARGV[3] and left >= 0 and left <= tonumber(ARGV[4]) then return {} end
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
if #found == tonumber(ARGV[2]) then
  redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
elseif holder then
  redis.call('DEL', KEYS[2])
end
return found
