-- The last look before a body leaves: marks it as leaving, if the claim and the truth still hold.
--
-- KEYS  1 delivery   HASH
--       2 conference HASH  version (a key that does not exist where there is no conference)
--       3 leases     ZSET  delivery -> end of the claim's lease
--       4 pass       STRING the process of Redis that somebody has looked at
--       5 ready      ZSET  delivery -> urgency
--       6 notice     STRING JSON, 7 its list LIST of deliveries, 8 notices ZSET notice -> when:
--                    written only where the letter says something newer than what was decided
--       9 untold     SET   marks of people whom nothing has reached yet
-- ARGV  1 id  2 token  3 version of the conference that was looked at  4 lease (seconds)
--       5 etag of the conference that the letter was made from, and 6 id and 7 JSON of the notice
--         that it tells; all '' where that is the one that was decided
--       8 mark of the person, or '' where there is no conference  9 '1' if it was seen in the set
--      10 '1' if this letter tells of the conference  11 its urgency, should it have to wait
--
-- What a letter said is kept in the step that lets it go: whoever has to send it once more can make
-- the very same bytes.
-- Returns 'ok', 'lost' (the claim is not ours any more) or 'changed' (look at the conference again).

local row = redis.call('HMGET', KEYS[1], 'state', 'token')
if row[2] ~= ARGV[2] then return 'lost' end
if row[1] == 'in_data' then return 'ok' end -- the client sent the command twice
if row[1] ~= 'sending' then return 'lost' end
if redis.call('GET', KEYS[4]) ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then
  -- Closed since the claim: the delivery waits, and it was nobody's fault.
  redis.call('ZREM', KEYS[3], ARGV[1])
  redis.call('HSET', KEYS[1], 'state', 'pending', 'token', '')
  redis.call('ZADD', KEYS[5], ARGV[11], ARGV[1])
  return 'lost'
end
if (redis.call('HGET', KEYS[2], 'version') or '0') ~= ARGV[3] then return 'changed' end
local reworded = ARGV[6] ~= ''
if reworded and (redis.call('HGET', KEYS[2], 'etag') or '0') ~= ARGV[5] then return 'changed' end
local untold = ARGV[8] ~= '' and redis.call('SISMEMBER', KEYS[9], ARGV[8]) == 1
if untold ~= (ARGV[9] == '1') then return 'changed' end
-- A removal first: it is allowed in a Redis whose memory is full, and so is what follows it.
redis.call('ZREM', KEYS[3], ARGV[1])
local now = redis.call('TIME')[1]
if reworded then
  if redis.call('SET', KEYS[6], ARGV[7], 'NX') then redis.call('ZADD', KEYS[8], now, ARGV[6]) end
  redis.call('RPUSH', KEYS[7], ARGV[1])
  redis.call('HSET', KEYS[1], 'notice', ARGV[6])
end
redis.call('HSET', KEYS[1], 'state', 'in_data')
if untold and ARGV[10] == '1' then
  redis.call('SREM', KEYS[9], ARGV[8])
  redis.call('HSET', KEYS[1], 'first', '1') -- should it not arrive, its person knows nothing yet
end
redis.call('ZADD', KEYS[3], tonumber(now) + tonumber(ARGV[4]), ARGV[1])
return 'ok'
