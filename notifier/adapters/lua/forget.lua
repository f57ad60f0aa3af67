-- Forgets finished deliveries of one notice, and the notice with its last.
--
-- KEYS  1 notice    STRING JSON
--       2 list      LIST   of its deliveries
--       3 notices   ZSET   notice -> when
--       4 spreading ZSET   notice to everyone -> since when
-- Further keys (deliveries, their indexes) are named in ARGV in full: one Redis, no cluster.
--
-- ARGV  1 finished before this (unix seconds)  2 notice
--       then for each delivery: id, key, number of places in indexes, then key and entry of each
--
-- Returns how many deliveries were forgotten, and whether the notice was.

local FINAL = { sent = true, failed = true, superseded = true, expired = true, skipped = true }
local before = tonumber(ARGV[1])
local forgotten = 0
local at = 3
while at <= #ARGV do
  local id, key, places = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  local row = redis.call('HMGET', key, 'state', 'updated')
  -- Since it was looked at, a person may have asked for it again.
  if not row[1] or FINAL[row[1]] and tonumber(row[2]) <= before then
    redis.call('DEL', key)
    -- The oldest stand first in both lists, so neither is read far.
    redis.call('LREM', KEYS[2], 1, id)
    for place = at + 3, at + 1 + 2 * places, 2 do
      redis.call('LREM', ARGV[place], 1, ARGV[place + 1])
    end
    forgotten = forgotten + 1
  end
  at = at + 3 + 2 * places
end
local made = redis.call('ZSCORE', KEYS[3], ARGV[2])
if not made or tonumber(made) > before or redis.call('LLEN', KEYS[2]) > 0
    or redis.call('ZSCORE', KEYS[4], ARGV[2]) then
  return { forgotten, 0 }
end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[2])
return { forgotten, 1 }
