-- Writes outcomes that an export remembers and this Redis has lost; nothing is sent because of it.
--
-- KEYS  1 ready   ZSET  delivery -> urgency
--       2 later   ZSET  delivery -> when it may go
--       3 hinted  ZSET  delivery -> end of the hint's lease
--       4 leases  ZSET  delivery -> end of the claim's lease
--       5 notices ZSET  notice -> when
-- Further keys (deliveries, their indexes) are named in ARGV in full: one Redis, no cluster.
--
-- ARGV  for each delivery: id, key, notice, key of its notice's list, when (unix seconds),
--       index key or '', index entry, state, reason, tries, doubts, updated,
--       '' or, where it told its person or may have, the set of untold people and their mark there,
--       number of fields, then field, value each: the whole row, should it be missing
--
-- Returns how many were marked and how many were written back. What is final here stays as it is.

local FINAL = { sent = true, failed = true, superseded = true, expired = true, skipped = true }
local at = 1
local function take()
  at = at + 1
  return ARGV[at - 1]
end

local marked, restored = 0, 0
while at <= #ARGV do
  local id, key, notice, list, made = take(), take(), take(), take(), take()
  local index, index_entry = take(), take()
  local state, why, tries, doubts, updated = take(), take(), take(), take(), take()
  local untold = take()
  if untold ~= '' then redis.call('SREM', untold, take()) end
  local fields = tonumber(take())
  local here = redis.call('HGET', key, 'state')
  if here and not FINAL[here] then
    for i = 1, 4 do redis.call('ZREM', KEYS[i], id) end
    redis.call('HDEL', key, 'token', 'from')
    redis.call('HSET', key, 'state', state, 'why', why, 'tries', tries, 'doubts', doubts,
               'updated', updated)
    marked = marked + 1
  elseif not here and fields > 0 then
    redis.call('HSET', key, unpack(ARGV, at, at + 2 * fields - 1))
    redis.call('RPUSH', list, id)
    redis.call('ZADD', KEYS[5], 'NX', made, notice)
    if index ~= '' then redis.call('RPUSH', index, index_entry) end
    restored = restored + 1
  end
  at = at + 2 * fields
end
return { marked, restored }
